"""dbt, sqlfluff and the demo world in processes of their own, each with its own artifacts and database."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools.dbt_runs import DB_NAME, run_command, run_dbt
from tools.pr_check.problem import Problem

COUNTED = ("seed", "model", "test", "unit_test")
BROKEN = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class Store:
    """A project, the folder of its DuckDB file and artifacts, and the raw files it reads."""

    project: Path
    folder: Path
    raw_dir: Path
    packages: Path

    @property
    def db(self) -> Path:
        return self.folder / DB_NAME

    @property
    def target(self) -> Path:
        return self.folder / "target"

    def manifest(self) -> dict:
        return read_manifest(self.target / "manifest.json")

    def dbt(self, command: str, *arguments: str) -> subprocess.CompletedProcess:
        self.folder.mkdir(parents=True, exist_ok=True)
        _tool("dbt")
        return run_dbt(
            command, *arguments, raw_dir=self.raw_dir, db=self.db, target=self.target, project=self.project,
            DBT_PACKAGES_INSTALL_PATH=str(self.packages),
        )  # fmt: skip


@dataclass(frozen=True)
class Built:
    """How a build ended: what broke, with dbt's message, and how many nodes there were of each kind."""

    broken: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def read_manifest(path: Path) -> dict:
    return json.loads(path.read_text())


def write_manifest(path: Path, manifest: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest))


def parse(store: Store) -> str:
    """Why the project does not parse; empty when it does."""
    run = store.dbt("parse")
    return "" if run.returncode == 0 else reason(run.stdout)


def list_nodes(store: Store, selection: list[str], state: Path) -> list[str]:
    """unique_ids that a selection names."""
    run = store.dbt(
        "ls", "--quiet", "--state", str(state), "--output", "json", "--output-keys", "unique_id", "--select", *selection
    )
    if run.returncode:
        raise Problem(f"dbt cannot compare with the base: {reason(run.stdout)}")
    return [json.loads(line)["unique_id"] for line in run.stdout.splitlines() if line.startswith("{")]


def build(store: Store, *arguments: str) -> Built:
    """Build, and say what broke."""
    return _run_nodes(store, "build", *arguments)


def test(store: Store, *arguments: str) -> Built:
    """Run data tests and unit tests, and say which do not hold."""
    return _run_nodes(store, "test", *arguments)


def _run_nodes(store: Store, command: str, *arguments: str) -> Built:
    """Raises Problem when dbt did not get as far as the first node."""
    results = store.target / "run_results.json"
    results.unlink(missing_ok=True)
    run = store.dbt(command, *arguments)
    if not results.exists():
        if "Nothing to do" in run.stdout:
            return Built()
        raise Problem(f"dbt {command} did not start: {reason(run.stdout)}")
    ended = json.loads(results.read_text())["results"]
    broken = {result["unique_id"]: one_line(result["message"]) for result in ended if result["status"] in BROKEN}
    if run.returncode and not broken:
        broken = {"operation.project.hook": reason(run.stdout)}
    counts: dict[str, int] = {}
    for result in ended:
        kind = result["unique_id"].split(".")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return Built(broken, counts)


def lint(store: Store, files: list[str]) -> list[str]:
    """What sqlfluff finds in the files, one line each."""
    run = run_command(
        [str(_tool("sqlfluff")), "lint", "--format", "json", "--disable-progress-bar", *files], store.project,
        FEATURE_STORE_DB=":memory:", DBT_TARGET_PATH=str(store.target), DBT_LOG_PATH=str(store.target / "logs"),
        DBT_PACKAGES_INSTALL_PATH=str(store.packages),
    )  # fmt: skip
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("[{")]
    if not found:
        return [] if run.returncode == 0 else [f"sqlfluff did not run: {reason(run.stdout)}"]
    return [
        f"{file['filepath']}, line {violation['start_line_no']}: {violation['description']} ({violation['code']})"
        for file in found[-1]
        for violation in file["violations"]
    ]


def make_demo_world(project: Path, folder: Path) -> Path:
    """The small demo world, made by the head's generator; the raw folder."""
    run = run_command([sys.executable, "-m", "tools.demo", "--size", "small", "--out", str(folder)], project)
    if run.returncode:
        raise Problem(f"the demo world cannot be made: {reason(run.stdout)}")
    return folder / "raw"


def reason(output: str) -> str:
    """The lines of an output that say what broke, as one."""
    lines = [re.sub(r"^\d\d:\d\d:\d\d +", "", line).strip() for line in output.splitlines()]
    lines = [line for line in lines if line] or ["no message"]
    first = next((number for number, line in enumerate(lines) if re.search(r"Error|error:", line)), len(lines) - 1)
    return one_line(" ".join(lines[first : first + 4]))


def one_line(message: str | None) -> str:
    return re.sub(r"\s+", " ", message or "no message").strip()[:300]


def _tool(name: str) -> Path:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise Problem(f"this Python has no {name} beside it: use .venv/bin/python (make test sets it up)")
    return path
