"""dbt in a process of its own, for the programs that build stores: evaluation, drill, pr_check and bench.

A run gets a database and artifacts of its own. `target` keeps the parsed project, so runs that share it start faster.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DB_NAME = "feature_store.duckdb"  # the stem is the name of DuckDB's catalog, so copies keep it
WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test")
SECONDS = 3_600
QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "DBT_USE_COLORS": "False", "NO_COLOR": "1"}


def run_dbt(
    command: str, *arguments: str, raw_dir: Path, db: Path, target: Path, project: Path = PROJECT_ROOT, **settings: str
) -> subprocess.CompletedProcess:
    """dbt's exit code, and in `stdout` all that it printed. `settings` are environment variables."""
    line = dbt_line(command, *arguments, raw_dir=raw_dir, target=target)
    return run_command(line, project, FEATURE_STORE_DB=str(db), **settings)


def dbt_line(command: str, *arguments: str, raw_dir: Path, target: Path) -> list[str]:
    """The command that runs dbt with artifacts of its own."""
    return [
        str(Path(sys.executable).with_name("dbt")), command, "--profiles-dir", "profiles", "--target-path", str(target),
        "--log-path", str(target / "logs"), "--vars", json.dumps({"raw_dir": str(raw_dir)}), *arguments,
    ]  # fmt: skip


def run_command(line: list[str], folder: Path, **settings: str) -> subprocess.CompletedProcess:
    """Any command in a folder. One that takes too long is ended, and says so with exit code 124, as `timeout` does."""
    try:
        return subprocess.run(
            line,
            cwd=folder,
            env={**os.environ, **QUIET, **settings},
            timeout=SECONDS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(line, 124, f"Error: it took longer than {SECONDS // 60} minutes and was ended\n")


def what_broke(output: str) -> str:
    """The line of dbt's output that says what broke."""
    plain = [re.sub(r"^\d\d:\d\d:\d\d\s+", "", line).strip() for line in output.splitlines()]
    after = [later for line, later in zip(plain, plain[1:]) if re.search(r"(Compilation|Runtime) Error|Failure in", line)]
    return next((line for line in after if line), plain[-1] if plain else "dbt said nothing")
