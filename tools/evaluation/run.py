"""From seeds to scores: make a world, build it, score it, delete it. One file of counts per world and seed."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import duckdb

from tools.evaluation.scores import Connection, discrepancy, losses, outages, rows_of, sessions, spend, stock
from tools.evaluation.shop.world import make_shop
from tools.evaluation.spend.world import make_spend
from tools.evaluation.store import PROJECT_ROOT, BuildError, build, tables_of

SHOP_SCORES = {"stock": stock, "outages": outages, "discrepancy": discrepancy, "losses": losses, "sessions": sessions}
SHOP_TABLES = ("touchpoints", "session_events", "sessions", "outages", "system_health_hourly", "traffic_summary",
               "campaign_discrepancy", "tracking_loss_daily")  # fmt: skip
SPEND_TABLES = ("spend_anomalies",)
WORLDS = ("shop", "spend")

# What the counts depend on. Other code may change without a world having to be built again.
JUDGED = ("models", "macros", "seeds", "python_models", "dbt_project.yml", "tools/demo/ids.py", "tools/demo/schemas.py",
          "tools/evaluation/draw.py", "tools/evaluation/files.py", "tools/evaluation/store.py", "tools/evaluation/shop", "tools/evaluation/spend",
          "tools/evaluation/scores")  # fmt: skip


def fingerprint(judged: tuple[str, ...] = JUDGED) -> str:
    """Short hash of everything that the counts depend on: files and folders of the project."""
    digest = hashlib.sha256()
    for name in judged:
        path = PROJECT_ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix in {".sql", ".csv", ".yml", ".py"}:
                digest.update(str(file.relative_to(PROJECT_ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def result_file(out: Path, world: str, seed: int) -> Path:
    """Where the counts of one world are kept."""
    return out / f"{world}-{seed}.json"


def read_result(file: Path, mark: str) -> dict | None:
    """Counts of an earlier run, if they were made by the same code."""
    try:
        result = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return result if result.get("fingerprint") == mark else None


def run_all(tasks: list[tuple[str, int]], out: Path, work: Path, jobs: int, mark: str) -> Iterator[None]:
    """Run every (world, seed) whose counts are not there yet; yields after each. The first that breaks ends the run."""
    missing = [task for task in tasks if read_result(result_file(out, *task), mark) is None]
    for _ in range(len(tasks) - len(missing)):
        yield
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        for done in as_completed([pool.submit(run_one, *task, out, work, mark) for task in missing]):
            done.result()
            yield
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_one(world: str, seed: int, out: Path, work: Path, mark: str) -> None:
    """Make, build and score one world; its counts appear all at once."""
    folder = work / f"worker-{os.getpid()}-{world}"
    started = time.monotonic()
    try:
        scores = run_shop(seed, folder) if world == "shop" else run_spend(seed, folder)
    except BuildError as error:
        raise BuildError(f"{world} world of seed {seed}: {error}") from None
    result = {"world": world, "seed": seed, "fingerprint": mark, "seconds": time.monotonic() - started} | scores
    file = result_file(out, world, seed)
    half = file.with_suffix(".half")
    half.write_text(json.dumps(result, indent=1, default=str) + "\n")
    half.replace(file)


def run_shop(seed: int, folder: Path) -> dict:
    """Scores of one shop world, and what its picture needs."""
    size = make_shop(seed, _fresh(folder))
    with opened(build(folder / "world" / "raw", folder, SHOP_TABLES), folder / "world" / "truth") as connection:
        there = tables_of(connection)
        scores = {name: module.score(connection) if has(there, module.NEEDS) else None
                  for name, module in SHOP_SCORES.items()}  # fmt: skip
        picture = timeline(connection) if scores["outages"] else None
    return {"size": size, "scores": scores, "timeline": picture}


def run_spend(seed: int, folder: Path) -> dict:
    """Scores of one spend world and of its twin without anomalies."""
    scores = {}
    for name, faults in (("spend", True), ("twin", False)):
        size = make_spend(seed, _fresh(folder), faults)
        with opened(build(folder / "world" / "raw", folder, SPEND_TABLES), folder / "world" / "truth") as connection:
            is_there = has(tables_of(connection), spend.NEEDS)
            scores[name] = spend.score(connection) if is_there else None
    return {"size": size, "scores": scores}


def has(tables: dict[str, set[str]], needs: dict[str, set[str]]) -> bool:
    """Whether the store has the tables and columns that a score reads."""
    return all(columns <= tables.get(table, set()) for table, columns in needs.items())


def timeline(connection: Connection) -> dict:
    """Hours, promotions, outages and alarms of one world, for its picture."""
    hours = rows_of(connection, "select purchases from truth.hours order by hour_at")
    first = rows_of(connection, "select strftime(min(hour_at) at time zone 'UTC', '%Y-%m-%dT%H:%M') as at "
                    "from truth.hours")  # fmt: skip
    alarms = "select started_at, ended_at, step, is_alarm from silver.outages where scope = 'all' order by started_at"
    planted = """select started_at at time zone 'UTC' as started_at, ended_at at time zone 'UTC' as ended_at, kind
        from truth.outages order by started_at"""
    promotions = "select starts_at as started_at, ends_at as ended_at, tier from bronze.promo_calendar order by 1"
    return {
        "first_hour_at": first[0]["at"],
        "purchases": [row["purchases"] for row in hours],
        "outages": rows_of(connection, planted),
        "alarms": rows_of(connection, alarms),
        "promotions": rows_of(connection, promotions),
    }


@contextmanager
def opened(db: Path, truth: Path):
    """A connection to the store, in UTC, with the files of the truth as `truth.<table>`."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{db}' as store (read_only)")
        connection.execute("create schema memory.truth")
        for file in sorted(truth.glob("*.parquet")):
            connection.execute(f"create view memory.truth.{file.stem} as select * from '{file}'")
        for schema in ("bronze", "silver", "gold"):
            connection.execute(f"create schema if not exists memory.{schema}")
        names = connection.execute(
            """select table_schema, table_name from information_schema.tables
            where
                table_catalog = 'store' and table_type = 'BASE TABLE'
                and table_schema in ('bronze', 'silver', 'gold')"""
        ).fetchall()
        for schema, name in names:
            connection.execute(f"create view memory.{schema}.{name} as select * from store.{schema}.{name}")
        yield connection


def _fresh(folder: Path) -> Path:
    """An empty folder for the raw files of the next world."""
    shutil.rmtree(folder / "world", ignore_errors=True)
    return folder / "world"
