"""The steps of the check, one after the other."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tools.dbt_runs import DB_NAME, WITHOUT_TESTS
from tools.pr_check import dbt, rows, scope
from tools.pr_check.contracts import contracts_of, model_changes, own_nodes, source_changes
from tools.pr_check.git import Change, copy_base, find_change
from tools.pr_check.problem import Problem
from tools.pr_check.result import Result, count

PROJECT = Path(__file__).resolve().parents[2]
LINTED = ("models/", "tests/", "analyses/")
LAYER = "gold"
STEPS = 8


class Progress:
    """One line per step: which of how many, what, and how long it took."""

    def __init__(self) -> None:
        self._number = 0

    def step(self, what: str, act: Callable, *arguments):
        self._begin(f"{what} … ")
        began = time.monotonic()
        try:
            return act(*arguments)
        finally:
            print(f"{time.monotonic() - began:.1f} s", flush=True)

    def skip(self, what: str) -> None:
        self._begin(f"{what}\n")

    def _begin(self, text: str) -> None:
        self._number += 1
        print(f"[{self._number}/{STEPS}] {text}", end="", flush=True)


def check(base: str, out: Path, scratch: Path, raw_dir: Path | None) -> Result:
    """Compare the working tree with the base. Raises Problem when a step cannot be taken.

    Both stores stay in `out` to be looked into; the base's is used again as long as the base and its raw files are the same.
    """
    change = find_change(PROJECT, base)
    packages = Path(PROJECT, os.environ.get("DBT_PACKAGES_INSTALL_PATH", "dbt_packages")).resolve()
    if not packages.is_dir():
        raise Problem("dbt's packages are not installed: run .venv/bin/python tools/setup_packages.py")
    result = Result(base, change.commit, len(change.files) + len(change.deleted))
    result.data = str(raw_dir) if raw_dir else result.data
    progress = Progress()
    raw = raw_dir or out / "world" / "raw"
    new = dbt.Store(PROJECT, out / "head", raw, packages)
    old = dbt.Store(scratch / "project", scratch / "base", raw, packages)
    copy_base(PROJECT, change.commit, old.project)
    kept = Kept(out / "base", f"{change.commit} {raw} {fingerprint(raw_dir)}")

    parse_base(old, kept, progress)
    result.parse = progress.step("parse the working tree", dbt.parse, new)
    if result.parse:
        return result
    linted = [file for file in change.files if file.startswith(LINTED) and file.endswith(".sql")]
    if linted:
        result.lint = progress.step(f"lint {count(len(linted), 'changed SQL file')}", dbt.lint, new, linted)
    else:
        progress.skip("lint: no SQL file changed")
    before, after = dbt.read_manifest(kept.manifest), new.manifest()
    result.models = model_changes(before, after, datetime.now(UTC).date())
    result.sources = source_changes(before, after)
    state = new.folder / "state"
    dbt.write_manifest(state / "manifest.json", scope.comparable(before, after))
    if find_scope(result, change, old, new, state, before, after):
        if raw_dir is None and change.touches("tools/demo/"):
            result.notes.append("The generator of the demo world changed too: both sides were built on the new world.")
        make_world(raw_dir, out, kept, progress)
        build_base(old, kept, progress)
        build_head(result, new, kept, state, before, after, progress)
    if raw_dir and result.compared:  # keys of people who exist are nobody's example
        result.compared = [replace(table, examples=()) for table in result.compared]
    return result


class Kept:
    """A folder with the base's manifest and store, and what they were made from; another base or world, another content."""

    def __init__(self, folder: Path, made_from: str) -> None:
        self.folder, self._mark = folder, folder / "made_from"
        self.db, self.manifest = folder / DB_NAME, folder / "manifest.json"
        if not self._mark.exists() or self._mark.read_text() != made_from:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._mark.write_text(made_from)

    def keep(self, file: Path) -> None:
        """Whole or not at all: a run that is killed leaves no half of a file."""
        unfinished = shutil.copy(file, self.folder / f"{file.name}.unfinished")
        Path(unfinished).rename(self.folder / file.name)


def fingerprint(raw_dir: Path | None) -> str:
    """Of what the base's store is made from besides the base: raw files by size and time, or the demo world's generator."""
    if raw_dir:
        files = sorted(path for path in raw_dir.rglob("*") if path.is_file())
        described = [(str(path.relative_to(raw_dir)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    else:
        files = [*sorted((PROJECT / "tools" / "demo").rglob("*.py")), PROJECT / "requirements.lock"]
        described = [(str(path.relative_to(PROJECT)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    return hashlib.sha256(repr(described).encode()).hexdigest()[:16]


def parse_base(old: dbt.Store, kept: Kept, progress: Progress) -> None:
    if kept.manifest.exists():
        progress.skip("parse the base: kept from an earlier run")
        return
    problem = progress.step("parse the base", dbt.parse, old)
    if problem:
        raise Problem(f"the base does not parse, so there is nothing to compare with: {problem}")
    kept.keep(old.target / "manifest.json")


def find_scope(
    result: Result, change: Change, old: dbt.Store, new: dbt.Store, state: Path, before: dict, after: dict
) -> bool:
    """What changed, what is built again because of it, and who reads that; whether there is anything to build or test."""
    result.build_all = scope.reasons_to_build_all(before, after, scope.vars_of(old.project), scope.vars_of(new.project), change)
    selected = dbt.list_nodes(new, ["state:modified"], state)
    changed = [node for node in selected if node.split(".")[0] in scope.BUILT]
    result.changed = sorted(scope.title(after, node) for node in changed)
    if result.build_all:
        changed = [node["unique_id"] for kind in scope.BUILT for node in own_nodes(after, kind)]
    reached = scope.with_children(after, changed)
    result.rebuilt = sorted(scope.title(after, node) for node in reached if node.split(".")[0] in scope.BUILT)
    result.readers = scope.readers(after, changed)
    result.removed = scope.removed_tables(before, after)
    return bool(selected or changed or result.removed)


def make_world(raw_dir: Path | None, out: Path, kept: Kept, progress: Progress) -> None:
    if raw_dir:
        progress.skip(f"data: {raw_dir}")
    elif kept.db.exists() and (out / "world" / "world.json").exists():
        progress.skip("the small demo world: kept from an earlier run")
    else:
        progress.step("make the small demo world", dbt.make_demo_world, PROJECT, out / "world")


def build_base(old: dbt.Store, kept: Kept, progress: Progress) -> None:
    if kept.db.exists():
        progress.skip("build the base: kept from an earlier run")
        return
    built = progress.step("build the base", dbt.build, old, *WITHOUT_TESTS)
    if built.broken:
        node, message = next(iter(built.broken.items()))
        raise Problem(f"the base itself does not build on this data: {node}: {message}")
    kept.keep(old.db)


def build_head(
    result: Result, new: dbt.Store, kept: Kept, state: Path, before: dict, after: dict, progress: Progress
) -> None:
    """In a copy of the base's store: first the tables, so that a failing test hides no row; then the tests."""
    shutil.copy(kept.db, new.db)
    rows.drop(new.db, result.removed)
    selection = [] if result.build_all else ["--select", "state:modified+", "--state", str(state)]
    what = f"build {count(len(result.rebuilt), 'table')} of the working tree"
    built = progress.step(what, dbt.build, new, "--full-refresh", *WITHOUT_TESTS, *selection)
    result.broken = built.broken
    if built.broken:
        return
    tested = progress.step("run their tests", dbt.test, new, *selection)
    result.broken = tested.broken
    result.counts = {kind: (built.counts | tested.counts).get(kind, 0) for kind in dbt.COUNTED}
    result.compared, result.moves = progress.step("compare gold", compare_gold, kept.db, new.db, before, after)


def compare_gold(base: Path, head: Path, before: dict, after: dict) -> tuple[list[rows.Compared], list[rows.Move]]:
    """Every promised gold table in both stores, and how the shares of credit move."""
    keys = {}
    for manifest in (before, after):
        for contract in contracts_of(manifest).values():
            if contract.relation.startswith(f"{LAYER}."):
                keys[contract.relation] = next(iter(sorted(contract.grains)), ())
    with rows.open_both(base, head) as connection:
        compared = [rows.compare(connection, table, key) for table, key in sorted(keys.items())]
        return [table for table in compared if table], rows.credit_moves(connection)
