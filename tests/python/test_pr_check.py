"""The pull-request check: contracts and rows on small invented manifests and stores, then whole runs on a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tools.pr_check import rows, scope
from tools.pr_check.comment import MARKER, as_markdown, as_text, verdict
from tools.pr_check.contracts import Change, model_changes, source_changes
from tools.pr_check.git import Change as Files
from tools.pr_check.git import find_change
from tools.pr_check.problem import Problem
from tools.pr_check.result import Result

TODAY = date(2026, 6, 1)
NOT_COPIED = shutil.ignore_patterns(
    "data", ".venv", ".git", "target", "logs", "dbt_packages", ".dbt_packages-*", "__pycache__", ".pytest_cache", ".hypothesis"
)


# --- Invented manifests -----------------------------------------------------------------------------------------------


def model(name="credits", version=1, latest=1, key=("channel",), enforced=True, not_null=("channel",), ends=None, **columns):
    """A model and the test of its grain, as nodes of a manifest."""
    unique_id = f"model.shop.{name}" + (f".v{version}" if version else "")
    types = columns or {"channel": "varchar", "credit": "double"}
    node = {
        "unique_id": unique_id,
        "resource_type": "model",
        "package_name": "shop",
        "name": name,
        "version": version,
        "latest_version": latest,
        "schema": "gold",
        "alias": name if version in (None, 1) else f"{name}_v{version}",
        "contract": {"enforced": enforced, "checksum": repr((types, not_null))},
        "constraints": [],
        "deprecation_date": ends,
        "columns": {
            column: {
                "name": column,
                "data_type": kind,
                "description": "What it is.",
                "constraints": [{"type": "not_null"}] if column in not_null else [],
            }
            for column, kind in types.items()
        },
    }
    test = {
        "unique_id": f"test.shop.{unique_id}.{'_'.join(key)}",
        "resource_type": "test",
        "package_name": "shop",
        "attached_node": unique_id,
        "test_metadata": {"name": "unique_combination_of_columns", "kwargs": {"combination_of_columns": list(key)}},
    }
    return [node, test] if key else [node]


def source(required=True, key=("order_id",), version=None, **columns):
    """A raw table; a column is a type, or a type and whether it is required."""
    declared = columns or {"order_id": ("text", True), "revenue": ("number", False)}
    meta = {"required": required, "key": list(key)} | ({"contract_version": version} if version else {})
    return {
        "unique_id": "source.shop.crm.orders",
        "resource_type": "source",
        "package_name": "shop",
        "source_name": "crm",
        "name": "orders",
        "config": {"meta": meta},
        "columns": {
            name: {"data_type": kind, "config": {"meta": {"required": is_required}}}
            for name, (kind, is_required) in declared.items()
        },
    }


def manifest(*parts, macros=None, exposures=(), children=None):
    nodes = [node for part in parts for node in (part if isinstance(part, list) else [part])]
    return {
        "metadata": {"project_name": "shop"},
        "nodes": {node["unique_id"]: node for node in nodes if node["resource_type"] != "source"},
        "sources": {node["unique_id"]: node for node in nodes if node["resource_type"] == "source"},
        "macros": macros or {},
        "exposures": {exposure["name"]: exposure for exposure in exposures},
        "child_map": children or {},
    }


# --- Contracts of models ----------------------------------------------------------------------------------------------

BREAKING = {
    "a column removed": (model(channel="varchar"), ["column `credit` removed"]),
    "a column renamed": (
        model(channel="varchar", weight="double"), ["column `credit` removed", "column `weight` added (double)"]
    ),
    "another type": (model(channel="varchar", credit="bigint"), ["column `credit`: double becomes bigint"]),
    "null where none was": (model(not_null=()), ["column `channel` may be null now"]),
    "another grain": (
        model(key=("channel", "credit")),
        ["rows are no longer unique by channel", "rows are unique by channel, credit"],
    ),
    "no grain": (model(key=()), ["rows are no longer unique by channel"]),
    "the model removed": ([], ["removed"]),
    "no longer enforced": (model(enforced=False), ["its contract is no longer enforced"]),
    "the version removed": (model(version=2, latest=2), ["removed", "a new version beside the others"]),
    "removed before the date announced": ([], ["removed"]),
}  # fmt: skip

HARMLESS = {
    "nothing": (model(), []),
    "a column added": (model(channel="varchar", credit="double", rank="bigint"), ["column `rank` added (bigint)"]),
    "never null now": (model(not_null=("channel", "credit")), ["column `credit` is never null now"]),
    "a new version, the old one kept": (
        model(latest=1) + model(version=2, latest=1, channel="varchar"), ["a new version beside the others"]
    ),
    "a new latest version, the old one kept": (
        model(latest=2, ends="2026-12-31") + model(version=2, latest=2, channel="varchar"),
        ["a new version beside the others", "deprecation date: 2026-12-31",
         "the latest version is 2 now: refs without a version move"],
    ),
    "another model": (model() + model(name="journeys"), ["a new contract"]),
}  # fmt: skip


def details(changes):
    return sorted(change.detail for change in changes)


@pytest.mark.parametrize("what", BREAKING)
def test_a_breaking_change_is_named(what):
    head, expected = BREAKING[what]
    changes = model_changes(manifest(model()), manifest(head), TODAY)
    assert details(changes) == sorted(expected)
    assert changes[0].is_breaking and changes[0].subject == "gold.credits v1"
    assert Result(models=changes).failures() == ["contract broken without a new version: gold.credits v1"]


@pytest.mark.parametrize("what", HARMLESS)
def test_what_keeps_the_promise_is_not_breaking(what):
    head, expected = HARMLESS[what]
    changes = model_changes(manifest(model()), manifest(head), TODAY)
    assert details(changes) == sorted(expected)
    assert not any(change.is_breaking for change in changes)


def test_a_description_that_is_lost_is_said():
    head = model()
    head[0]["columns"]["credit"]["description"] = " "
    [change] = model_changes(manifest(model()), manifest(head), TODAY)
    assert change == Change("gold.credits v1", "column `credit` lost its description")


def test_the_first_version_of_a_model_is_the_same_table():
    assert model_changes(manifest(model(version=None, latest=None)), manifest(model()), TODAY) == []
    [change] = model_changes(manifest(model(version=None, latest=None)), manifest(model(channel="varchar")), TODAY)
    assert change == Change("gold.credits", "column `credit` removed", is_breaking=True)


def test_a_table_under_another_name_is_breaking():
    head = model()
    head[0]["alias"] = "credits_v1"
    [change] = model_changes(manifest(model()), manifest(head), TODAY)
    assert change == Change("gold.credits v1", "now called gold.credits_v1", is_breaking=True)


@pytest.mark.parametrize("ends, is_breaking", [("2026-05-31", False), ("2026-06-02", True), (None, True)])
def test_a_version_may_go_when_its_date_has_passed(ends, is_breaking):
    base = model(latest=2, ends=ends) + model(version=2, latest=2)
    [change] = model_changes(manifest(base), manifest(model(version=2, latest=2)), TODAY)
    assert change.subject == "gold.credits v1" and change.is_breaking == is_breaking


def test_a_version_that_is_not_the_latest_yet_may_change():
    base, head = (model() + model(version=2, latest=1, **columns) for columns in ({}, {"channel": "varchar"}))
    [change] = model_changes(manifest(base), manifest(head), TODAY)
    assert change.detail == "column `credit` removed (not released yet)" and not change.is_breaking


def test_models_without_a_contract_promise_nothing():
    base, head = model(enforced=False), model(enforced=False, channel="varchar")
    assert model_changes(manifest(base), manifest(head), TODAY) == []


# --- Contracts of raw tables ------------------------------------------------------------------------------------------

TEXT, NUMBER = ("text", True), ("number", False)

SOURCES = {
    "a new required column": (source(order_id=TEXT, revenue=NUMBER, currency=TEXT), "a new required column `currency`", True),
    "a new optional column": (
        source(order_id=TEXT, revenue=NUMBER, note=("text", False)), "a new optional column `note`", False
    ),
    "a column required now": (source(order_id=TEXT, revenue=("number", True)), "column `revenue` is required now", True),
    "a column optional now": (source(order_id=("text", False), revenue=NUMBER), "column `order_id` is optional now", False),
    "another type": (source(order_id=TEXT, revenue=("integer", False)), "column `revenue` is read as integer, was number", True),
    "a column not read": (source(order_id=TEXT), "column `revenue` is no longer read", False),
    "another key": (source(key=("order_id", "revenue")), "key is order_id, revenue, was order_id", True),
    "the table optional now": (source(required=False), "the table is optional now", False),
}  # fmt: skip


@pytest.mark.parametrize("what", SOURCES)
def test_a_raw_table_that_asks_for_more_is_breaking(what):
    head, detail, is_breaking = SOURCES[what]
    assert source_changes(manifest(source()), manifest(head)) == [Change("crm.orders", detail, is_breaking)]


def test_raw_tables_come_and_go():
    assert source_changes(manifest(), manifest(source())) == [Change("crm.orders", "a new required raw table", True)]
    assert source_changes(manifest(), manifest(source(required=False))) == [Change("crm.orders", "a new optional raw table")]
    assert source_changes(manifest(source()), manifest()) == [Change("crm.orders", "no longer read")]


def test_a_higher_version_of_a_raw_contract_announces_the_break():
    head = source(version=2, order_id=TEXT, revenue=("number", True))
    [change] = source_changes(manifest(source()), manifest(head))
    assert not change.is_breaking and change.detail == "column `revenue` is required now (announced as version 2)"


# --- What is built again, and who reads it ----------------------------------------------------------------------------

NO_FILES = Files("main", "c0ffee", (), ())


def reasons(base, head, base_vars=None, head_vars=None, change=NO_FILES):
    return scope.reasons_to_build_all(base, head, base_vars or {}, head_vars or {}, change)


def materialization(text):
    return {"macro.shop.materialization_rounds": {"macro_sql": text, "package_name": "shop"}}


def test_what_dbt_cannot_see_builds_everything():
    same = manifest(source())
    assert reasons(same, same, {"days": 30}, {"days": 30}) == []
    assert reasons(same, same, {"days": 30}, {"days": 14}) == ["var days of dbt_project.yml"]
    assert reasons(same, manifest(source(key=("revenue",)))) == ["the declaration of crm.orders"]
    assert reasons(manifest(macros=materialization("a")), manifest(macros=materialization("b"))) == ["a materialization"]
    assert reasons(same, same, change=replace(NO_FILES, files=("profiles/profiles.yml",))) == ["profiles/profiles.yml"]
    assert reasons(same, same, change=replace(NO_FILES, files=("models/profiles.sql",))) == []


def test_where_contracts_differ_dbt_is_told_that_there_was_none():
    base, head = manifest(model() + model(name="journeys")), manifest(model(channel="varchar") + model(name="journeys"))
    nodes = scope.comparable(base, head)["nodes"].items()
    enforced = {name: node["contract"]["enforced"] for name, node in nodes if "contract" in node}
    assert enforced == {"model.shop.credits.v1": False, "model.shop.journeys.v1": True}
    assert base["nodes"]["model.shop.credits.v1"]["contract"]["enforced"]


def test_readers_below_a_change_are_named():
    def exposure(name, maturity, *reads):
        return {"name": name, "label": name.title(), "type": "dashboard", "maturity": maturity, "owner": {"name": "Team"},
                "depends_on": {"nodes": list(reads)}}  # fmt: skip

    head = manifest(
        model("weights") + model("credits") + model("journeys"),
        exposures=[
            exposure("panel", "low", "model.shop.credits.v1"),
            exposure("report", "high", "model.shop.credits.v1", "model.shop.journeys.v1"),
            exposure("elsewhere", "high", "model.shop.journeys.v1"),
        ],
        children={"model.shop.weights.v1": ["model.shop.credits.v1"], "model.shop.credits.v1": ["exposure.shop.report"]},
    )
    found = scope.readers(head, ["model.shop.weights.v1"])
    assert [(reader.label, reader.owner, reader.through) for reader in found] == [
        ("Report", "Team", ("gold.credits",)), ("Panel", "Team", ("gold.credits",))
    ]  # fmt: skip


# --- Rows -------------------------------------------------------------------------------------------------------------

BASE_ROWS = (
    "('email', 'd1', 0.5, ['a']), ('direct', null, 0.25, null), ('sms', 'd1', null, ['a', 'b']), ('audio', 'd2', 1, ['a'])"
)


@pytest.fixture
def compare(tmp_path):
    """Compare gold.t in two stores: `compare(rows of the head, columns=…, key=…)`."""

    def run(head_rows, columns="channel, day, credit double, path", key=("channel", "day"), base_rows=BASE_ROWS):
        names = [name.split()[0] for name in columns.split(", ")]
        for store, values, kept in [("base", base_rows, ["channel", "day", "credit", "path"]), ("head", head_rows, names)]:
            (tmp_path / store).mkdir(exist_ok=True)
            with duckdb.connect(str(tmp_path / store / "feature_store.duckdb")) as connection:
                connection.execute("create schema if not exists gold")
                cast = "* replace (credit::double as credit)" if "credit" in kept and "credit" in columns else "*"
                table = f"(values {values}) as v({', '.join(kept)})"
                connection.execute(f"create or replace table gold.t as select {cast} from {table}")
        with rows.open_both(*(tmp_path / store / "feature_store.duckdb" for store in ("base", "head"))) as connection:
            return rows.compare(connection, "gold.t", key)

    return run


def test_equal_tables_are_the_same_also_where_keys_and_values_are_null(compare):
    found = compare(BASE_ROWS)
    assert found.is_same and (found.before, found.after) == (4, 4)


def test_doubles_a_rounding_apart_are_the_same_and_a_millionth_is_not(compare):
    assert compare(BASE_ROWS.replace("0.5", "0.5000000001")).is_same
    assert compare(BASE_ROWS.replace("0.5", "0.500001")).changed == {"credit": 1}


def test_rows_that_come_go_and_change_are_counted_by_column(compare):
    found = compare(
        "('email', 'd1', 0.75, ['b']), ('direct', null, null, null), ('sms', 'd1', null, ['a', 'b']), ('sms', 'd2', 1, ['a'])"
    )
    assert (found.added, found.removed, found.changed_rows) == (1, 1, 2)
    assert found.changed == {"credit": 2, "path": 1}
    assert found.examples == (("audio", "d2"), ("direct", None), ("email", "d1"))


def test_infinite_and_missing_numbers_compare(compare):
    odd = BASE_ROWS.replace("0.5", "'inf'::double").replace("0.25", "'nan'::double")
    assert compare(odd, base_rows=odd).is_same
    assert compare(odd).changed == {"credit": 2}


def test_columns_that_come_and_go_are_a_difference(compare):

    found = compare(BASE_ROWS, columns="channel, day, credit double, way")
    assert not found.is_same and found.note == "path is gone, way is new" and found.changed_rows == 0


def test_without_a_common_key_whole_rows_are_compared(compare):
    found = compare(BASE_ROWS.replace("'audio'", "'email'"), key=("gone",))
    assert (found.key, found.added, found.removed) == ((), 1, 1)
    twice = compare(f"{BASE_ROWS}, ('email', 'd1', 0.5, ['a'])", key=("gone",))
    assert (twice.added, twice.removed, twice.is_same) == (1, 0, False)


def test_tables_of_one_side_only_are_new_or_gone(tmp_path):
    for store, name in [("base", "old"), ("head", "new")]:
        with duckdb.connect(str(tmp_path / f"{store}.duckdb")) as connection:
            connection.execute(f"create schema gold; create table gold.{name} as select 1 as id")
    with rows.open_both(tmp_path / "base.duckdb", tmp_path / "head.duckdb") as connection:
        new, old = rows.compare(connection, "gold.new", ("id",)), rows.compare(connection, "gold.old", ("id",))
        assert rows.compare(connection, "gold.never", ()) is None
        assert rows.credit_moves(connection) == []
    assert (new.added, new.note, old.removed, old.note) == (1, "a new table", 1, "no longer there")


def test_tables_that_are_no_longer_made_leave_the_copy(tmp_path):
    with duckdb.connect(str(tmp_path / "s.duckdb")) as connection:
        connection.execute("create schema gold; create table gold.a as select 1 as id; create view gold.b as from gold.a")
    rows.drop(tmp_path / "s.duckdb", ["gold.b", "gold.a", "gold.never"])
    with duckdb.connect(str(tmp_path / "s.duckdb")) as connection:
        assert connection.execute("select count(*) from information_schema.tables").fetchone() == (0,)


def test_credit_moves_are_shares_before_and_after_the_largest_first(tmp_path):
    columns = "conversion_type, context_policy, attribution_model, channel, credit_share, credited_revenue"
    found = {
        "base": [("purchase", "email", 0.5, 50), ("purchase", "direct", 0.5, 50), ("lead", "email", 1, 0)],
        "head": [
            ("purchase", "email", 0.4, 40), ("purchase", "direct", 0.35, 35), ("purchase", "sms", 0.25, 25), ("lead", "email", 1, 0)
        ],
    }  # fmt: skip
    shares = {
        store: ", ".join(f"('{kind}', 'naive', 'linear', '{channel}', {share}, {revenue})" for kind, channel, share, revenue in lines)
        for store, lines in found.items()
    }
    for store, values in shares.items():
        with duckdb.connect(str(tmp_path / f"{store}.duckdb")) as connection:
            table = f"(values {values}) as v({columns})"
            connection.execute(f"create schema gold; create table gold.channel_credits as from {table}")
    with rows.open_both(tmp_path / "base.duckdb", tmp_path / "head.duckdb") as connection:
        moves = rows.credit_moves(connection)
    assert [(move.channel, round(move.points, 9), move.revenue) for move in moves] == [
        ("sms", 0.25, 25), ("direct", -0.15, -15), ("email", -0.1, -10)
    ]  # fmt: skip
    assert moves[0].before is None
    assert rows.moved_by_model(moves) == {("purchase", "naive", "linear"): pytest.approx(0.25)}


# --- The comment ------------------------------------------------------------------------------------------------------


def test_a_change_of_nothing_is_a_short_comment():
    comment = as_markdown(Result(base="main", commit="c0ffee", files=1))
    assert comment.startswith("**Passes.** No table changes.\n") and "<details" not in comment and MARKER in comment


def test_differences_of_gold_are_no_failure():
    changed = rows.Compared("gold.credits", ("channel",), 4, 4, 0, 0, {"credit": 2}, 2, (("email",),))
    move = rows.Move("purchase", "naive", "linear", "email", 0.5, 0.25, -50)
    found = Result(changed=["gold.credits"], rebuilt=["gold.credits"], compared=[changed],
                   moves=[move, replace(move, context_policy="context_aware")])  # fmt: skip
    assert verdict(found) == "Passes. 1 table changed, 1 built again; gold differs in gold.credits."
    comment = as_markdown(found)
    assert "email by linear 50.00% → 25.00% of purchase credit" in comment
    assert "| purchase | context_aware, naive | linear | email | 50.00% | 25.00% | -25.00 | -50 |" in comment
    assert "| purchase | context_aware, naive | linear | 12.5% |" in comment
    assert "`email`" in comment and "linear gives email -25.0 points" in as_text(found)


def test_a_table_that_is_no_longer_made_is_named():
    found = Result(removed=["gold.path_counts"], compared=[])
    assert verdict(found) == "Passes. 0 tables changed, 0 built again, 1 no longer made; gold stays as it is."
    assert "- no longer made: gold.path_counts" in as_markdown(found)


def test_what_fails_is_said_first():
    found = Result(
        lint=["models/a.sql, line 1: too long (LT05)"],
        models=[Change("gold.credits v1", "column `credit` removed", True)],
        broken={"test.shop.credits_sum_to_one.1a2b": "Got 3 results", "model.shop.weights": "no such column"},
    )
    assert found.failures() == [
        "lint: 1 finding", "contract broken without a new version: gold.credits v1", "1 dbt test does not hold",
        "the build broke: weights",
    ]  # fmt: skip
    comment = as_markdown(found)
    assert comment.startswith("**Fails.** Lint: 1 finding; contract broken")
    assert "- test credits_sum_to_one: Got 3 results" in comment and "<details open><summary>What fails" in comment


def test_a_long_comment_stays_within_what_a_comment_may_be():
    changes = [Change("gold.credits v1", f"column `c{number}` removed", True) for number in range(5000)]
    tables = [rows.Compared(f"gold.t{n}", ("k",), 1, 1, 0, 0, {f"column_{c}": 1 for c in range(500)}, 1) for n in range(500)]
    built = [f"t{number}" for number in range(5000)]
    comment = as_markdown(Result(lint=["x" * 200] * 1000, models=changes, compared=tables, rebuilt=built))
    assert len(comment) < 65_536 and "and 4,980 more lines" in comment


# --- Git --------------------------------------------------------------------------------------------------------------


def git(folder, *arguments):
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--initial-branch", "main")
    for name in ("kept", "edited", "removed"):
        (tmp_path / f"{name}.sql").write_text("select 1\n")
    (tmp_path / ".gitignore").write_text("target\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "base")
    return tmp_path


def test_the_working_tree_counts_as_it_is(repository):
    git(repository, "checkout", "-b", "work")
    (repository / "edited.sql").write_text("select 2\n")
    (repository / "new one.sql").write_text("select 3\n")
    (repository / "target").mkdir()
    (repository / "target/ignored.sql").write_text("select 4\n")
    git(repository, "rm", "removed.sql")
    change = find_change(repository, "main")
    assert change.files == ("edited.sql", "new one.sql") and change.deleted == ("removed.sql",)


def test_what_happened_on_the_base_since_is_no_change(repository):
    git(repository, "checkout", "-b", "work")
    git(repository, "checkout", "main")
    (repository / "kept.sql").write_text("select 5\n")
    git(repository, "commit", "-am", "later")
    git(repository, "checkout", "work")
    assert find_change(repository, "main").files == ()


def test_bases_that_cannot_be_used_are_one_line(repository, tmp_path_factory):
    with pytest.raises(Problem, match="there is no base nowhere here"):
        find_change(repository, "nowhere")
    with pytest.raises(Problem, match="is no git checkout"):
        find_change(tmp_path_factory.mktemp("plain"), "main")
    git(repository, "checkout", "--orphan", "other")
    git(repository, "commit", "-m", "unrelated")
    with pytest.raises(Problem, match="no commit in common"):
        find_change(repository, "main")


# --- The workflow -----------------------------------------------------------------------------------------------------


def test_the_workflow_calls_what_there_is(project_root):
    workflow = yaml.safe_load((project_root / ".github/workflows/pull_request.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = " ".join(step.get("run", "") for step in steps)
    targets = set(re.findall(r"^([a-z-]+):", (project_root / "Makefile").read_text(), re.MULTILINE))
    called = set(re.findall(r"\bmake ([a-z-]+)", commands))
    assert {"pr-check", "test", "raw-check"} <= called <= targets
    [compare] = [step for step in steps if "make pr-check" in step.get("run", "")]
    assert compare["run"] == 'make pr-check BASE="$BASE"' and compare["env"] == {"BASE": "origin/${{ github.base_ref }}"}
    [checkout] = [step for step in workflow["jobs"]["check"]["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0
    [post] = [step for step in steps if step.get("uses", "").startswith("actions/github-script@")]
    assert MARKER in post["with"]["script"] and "target/pr_check/comment.md" in post["with"]["script"]
    assert workflow["permissions"] == {"contents": "read"}


# --- Whole runs -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """What one run said and wrote."""

    exit_code: int
    output: str
    comment: str


@pytest.fixture(scope="module")
def project(project_root, tmp_path_factory):
    """A copy of the project in a repository of its own; its base has no pr_check yet."""
    folder = tmp_path_factory.mktemp("pull_request") / "project"
    shutil.copytree(project_root, folder, ignore=NOT_COPIED, symlinks=True)
    shutil.rmtree(folder / "tools" / "pr_check")
    git(folder, "init", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "base")
    git(folder, "checkout", "-b", "work")
    shutil.copytree(project_root / "tools" / "pr_check", folder / "tools" / "pr_check", ignore=NOT_COPIED)
    return folder


@pytest.fixture(scope="module")
def run(project, project_root, small_world):
    def check():
        packages = project_root / os.environ.get("DBT_PACKAGES_INSTALL_PATH", "dbt_packages")
        ended = subprocess.run(
            [sys.executable, "-m", "tools.pr_check", "--base", "main", "--raw", str(small_world)], cwd=project, timeout=900,
            env={**os.environ, "DBT_PACKAGES_INSTALL_PATH": str(packages.resolve())},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return Checked(ended.returncode, ended.stdout, (project / "target/pr_check/comment.md").read_text())

    return check


def edit(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text, (path, old)
        text = text.replace(old, new)
    path.write_text(text)


@pytest.mark.slow
def test_a_pull_request_from_end_to_end(project, run):
    """Three commits of one branch: only the tool, a bad change, and the same wish done properly."""
    unchanged = run()
    assert unchanged.exit_code == 0, unchanged.output
    assert unchanged.comment.startswith("**Passes.** No table changes.")

    seed, features = project / "seeds/attribution_models.csv", project / "models/gold/features"
    edit(seed, ("position_based,position_based,0.4,0.4", "position_based,position_based,0.5,0.5"))
    edit(features / "system_health_hourly.sql", ("    suspected_step\n", "    suspected_step AS broken_step\n"))
    edit(
        features / "_features.yml",
        ("      - name: suspected_step\n", "      - name: broken_step\n"),
        ("(suspected_step is not null)", "(broken_step is not null)"),
    )
    bad = run()
    assert bad.exit_code == 1, bad.output
    first = bad.comment.splitlines()[0]
    assert first.startswith("**Fails.** Lint: 1 finding; contract broken without a new version: gold.system_health_hourly v1")
    assert "gold differs in gold.attribution_credits, gold.channel_credits, gold.system_health_hourly" in first
    assert "| gold.system_health_hourly v1 | column `suspected_step` removed | **yes** |" in bad.comment
    assert "- test rules_credit_as_the_contract_says:" in bad.comment
    assert re.search(r"What this would do to the credits: \w+ by position_based [\d.]+% → [\d.]+% of \w+ credit", bad.comment)
    assert "Panel for media mix models | ml | low | Marketing science | gold.system_health_hourly |" in bad.comment
    assert "For example" not in bad.comment, "keys of files that somebody brought are not shown"
    assert "Everything was built again" not in bad.comment and "gold.journeys" not in bad.comment

    git(project, "checkout", "seeds", "models")
    shutil.copy(features / "system_health_hourly.sql", features / "system_health_hourly_v2.sql")
    edit(features / "system_health_hourly_v2.sql", ("    suspected_step\n", "    suspected_step as broken_step\n"))
    edit(features / "_features.yml", ("""    latest_version: 1
    versions:
      - {v: 1, defined_in: system_health_hourly, config: {alias: system_health_hourly}}
""", """    latest_version: 2
    versions:
      - v: 1
        defined_in: system_health_hourly
        deprecation_date: 2099-12-31
        config: {alias: system_health_hourly}
      - v: 2
        data_tests:
          - dbt_utils.unique_combination_of_columns: {arguments: {combination_of_columns: [hour_at, scope]}}
        columns:
          - {include: all, exclude: [suspected_step]}
          - {name: broken_step, data_type: varchar, description: "The funnel step that broke. Null: none did."}
"""))  # fmt: skip
    edit(project / "seeds/confidence_parts.csv", ("stock,0.5,", "stock,0.25,"))
    good = run()
    assert good.exit_code == 0, good.output
    assert "build the base: kept from an earlier run" in good.output
    assert good.comment.startswith("**Passes.** 3 tables changed, 5 built again; gold differs in gold.campaign_daily_features")
    assert "| gold.system_health_hourly_v2 v2 | a new version beside the others | no |" in good.comment
    assert "| gold.system_health_hourly_v2 | 0 |" in good.comment


def test_a_base_that_is_not_there_is_one_line(project):
    command = [sys.executable, "-m", "tools.pr_check", "--base", "no-such-branch"]
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.count("\n") == 1 and "no-such-branch" in ended.stderr
