"""What the store says of itself after a build: how the build ended, the checks that tripped, and what consumers are served."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from tools.stores import rows_of

# A build that leaves out some of the checks says nothing of the whole.
LAST_BUILD = """
    select build_id, started_at, outcome, failed_nodes, message
    from ledger.build_log where outcome is distinct from 'not_audited' order by started_at desc, build_id desc limit 1
"""
SERVING = "select * from published.serving_status"
CHECKS = """
    select
        check_name as name, observed, baseline, threshold, reason, runbook,
        case severity when 'ticket' then 'ticket' else 'page' end as severity
    from gold.circuit_breaker where status = 'trip'
"""


class StoreError(Exception):
    """The store cannot tell how it is; the text is one line that says why and what to do."""


@dataclass(frozen=True)
class Check:
    """A tripped check of the circuit breaker."""

    name: str
    observed: float | None = None
    baseline: float | None = None
    threshold: float | None = None
    reason: str | None = None
    severity: str = "page"
    runbook: str | None = None


@dataclass(frozen=True)
class Build:
    """The build that began last."""

    build_id: str
    started_at: datetime
    outcome: str | None  # published, tripped or failed; None: running or killed
    failed_nodes: int | None
    message: str | None


@dataclass(frozen=True)
class Serving:
    """What consumers read, and whether the breaker is open."""

    is_open: bool | None  # None: no build has come to its checks yet
    version_id: str | None
    as_of: datetime | None
    staleness_hours: float | None
    tripped: tuple[Check, ...]
    hold_reason: str | None  # why a person holds publishing, if one does


@dataclass(frozen=True)
class Store:
    """Either part is missing when its tables are: `serving` after a first build that failed early, both without any."""

    build: Build | None = None
    serving: Serving | None = None


def read_store(path: Path) -> Store:
    """The store's own words, from a read-only connection. That it can be had also means that no build is running."""
    if not path.is_file():
        raise StoreError(f"there is no feature store at {path} yet: run make build, or name a file with --db")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return Store(read_build(connection), read_serving(connection))
    except duckdb.IOException as problem:
        if "lock" in str(problem):
            raise StoreError(f"{path} is being written: run the alerts when its build has ended") from problem
        raise StoreError(f"{path} cannot be read ({first_line(problem)})") from problem
    except duckdb.Error as problem:
        raise StoreError(f"{path} is not a store these alerts know ({first_line(problem)}): run make build") from problem


def read_build(connection) -> Build | None:
    rows = rows_if_there(connection, LAST_BUILD)
    return Build(**rows[0]) if rows else None


def read_serving(connection) -> Serving | None:
    """The checks' details belong to the last build that came so far; a name without details pages, to be on the safe side."""
    rows = rows_if_there(connection, SERVING)
    if not rows:
        return None
    [status] = rows
    details = {row["name"]: Check(**row) for row in rows_if_there(connection, CHECKS) or []}
    tripped = tuple(details.get(name, Check(name)) for name in sorted(status["tripped_checks"] or []))
    return Serving(
        is_open=status["breaker_state"] == "OPEN" if status["audited_at"] else None,
        version_id=status["serving_version_id"],
        as_of=status["serving_as_of"],
        staleness_hours=status["staleness_hours"],
        tripped=tripped,
        hold_reason=status.get("hold_reason"),
    )


def rows_if_there(connection, query) -> list[dict] | None:
    """The rows as dicts; nothing when the table is not there."""
    try:
        return rows_of(connection, query)
    except duckdb.CatalogException:
        return None


def first_line(problem) -> str:
    return str(problem).splitlines()[0]
