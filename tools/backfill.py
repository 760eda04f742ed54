"""Load a backlog of files, or work a stretch of time anew, in bounded steps; or say what that would read and write.

    .venv/bin/python -m tools.backfill --dry-run
    .venv/bin/python -m tools.backfill --max-rows 5000000
    .venv/bin/python -m tools.backfill --from 2025-10-01T00:00:00Z --until 2025-10-08T00:00:00Z [--dry-run]

Without a stretch of time: the files of the clickstream that no load has read, the oldest first, a load at a time that reads at
most --max-rows rows (whole files, at least one). Only the last load is checked and published. With one: the devices with an
event in it are worked on anew, from bronze on, if they have no more than --max-rows events. The store is the DuckDB file that
FEATURE_STORE_DB names, the raw folder is --raw-dir. docs/increments.md says what a load is.
"""

import argparse
import json
import sys
import time

import duckdb

from tools.dbt_runs import PROJECT_ROOT, dbt_line, run_command, what_broke
from tools.stores import Refused, open_store, store_path

UNPUBLISHED = ["--exclude", "gold.breaker", "ledger", "published", "semantic", "--exclude-resource-type", "test", "unit_test"]
BY_DEVICE = ["silver.session_events", "silver.visits", "silver.sessions", "silver.touchpoints"]
BY_PERSON = ["gold.journeys", "gold.journey_touchpoints", "gold.rule_credits"]
ARRIVED = "select anonymous_id from bronze.landed_clickstream_events where anonymous_id is not null"
IN_THE_STRETCH = "select anonymous_id from bronze.clickstream_events where occurred_at >= ? and occurred_at < ?"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.backfill", description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="begins", metavar="TIME", help="first moment of the stretch (ISO-8601)")
    parser.add_argument("--until", dest="ends", metavar="TIME", help="the moment after it")
    parser.add_argument("--max-rows", type=int, default=5_000_000, help="rows a load may read (default: 5,000,000)")
    parser.add_argument("--raw-dir", default="data/demo/raw")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be read and written")
    chosen = parser.parse_args()
    try:
        if chosen.max_rows < 1 or bool(chosen.begins) != bool(chosen.ends):
            raise Refused("give --max-rows of 1 or more, and both --from and --until or neither")
        (stretch if chosen.begins else backlog)(chosen)
    except (Refused, duckdb.Error) as problem:
        print(f"No backfill: {str(problem).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def backlog(chosen) -> None:
    """Load by load until every file is read."""
    bound = {"load_max_rows": chosen.max_rows}
    while True:
        dbt(chosen, "run", bound, "--select", "unread_files", "landed_clickstream_events")
        with open_store() as connection:
            files, rows, left = connection.execute(
                "select count(*) filter (where is_read), coalesce(sum(row_count) filter (where is_read), 0),"
                " count(*) filter (where not is_read and not is_known) from ledger.current_files"
            ).fetchone()
            if not files:
                print("Every file was read before: there is nothing to load.")
                return
            [reason] = connection.execute("select fresh_reason from ledger.current_load").fetchone()
            if reason:
                print(f"It starts afresh, and makes all rows anew: {reason}.")
            print(f"This load reads {files:,} files with {rows:,} rows; {left:,} files are left for later loads.", flush=True)
            if chosen.dry_run:
                say_what_is_written(connection, ARRIVED, [])
                return
        dbt(chosen, "build", bound, *(UNPUBLISHED if left else []))
        if not left:
            return


def stretch(chosen) -> None:
    """One load that works on the devices of the stretch."""
    times = [chosen.begins, chosen.ends]
    with open_store() as connection:
        events = connection.execute(
            f"select count(*) from bronze.clickstream_events where anonymous_id in ({IN_THE_STRETCH})", times
        ).fetchone()[0]
        print(f"The devices of the stretch have {events:,} events.", flush=True)
        if events > chosen.max_rows:
            raise Refused(f"that is more than --max-rows {chosen.max_rows:,}: take a shorter stretch, or allow more")
        if chosen.dry_run:
            say_what_is_written(connection, IN_THE_STRETCH, times)
            return
    dbt(chosen, "build", {"rework_from": chosen.begins, "rework_until": chosen.ends})


def say_what_is_written(connection, devices, times) -> None:
    """How many rows each table holds of the devices and of the people behind them: those are replaced."""
    print("Rows that are held of the same devices and people now, and written anew:")
    people = f"select person_id from silver.touchpoints where anonymous_id in ({devices})"
    for table, key, found in [(t, "anonymous_id", devices) for t in BY_DEVICE] + [(t, "person_id", people) for t in BY_PERSON]:
        schema, name = table.split(".")
        exists = connection.execute(
            "select count(*) from information_schema.tables where table_schema = ? and table_name = ?", [schema, name]
        ).fetchone()[0]
        rows = connection.execute(f"select count(*) from {table} where {key} in ({found})", times).fetchone()[0] if exists else 0
        print(f"  {table:<26} {rows:>12,}")


def dbt(chosen, command, vars, *arguments) -> None:
    """dbt on the store, with its artifacts beside the store."""
    line = dbt_line(command, *arguments, raw_dir=chosen.raw_dir, target=PROJECT_ROOT / "target")
    line[line.index("--vars") + 1] = json.dumps({"raw_dir": str(chosen.raw_dir), **vars})
    began = time.monotonic()
    run = run_command(line, PROJECT_ROOT, FEATURE_STORE_DB=str(store_path()))
    if run.returncode:
        raise Refused(what_broke(run.stdout))
    if command == "build":
        print(f"  done in {time.monotonic() - began:,.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
