"""What the tests share: the small demo world, one golden build of it, and tiny raw worlds with builds of their own.

A dbt process costs seconds before its first model, so builds share one parse of the project (dbt_server.py) and tests share
builds. `golden_build` is made once for the whole run, whatever the number of workers. Scenarios of one file belong in one raw
world (told apart by their ids) and one module-scoped fixture that calls `write_raw` and `dbt_build`; both can be asked for at
any scope.
"""

import csv
import fcntl
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# dbt's own entry point, without Python's search for cyclic garbage: a tenth of a run that ends before memory is short.
DBT = [sys.executable, "-P", "-c", "import gc; gc.disable(); from dbt.cli.main import cli; cli()"]
DB_NAME = "feature_store.duckdb"  # the stem is the name of DuckDB's catalog, so copies keep it
DBT_SECONDS = 900
PARSED_VARS = {"breaker_alarm"}  # vars that configurations follow
TESTS_OWN = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "DBT_USE_COLORS": "False", "FEATURE_STORE_COMMENTS": "False"}

# For tests of the tables themselves: a build without dbt's tests, and without what judges and publishes the tables.
TABLES_ALONE = [
    "--exclude-resource-type", "test", "unit_test", "--exclude", "silver.arrivals", "silver.levels", "gold.levels",
    "gold.breaker", "gold.registry", "ledger", "published", "semantic", "order_rows", "silver.finance", "gold.finance", "booking_lines",
]  # fmt: skip

# The files that build most, the longest first: the workers of `make test` take files in this order, so that they end together.
# The golden build comes second (test_manifest asks for it), so that one worker makes it while the other does not need it yet.
LONGEST_FIRST = [
    "test_publishing", "test_manifest", "test_examples", "test_contract_silver", "test_user_errors", "test_contract_formats",
    "test_contract_bronze", "test_contract_attribution", "test_contract_context", "test_identity", "test_credit_evaluation",
]  # fmt: skip

# The columns an empty table still needs (the required tables of the data contract).
REQUIRED_COLUMNS = {
    "raw.clickstream_events": ["event_id", "event_ts", "event_name", "anonymous_id"],
    "crm.orders": ["order_id", "ordered_at", "updated_at", "status", "revenue", "currency"],
}


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: minutes of builds that `make soak` runs and `make test` does not")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST_FIRST.index(item.path.stem) if item.path.stem in LONGEST_FIRST else len(LONGEST_FIRST))


@dataclass(frozen=True)
class Build:
    """A finished run of dbt: how it ended, what it printed, and the DuckDB file it left; artifacts where asked for."""

    exit_code: int
    output: str
    db: Path
    target: Path

    @cached_property
    def manifest(self):
        return json.loads((self.target / "manifest.json").read_text())

    @cached_property
    def run_results(self):
        return json.loads((self.target / "run_results.json").read_text())

    def finished(self):
        """Whether every model was tried and none broke; tests may have failed."""
        return (self.target / "run_results.json").exists() and not any(
            result["status"] in ("error", "skipped") and result["unique_id"].startswith(("model.", "seed."))
            for result in self.run_results["results"]
        )

    def not_passed(self):
        """Nodes that failed, broke or were skipped, with dbt's message, by unique_id."""
        return {
            result["unique_id"]: result["message"]
            for result in self.run_results["results"]
            if result["status"] not in ("success", "pass", "warn", "no-op")
        }

    @contextmanager
    def connect(self):
        """A read-only connection in UTC. Any number of processes may hold one while nobody writes."""
        with duckdb.connect(str(self.db), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def rows(self, sql, parameters=None):
        """The rows of a query as dicts."""
        with self.connect() as connection:
            result = connection.execute(sql, parameters)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row)) for row in result.fetchall()]

    def copy_db(self, folder):
        """A copy of the database to go on building in: `dbt_build(raw_dir, db=golden_build.copy_db(tmp_path))`."""
        return Path(shutil.copy(self.db, folder))


@contextmanager
def locked(path):
    """One process at a time; the workers of a parallel run wait here for the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def dbt_process(
    raw_dir, db, vars=None, select=None, flags=(), env=None, project=PROJECT_ROOT, command=("build",), artifacts=False
):
    """What subprocess needs to run dbt with its target folder beside the database.

    There are no artifacts for nobody to read, and no log of everything: both take seconds of each run.
    """
    target = db.parent / "target"
    arguments = ["--profiles-dir", "profiles", "--target-path", target, "--log-path", target, "--log-level-file", "none"]
    arguments += ["--write-json" if artifacts else "--no-write-json"]
    arguments += ["--vars", json.dumps({"raw_dir": str(raw_dir), **(vars or {})})]
    if select:
        arguments += ["--select", *([select] if isinstance(select, str) else select)]
    settings = {"FEATURE_STORE_DB": str(db), **TESTS_OWN, **(env or {})}
    return {
        "args": [str(word) for word in [*DBT, *command, *arguments, *flags]],
        "cwd": project,
        "env": {**os.environ, **settings},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
    }


def run_dbt(raw_dir, db, **options):
    """`dbt build`, or another command of dbt, in a process of its own.

    The parsed project is at hand, unless the run is of another one, is to leave artifacts, or wants what only parsing does.
    """
    process = dbt_process(raw_dir, db, **options)
    own = {"project", "artifacts", *PARSED_VARS} & {*options, *(options.get("vars") or {})}
    if own or process["env"]["FEATURE_STORE_COMMENTS"] == "True":
        run = subprocess.run(**process, timeout=DBT_SECONDS)
        return Build(run.returncode, run.stdout, db, db.parent / "target")
    output = db.parent / "dbt.out"
    request = {"arguments": process["args"][len(DBT) :], "environment": process["env"], "output": str(output)}
    exit_code = parsed_dbt().answer(request)
    return Build(exit_code, output.read_text(), db, db.parent / "target")


class ParsedDbt:
    """dbt_server.py, which parses the project when it starts."""

    def __init__(self):
        self._scratch = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("dbt_server.py"), str(DBT_SECONDS), self._scratch.name],
            cwd=PROJECT_ROOT,
            env={**os.environ, **TESTS_OWN, "FEATURE_STORE_DB": str(Path(self._scratch.name) / DB_NAME)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def answer(self, request):
        """The exit code of a run."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._read())

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("dbt could not parse the project, or ended in the middle of it: see above")
        return line


@cache
def parsed_dbt():
    return ParsedDbt()


@pytest.fixture(scope="session")
def project_root():
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def small_world():
    """The raw folder of the small demo world in data/small, made when absent or older than its generator."""
    folder = PROJECT_ROOT / "data" / "small"
    finished = folder / "world.json"
    newest_source = max(path.stat().st_mtime for path in (PROJECT_ROOT / "tools" / "demo").rglob("*.py"))
    with locked(folder.with_name(".small.lock")):
        if not finished.exists() or finished.stat().st_mtime < newest_source:
            command = [sys.executable, "-m", "tools.demo", "--size", "small", "--out", str(folder)]
            subprocess.run(command, cwd=PROJECT_ROOT, check=True, timeout=DBT_SECONDS)
    return folder / "raw"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """One temporary folder for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def golden_build(small_world, shared_folder):
    """The whole project built once on the small demo world, with every dbt test. Read it, never write to it.

    A failing dbt test does not stop the tests that read the tables; a broken model does.
    """
    folder = shared_folder / "golden"
    ended = folder / "ended.json"
    with locked(shared_folder / "golden.lock"):
        if not ended.exists():
            folder.mkdir()
            build = run_dbt(small_world, folder / DB_NAME, artifacts=True, env={"FEATURE_STORE_COMMENTS": "True"})
            ended.write_text(json.dumps([build.exit_code, build.output]))
    build = Build(*json.loads(ended.read_text()), folder / DB_NAME, folder / "target")
    if not build.finished():
        pytest.fail("the golden build broke:\n" + "\n".join(build.output.splitlines()[-40:]), pytrace=False)
    return build


@pytest.fixture
def golden_db(golden_build):
    """A read-only connection to the golden build."""
    with golden_build.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def dbt_build(tmp_path_factory):
    """Build from a raw folder: `dbt_build(raw_dir, vars={…}, select=[…], flags=[…], env={…})` gives a Build.

    Every call gets a database of its own, unless `db` says to go on in the one of an earlier Build. `project` is another
    dbt project, with its own profiles folder. `artifacts=True` is for tests that read the manifest or the run's results.
    """

    def build(raw_dir, db=None, **options):
        return run_dbt(raw_dir, db or tmp_path_factory.mktemp("build") / DB_NAME, **options)

    return build


@pytest.fixture(scope="session")
def write_raw():
    """Write tiny raw tables: `write_raw(folder, {"raw.clickstream_events": [{…}, …], …}, format="csv")` gives `folder`.

    A row is a dict; columns it leaves out are null. No rows at all make an empty table. Formats: parquet, csv, csv.gz,
    json, jsonl. "raw.clickstream_events/part-1" writes one file of a folder.
    """

    def write(folder, tables, format="parquet"):
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row)) or REQUIRED_COLUMNS[name]
            path = Path(folder, f"{name.replace('.', '/', 1)}.{format}")
            path.parent.mkdir(parents=True, exist_ok=True)
            WRITERS[format](path, columns, rows)
        return Path(folder)

    return write


def write_parquet(path, columns, rows):
    arrays = [pyarrow.array([row.get(column) for row in rows]) for column in columns]
    arrays = [array.cast(pyarrow.string()) if pyarrow.types.is_null(array.type) else array for array in arrays]
    pyarrow.parquet.write_table(pyarrow.table(arrays, names=columns), path)


def write_csv(path, columns, rows):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=columns)
        writer.writeheader()
        writer.writerows(rows)


def write_json_lines(path, columns, rows):
    path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))


WRITERS = {
    "parquet": write_parquet,
    "csv": write_csv,
    "csv.gz": write_csv,
    "json": write_json_lines,
    "jsonl": write_json_lines,
}
