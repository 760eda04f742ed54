"""One dbt build of a world, in a process of its own with its own database and artifacts."""

from pathlib import Path

import duckdb

from tools.dbt_runs import DB_NAME, PROJECT_ROOT, WITHOUT_TESTS, run_dbt, what_broke


class BuildError(Exception):
    """A build that broke: one line that says where."""


def build(raw_dir: Path, folder: Path, tables: tuple[str, ...], threads: int = 1, project: Path = PROJECT_ROOT) -> Path:
    """Build `tables` and what they need from `raw_dir`; returns the DuckDB file. Tables that do not exist are left out.

    `folder` keeps dbt's parsed project between builds, so worlds built one after the other share it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DB_NAME).unlink(missing_ok=True)
    return rebuild(raw_dir, folder, tuple(f"+{table}" for table in tables), threads, project)


def rebuild(
    raw_dir: Path, folder: Path, selection: tuple[str, ...], threads: int = 1, project: Path = PROJECT_ROOT
) -> Path:
    """Build what dbt's `selection` names in the DuckDB file that `folder` holds already; returns the file."""
    db = folder / DB_NAME
    run = run_dbt(
        "build", *WITHOUT_TESTS, "--select", *selection, raw_dir=raw_dir, db=db, target=folder / "target", project=project,
        FEATURE_STORE_THREADS=str(threads),
    )  # fmt: skip
    if run.returncode:
        raise BuildError(what_broke(run.stdout))
    return db


def tables_of(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Tables in reach of the connection as schema.table, with their columns."""
    found: dict[str, set[str]] = {}
    rows = connection.execute("select schema_name, table_name, column_name from duckdb_columns() where not internal")
    for schema, table, column in rows.fetchall():
        found.setdefault(f"{schema}.{table}", set()).add(column)
    return found
