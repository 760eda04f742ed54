"""A store under test: builds in a process of their own, and what consumers see."""

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tools.dbt_runs import WITHOUT_TESTS, run_dbt, what_broke


class DrillError(Exception):
    """What keeps a drill from being one: a line that says what to do."""


@dataclass(frozen=True)
class Build:
    """How a build ended: its exit code, its outcome in the ledger or `stopped` when it ended before an outcome could be
    logged, the trips and warnings with their reasons, the line that says what broke, and how long it took."""

    exit_code: int
    outcome: str
    trips: dict[str, str]
    warnings: dict[str, str]
    message: str
    seconds: float


@dataclass(frozen=True)
class Serving:
    """What consumers see: the state of the breaker, the version they read and how stale it is."""

    breaker_state: str
    version_id: str
    as_of: str
    staleness_hours: float


def build(raw: Path, db: Path, target: Path) -> Build:
    """`dbt build` without dbt's tests. `target` keeps the parsed project between builds."""
    known = set(_builds(db)) if db.exists() else set()
    started = time.monotonic()
    run = run_dbt("build", *WITHOUT_TESTS, raw_dir=raw, db=db, target=target)
    seconds = time.monotonic() - started
    logged = {build_id: outcome for build_id, outcome in _builds(db).items() if build_id not in known}
    build_id, outcome = next(iter(logged.items()), (None, None))
    checks = _rows(
        db, "select check_name, reason, status from ledger.check_log where build_id = ? order by check_name", [build_id]
    )
    said = {status: {name: reason for name, reason, found in checks if found == status} for status in ("trip", "warn")}
    message = "" if run.returncode == 0 else what_broke(run.stdout).replace(f"{raw}/", "")
    return Build(run.returncode, outcome or "stopped", said["trip"], said["warn"], message, seconds)


def published(db: Path) -> dict[str, tuple]:
    """Rows and a hash of their bits of everything published, but for the status, and of the log of versions."""
    names = _rows(
        db,
        "select table_schema || '.' || table_name from information_schema.tables where table_schema = 'published' "
        "and table_name <> 'serving_status' order by 1",
    )
    names = [name for (name,) in names] + ["ledger.version_log"]
    return {name: _rows(db, f"select count(*), sum(hash(content)) from {name} as content")[0] for name in names}


def serving(db: Path) -> Serving:
    """The row of published.serving_status."""
    columns = "breaker_state, serving_version_id, cast(serving_as_of as varchar), staleness_hours"
    return Serving(*_rows(db, f"select {columns} from published.serving_status")[0])


def _builds(db: Path) -> dict[str, str]:
    return dict(_rows(db, "select build_id, outcome from ledger.build_log order by started_at"))


def _rows(db: Path, query: str, parameters: list | None = None) -> list[tuple]:
    with duckdb.connect(str(db), read_only=True) as con:
        return con.execute(query, parameters).fetchall()
