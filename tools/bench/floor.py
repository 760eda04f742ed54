"""The work that any store of this kind must do, in bare DuckDB on the same raw files: what a build is measured against.

Typed columns, retries dropped, sessions, touches joined to conversions within 30 days, one row per journey, and counts of
channels, each written to a table of a database file. No identity beyond the device, no checks, no context.
`python -m tools.bench floor --sizes 1m,10m,100m`.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from tools.bench import results
from tools.bench.build import CORES, DAYS, HOURS, SIZES, fresh, make_world, spill_of
from tools.dbt_runs import DB_NAME

TARGET_RATIO = 4  # a build's tables may take so many times the floor

STEPS = {
    # Retries are the exception: only their keys pay for finding the first delivery.
    "events": """
        with delivered as (select * from read_parquet('{raw}/raw/clickstream_events/*.parquet')),

        retried as (
            select event_id, min(received_at) as first_received_at from delivered group by event_id having count(*) > 1
        )

        select
            delivered.* replace (timezone('UTC', event_ts) as event_ts, timezone('UTC', received_at) as received_at)
        from delivered
        left join retried on delivered.event_id = retried.event_id
        where retried.event_id is null or delivered.received_at = retried.first_received_at
    """,
    "session_events": """
        with parted as (
            select
                event_id, anonymous_id, event_ts, event_name, coalesce(utm_source, referrer, 'direct') as came_from,
                coalesce(event_ts > lag(event_ts) over device + interval 30 minute, true) as starts_session
            from events
            where coalesce(consent, true)
            window device as (partition by anonymous_id order by event_ts, event_id)
        )

        select * exclude (starts_session), sum(starts_session::integer) over (
            partition by anonymous_id order by event_ts, event_id rows unbounded preceding
        )::integer as session_number
        from parted
    """,
    "sessions": """
        select
            anonymous_id, session_number, min(event_ts) as started_at, max(event_ts) as ended_at, count(*) as event_count,
            arg_min(came_from, event_ts) as channel, bool_or(event_name = 'add_to_cart') as has_add_to_cart,
            bool_or(event_name = 'begin_checkout') as has_checkout, bool_or(event_name = 'purchase') as has_transaction
        from session_events
        group by anonymous_id, session_number
    """,
    "conversions": """
        select
            order_id, arg_max(anonymous_id, updated_at) as anonymous_id, timezone('UTC', min(ordered_at)) as converted_at,
            arg_max(revenue, updated_at) as revenue
        from read_parquet('{raw}/crm/orders/*.parquet')
        group by order_id
    """,
    "touches": """
        select
            sessions.anonymous_id, sessions.started_at, sessions.channel,
            case when converted_at < started_at + interval 30 day then order_id end as order_id
        from sessions
        asof left join conversions
            on sessions.anonymous_id = conversions.anonymous_id and sessions.started_at <= conversions.converted_at
    """,
    "journeys": """
        select
            anonymous_id, order_id, min(started_at) as started_at, count(*) as touch_count,
            list(channel order by started_at) as channel_path
        from touches
        group by anonymous_id, order_id
    """,
    "channel_counts": """
        with steps as (
            select order_id is not null as is_converted, channel as to_channel, lag(channel) over (
                partition by anonymous_id, order_id order by started_at
            ) as from_channel
            from touches
        )

        select from_channel, to_channel, is_converted, count(*) as step_count from steps group by all
    """,
}


def run_steps(raw: Path, db: Path, memory: str) -> dict[str, float]:
    """Write the tables; returns the seconds of each."""
    import duckdb  # not in the process that measures this one

    seconds = {}
    with duckdb.connect(str(db)) as con:
        con.execute(f"set TimeZone = 'UTC'; set threads = {CORES}; set memory_limit = '{memory}'")
        for table, query in STEPS.items():
            began = time.perf_counter()
            con.execute(f"create table {table} as {query.format(raw=raw)}")
            seconds[table] = time.perf_counter() - began
    return seconds


def measure(size: str, memory: str) -> dict:
    """One row: the steps at that size, and how many times longer the tables of the store took, where that is known."""
    raw, db = make_world(size), fresh(f"floor-{size}") / DB_NAME
    with spill_of(db) as spill:
        run = results.run(
            results.python("-m", "tools.bench.floor", "--steps-of", str(raw), "--db", str(db), "--memory", memory),
            timeout=HOURS * 3_600,
        )  # fmt: skip
    if run.exit_code != 0:
        raise RuntimeError(f"floor of {size}: {results.reason(run)}")
    seconds = json.loads(run.output)
    built = (results.load("build") or {"rows": []})["rows"]
    tables = [row for row in built if row["events"] == SIZES[size] and row["phase"] == "tables"]
    return {
        "events": SIZES[size],
        "wall_seconds": run.wall_seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_rss_mb": run.peak_rss_mb,
        "spill_mb": spill["mb"],
        "db_mb": db.stat().st_size / 2**20,
        "step_seconds": seconds,
        "build_ratio": tables[0]["wall_seconds"] / run.wall_seconds if tables else None,
        "build_ratio_cpu": tables[0]["cpu_seconds"] / run.cpu_seconds if tables else None,
    }


def main(argv: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench floor", description="Measure the work below a build.")
    parser.add_argument("--sizes", default="1m,10m,100m", help=f"some of {', '.join(SIZES)}")
    parser.add_argument("--memory", default="8GB", help="that DuckDB may use")
    parser.add_argument("--steps-of", type=Path, help=argparse.SUPPRESS)  # this program, in the process that is measured
    parser.add_argument("--db", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.steps_of:
        print(json.dumps(run_steps(arguments.steps_of, arguments.db, arguments.memory)))
        return 0
    sizes, rows = arguments.sizes.split(","), []
    unknown = [size for size in sizes if size not in SIZES]
    if unknown:
        parser.error(f"no size is called {unknown[0]!r}; there are {', '.join(SIZES)}")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    for size in sizes:
        row = measure(size, arguments.memory)
        rows.append(row)
        ratio = f", the store's tables took {row['build_ratio']:.1f} times that" if row["build_ratio"] else ""
        print(f"{size}: {row['wall_seconds']:.1f} s, {row['cpu_seconds']:.1f} CPU-s{ratio}", flush=True)
        settings = {"cores": CORES, "memory": arguments.memory, "days": DAYS, "target": TARGET_RATIO}
        results.save("floor", rows, settings, key=("events",))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
