"""A world at scale: raw tables in the contract's layout, written by DuckDB a day at a time, the same for the same seed.

`python -m tools.bench.world --events 10000000 --days 370 --out data/bench/world-10m`. What happens in time is a folder with a file
per day, named by it, so that a world up to some day is a matter of leaving files out; what does not is one file.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tools.bench.world_tables import (
    AGENTS, FIRST_DATE, KEPT, LIFE, MACROS, OF_DAYS, OF_VISITS, OUTAGE_DAY, OUTAGE_HOURS, RETURN, SLOTS, STREAMS, VERSIONS,
    VIEWED, VISITS, WHOLE,
)  # fmt: skip

EVENTS_PER_VISIT = 4.36  # measured; turns a size in events into visits
VISITS_PER_DEVICE = 2.0  # those never seen included: geometric with mean 3 among those seen
PEOPLE_PER_DEVICE = 0.8
WEEK = (1.05, 1.0, 0.97, 0.97, 1.0, 1.06, 1.1)
PROMOTIONS = {314: 1.6, 331: 1.7, 332: 1.5}  # days of major promotions and how much busier they are


def make_world(
    events: int, days: int, out: Path, seed: int = 11, memory: str = "4GB", progress: Callable[[str], None] = print
) -> int:
    """Write about `events` raw events of `days` days below `out`/raw; returns how many there are."""
    shutil.rmtree(out / "raw", ignore_errors=True)
    started, written = time.monotonic(), 0
    with duckdb.connect() as con:
        con.execute(f"set TimeZone = 'UTC'; set memory_limit = '{memory}'; set enable_progress_bar = false")
        world = _settings(events, days, seed)
        _prepare(con, world)
        for day in range(days):
            world |= {"day": day, "visits": round(world["visits_a_day"] * busyness(day))}
            con.execute(VISITS.format(**world))
            con.execute(KEPT.format(**world))
            for table, query in OF_VISITS.items():
                rows = _write(con, query, out, table, day_name(day))
                written += rows * (table == "raw.clickstream_events")
            if (day + 1) % 30 == 0 or day + 1 == days:
                progress(f"{day_name(day)}: {written:,} events in {time.monotonic() - started:.0f} s")
        con.execute(VERSIONS.format(**world))
        for day in range(days):
            people = world["people"]
            first = (LIFE + RETURN + day) * people
            world |= {"day": day, "first_person": first if day else 0, "past_person": first + people}
            for table, query in OF_DAYS.items():
                _write(con, query.format(**world), out, table, day_name(day))
        for table, query in WHOLE.items():
            _write(con, query.format(**world), out, table)
    return written


def day_name(day: int) -> str:
    """The date of a day of the world, which names its files."""
    return str(date.fromisoformat(FIRST_DATE) + timedelta(days=day))


def busyness(day: int) -> float:
    """Visits of a day relative to a usual one."""
    return WEEK[day % 7] * PROMOTIONS.get(day, 1.0)


def _settings(events: int, days: int, seed: int) -> dict:
    """What the queries of a world are filled in with."""
    visits = events / EVENTS_PER_VISIT / sum(map(busyness, range(days)))
    devices = max(1, round(visits / VISITS_PER_DEVICE))
    first_hour = OUTAGE_DAY * 24 + OUTAGE_HOURS[0]
    return {
        "seed": seed, "days": days, "visits_a_day": visits, "devices": devices, "life": LIFE, "again": RETURN,
        "people": int(devices * PEOPLE_PER_DEVICE) + 1, "skus": round(min(120, max(24, 20 * (events / 1e6) ** 0.5))),
        "viewed": VIEWED, "outage_day": OUTAGE_DAY, "outage_first": first_hour,
        "outage_last": first_hour + OUTAGE_HOURS[1] - OUTAGE_HOURS[0] - 1, "outage_start": OUTAGE_HOURS[0],
        "outage_end": OUTAGE_HOURS[1],
    }  # fmt: skip


def _prepare(con: duckdb.DuckDBPyConnection, world: dict) -> None:
    """Macros, the tables of sources, and empty tables for what is kept of the visits."""
    con.execute(MACROS)
    con.execute(
        "create table streams (stream integer, channel varchar, platform varchar, prefix varchar, source varchar, "
        "medium varchar, referrer varchar, click_id varchar, campaigns integer, share integer, conversion_factor double)"
    )
    con.executemany(f"insert into streams values ({', '.join('?' * 11)})", [(n, *row) for n, row in enumerate(STREAMS)])
    con.execute("create table agents (agent integer, user_agent varchar, os varchar, device_type varchar, share integer)")
    con.executemany("insert into agents values (?, ?, ?, ?, ?)", [(n, *row) for n, row in enumerate(AGENTS)])
    con.execute(SLOTS.format(**world))
    con.execute(
        "create table orders (day bigint, key ubigint, person bigint, cookie ubigint, customer_id varchar, currency varchar, "
        "revenue double, sku bigint, second_sku bigint, quantity bigint, ordered_ms bigint);"
        "create table ad_visits (day bigint, campaign_id varchar, ad integer, visits bigint, buys bigint, revenue double)"
    )


def _write(con: duckdb.DuckDBPyConnection, query: str, out: Path, table: str, name: str | None = None) -> int:
    """Write a raw table, or its file of that name; returns its rows."""
    path = out / "raw" / table.replace(".", "/")
    path = path / f"{name}.parquet" if name else path.with_suffix(".parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    return con.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)").fetchone()[0]


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.world", description="Write raw tables at scale.")
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many raw events")
    parser.add_argument("--days", type=int, default=370, help="from 2025-01-01 on")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="files go below FOLDER/raw")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--memory", default="4GB", help="DuckDB's memory")
    arguments = parser.parse_args(argv)
    try:
        make_world(arguments.events, arguments.days, arguments.out, arguments.seed, arguments.memory)
    except (duckdb.Error, OSError) as error:
        print(f"bench world: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
