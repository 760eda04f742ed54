"""The feature store of this environment, opened to read."""

import os
from pathlib import Path

import duckdb

from tools.dbt_runs import PROJECT_ROOT


class Refused(Exception):
    """What stands in the way, in one line."""


def store_path() -> Path:
    """The DuckDB file that FEATURE_STORE_DB names."""
    return PROJECT_ROOT / os.environ.get("FEATURE_STORE_DB", "data/feature_store.duckdb")


def open_store() -> duckdb.DuckDBPyConnection:
    """A read-only connection in UTC, in which a time with an offset becomes one without."""
    path = store_path()
    if not path.exists():
        raise Refused(f"there is no feature store at {path} yet: run make build, or set FEATURE_STORE_DB")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as problem:
        if "Could not set lock" in str(problem):
            raise Refused(f"{path} is being written: ask again when the build has ended") from None
        raise Refused(str(problem).splitlines()[0]) from None
    connection.execute("set TimeZone = 'UTC'")
    return connection


def rows_of(connection, query: str, parameters=None) -> list[dict]:
    """The rows of a query as dicts."""
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
