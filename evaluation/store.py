"""One dbt build of a world, in a process of its own with its own database and artifacts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DBT_SECONDS = 1_800
DB_NAME = "feature_store.duckdb"


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
    target = folder / "target"
    command = [
        str(Path(sys.executable).with_name("dbt")), "build", "--profiles-dir", "profiles", "--target-path", str(target),
        "--log-path", str(target / "logs"), "--vars", json.dumps({"raw_dir": str(raw_dir)}),
        "--exclude-resource-type", "test", "unit_test", "--select", *selection,
    ]  # fmt: skip
    settings = {
        "FEATURE_STORE_DB": str(db),
        "FEATURE_STORE_THREADS": str(threads),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        "DBT_USE_COLORS": "False",
    }
    run = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, **settings},
        timeout=DBT_SECONDS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode:
        raise BuildError(_reason(run.stdout))
    return db


def _reason(output: str) -> str:
    """The line of dbt's output that says what broke."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["dbt said nothing"]
    first = next((number for number, line in enumerate(lines) if "Error" in line), len(lines) - 1)
    return " ".join(lines[first : first + 3])[:300]


def tables_of(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Tables in reach of the connection as schema.table, with their columns."""
    found: dict[str, set[str]] = {}
    rows = connection.execute("select schema_name, table_name, column_name from duckdb_columns() where not internal")
    for schema, table, column in rows.fetchall():
        found.setdefault(f"{schema}.{table}", set()).add(column)
    return found
