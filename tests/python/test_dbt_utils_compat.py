"""The truth table of compat/dbt_utils, and the proof that the real dbt_utils agrees with it.

DBT_UTILS_PATH names a checkout of dbt-labs/dbt-utils; without it the tests on the real package are skipped.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest

REAL_PACKAGE = os.environ.get("DBT_UTILS_PATH")
needs_real_package = pytest.mark.skipif(
    not REAL_PACKAGE, reason="DBT_UTILS_PATH does not name a checkout of dbt-labs/dbt-utils"
)


class Case(NamedTuple):
    name: str  # a sentence; also the name of the dbt test
    test: str
    arguments: dict
    columns: str
    rows: list
    failures: int


def unique(name, failures, rows, **options):
    arguments = {"combination_of_columns": ["a", "b"], **options}
    return Case(name, "unique_combination_of_columns", arguments, "a, b", rows, failures)


def expression(name, failures, expression, **options):
    rows = [(1, 1), (2, 1), (3, None)]
    return Case(name, "expression_is_true", {"expression": expression, **options}, "a, b", rows, failures)


def in_range(name, failures, **bounds):
    rows = [(0, 9), (1, 9), (5, 4), (None, 9)]
    return Case(name, "accepted_range", {"column_name": "a", **bounds}, "a, b", rows, failures)


def rowcount(name, failures, rows):
    return Case(name, "equal_rowcount", {"compare_model": "ref('three_letters')"}, "letter", rows, failures)


def not_empty(name, failures, value, **options):
    return Case(name, "not_empty_string", {"column_name": "a", **options}, "a", [("text",), (value,)], failures)


def parent(name, failures, rows, **conditions):
    arguments = {"column_name": "a", "to": "ref('parents')", "field": "id", **conditions}
    return Case(name, "relationships_where", arguments, "a, kind", rows, failures)


def ranges(name, failures, rows, **options):
    arguments = {"lower_bound_column": "low", "upper_bound_column": "high", **options}
    return Case(name, "mutually_exclusive_ranges", arguments, "p, low, high", rows, failures)


SHARED_TABLES = {
    "three_letters": ("letter", [("x",), ("x",), ("y",)]),
    "parents": ("id, is_active", [(1, True), (2, False)]),
}

CASES = [
    unique("two_rows_that_differ_in_one_column_are_unique", 0, [(1, 1), (1, 2), (2, 1)]),
    unique("a_combination_that_occurs_three_times_fails_once", 1, [(1, 1), (1, 1), (1, 1), (1, 2)]),
    unique("two_nulls_are_equal", 1, [(1, None), (1, None)]),
    unique("columns_can_be_quoted", 1, [(1, 1), (1, 1)], quote_columns=True),
    expression("an_expression_holds_for_every_row", 0, "a > 0"),
    expression("every_row_where_it_does_not_fails", 2, "a < 2"),
    expression("an_expression_that_is_null_passes", 1, "a = b"),
    expression("on_a_column_the_expression_follows_its_name", 1, ">= 2", column_name="a"),
    in_range("bounds_belong_to_the_range", 0, min_value=0, max_value=5),
    in_range("unless_it_is_said_to_exclude_them", 2, min_value=0, max_value=5, inclusive=False),
    in_range("values_below_the_minimum_fail", 1, min_value=1),
    in_range("values_above_the_maximum_fail", 2, max_value=0),
    in_range("a_bound_can_be_a_column", 1, max_value="b"),
    in_range("without_bounds_everything_is_in_range", 0),
    rowcount("as_many_rows_are_equal_whatever_they_hold", 0, [("x",), ("z",), (None,)]),
    rowcount("a_row_too_few_fails", 1, [("x",), ("y",)]),
    rowcount("two_rows_too_many_count_as_two", 2, [("x",)] * 5),
    not_empty("a_text_and_a_null_are_not_empty", 0, None),
    not_empty("an_empty_text_fails", 1, ""),
    not_empty("a_blank_text_fails", 1, "  "),
    not_empty("a_blank_text_passes_when_blanks_count", 0, "  ", trim_whitespace=False),
    parent("keys_with_a_parent_and_nulls_pass", 0, [(1, "new"), (2, "old"), (None, "new")]),
    parent("every_key_without_a_parent_fails", 2, [(1, "new"), (3, "new"), (3, "old")]),
    parent("children_can_be_left_out", 1, [(3, "new"), (4, "old")], from_condition="kind = 'new'"),
    parent("an_or_among_conditions_stays_inside", 0, [(None, "old")], from_condition="kind = 'new' or kind = 'old'"),
    parent("parents_can_be_left_out", 1, [(1, "new"), (2, "new")], to_condition="is_active"),
    ranges("ranges_may_touch", 0, [(1, 0, 1), (1, 1, 2)]),
    ranges("ranges_may_leave_a_gap", 0, [(1, 5, 6), (1, 0, 1)]),
    ranges("an_overlap_fails", 1, [(1, 0, 3), (1, 2, 4)]),
    ranges("a_range_inside_another_fails", 1, [(1, 0, 9), (1, 1, 2), (1, 3, 4)]),
    ranges("partitions_do_not_meet", 0, [(1, 0, 3), (2, 2, 4)], partition_by="p"),
    ranges("within_a_partition_they_do", 1, [(1, 0, 3), (1, 2, 4), (2, 0, 1)], partition_by="p"),
    ranges("a_partition_can_have_two_columns", 0, [(1, 0, 3), (1, 2, 4)], partition_by="p, high"),
    ranges("touching_is_the_rule_without_gaps", 0, [(1, 0, 1), (1, 1, 2)], gaps="not_allowed"),
    ranges("a_gap_fails_without_gaps", 1, [(1, 0, 1), (1, 2, 3)], gaps="not_allowed"),
    ranges("touching_fails_where_gaps_are_required", 1, [(1, 0, 1), (1, 1, 2), (1, 3, 4)], gaps="required"),
    ranges("a_range_of_no_length_fails", 1, [(1, 0, 1), (1, 2, 2)]),
    ranges("unless_it_is_allowed", 0, [(1, 0, 1), (1, 2, 2)], zero_length_range_allowed=True),
    ranges("the_wrong_way_round_fails", 1, [(1, 2, 1)], zero_length_range_allowed=True),
    ranges("a_null_bound_fails", 1, [(1, 0, None)]),
    ranges("on_either_side", 1, [(1, 0, 1), (1, None, 3)]),
]

# Upstream puts no brackets around from_condition, so that an `or` in it lets nulls through.
REAL_FAILURES = {"an_or_among_conditions_stays_inside": 1}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


VALUES = {
    "dbt_utils.generate_surrogate_key(['1'])": md5("1"),
    "dbt_utils.generate_surrogate_key(['1', \"'a'\"])": md5("1-a"),
    "dbt_utils.generate_surrogate_key(['null', \"''\"])": md5("_dbt_utils_surrogate_key_null_-"),
    "dbt_utils.generate_surrogate_key(['true', \"date '2026-11-11'\"])": md5("true-2026-11-11"),
    "dbt_utils.generate_surrogate_key(['1 + 1', '0.5'])": md5("2-0.5"),
    "dbt_utils.safe_divide(1, 4)": 0.25,
    "dbt_utils.safe_divide('1 + 2', '1 + 1')": 1.5,
    "dbt_utils.safe_divide(1, 0)": None,
    "dbt_utils.safe_divide(0, '1 - 1')": None,
    "dbt_utils.safe_divide('null', 2)": None,
    "dbt_utils.safe_divide(2, 'null')": None,
}


def literal(value):
    if value is None:
        return "null"
    return f"'{value}'" if isinstance(value, str) else str(value)


def table_sql(columns, rows):
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return f"select * from (values {values}) as cases ({columns})"


def write_project(folder, packages, cases):
    """A dbt project of one model and test per case, and one model with all values. JSON is YAML too."""
    models, profiles = folder / "models", folder / "profiles"
    models.mkdir()
    profiles.mkdir()
    project = {"name": "truth_table", "profile": "truth_table", "packages-install-path": str(packages)}
    target = {"type": "duckdb", "path": "{{ env_var('FEATURE_STORE_DB') }}", "threads": 1}
    profile = {"truth_table": {"target": "dev", "outputs": {"dev": target}}}
    (folder / "dbt_project.yml").write_text(json.dumps(project))
    (profiles / "profiles.yml").write_text(json.dumps(profile))

    for name, (columns, rows) in SHARED_TABLES.items():
        (models / f"{name}.sql").write_text(table_sql(columns, rows))
    tested = []
    for case in cases:
        (models / f"rows_{case.name}.sql").write_text(table_sql(case.columns, case.rows))
        test = {"name": case.name, "arguments": case.arguments}
        tested.append({"name": f"rows_{case.name}", "data_tests": [{f"dbt_utils.{case.test}": test}]})
    (models / "cases.yml").write_text(json.dumps({"models": tested}))
    values = ", ".join(f"{{{{ {call} }}}} as value_{index}" for index, call in enumerate(VALUES))
    (models / "macro_values.sql").write_text(f"select {values}")


@pytest.fixture(scope="module")
def real_packages(project_root, tmp_path_factory):
    """A packages folder that holds the real dbt_utils."""
    packages = tmp_path_factory.mktemp("packages")
    (packages / "dbt_utils").symlink_to(Path(project_root, REAL_PACKAGE).resolve())
    return packages


@pytest.fixture(scope="module", params=["compat", pytest.param("real", marks=needs_real_package)])
def package(request):
    return request.param


@pytest.fixture(scope="module")
def truth_table(package, request, project_root, dbt_build, tmp_path_factory):
    """The project of all cases, built once with either package."""
    packages = project_root / "compat" if package == "compat" else request.getfixturevalue("real_packages")
    project = tmp_path_factory.mktemp("truth_table")
    write_project(project, packages, CASES)
    return dbt_build(project, project=project, artifacts=True)


@pytest.fixture(scope="module")
def failures(truth_table):
    """Failing rows by case, of the tests that ran."""
    names = {node["unique_id"]: node["name"] for node in truth_table.manifest["nodes"].values()}
    results = truth_table.run_results["results"]
    return {names[result["unique_id"]]: result["failures"] for result in results if result["failures"] is not None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.test}-{case.name}")
def test_generic_test(package, failures, case):
    expected = case.failures if package == "compat" else REAL_FAILURES.get(case.name, case.failures)
    assert failures[case.name] == expected


def test_macro_values(truth_table):
    [row] = truth_table.rows("select * from macro_values")
    assert dict(zip(VALUES, row.values())) == VALUES


def test_an_unknown_rule_on_gaps_is_named(project_root, dbt_build, tmp_path):
    write_project(tmp_path, project_root / "compat", [ranges("wrong", 0, [(1, 0, 1)], gaps="forbidden")])
    build = dbt_build(tmp_path, project=tmp_path)
    assert "gaps must be one of allowed, not_allowed, required, not 'forbidden'" in build.output


@needs_real_package
def test_the_whole_build_is_the_same_with_the_real_package(golden_build, dbt_build, small_world, real_packages):
    assert golden_build.exit_code == 0, "a build that fails leaves tables out of the comparison"
    real = dbt_build(small_world, env={"DBT_PACKAGES_INSTALL_PATH": str(real_packages)}, artifacts=True)
    assert outcomes(real) == outcomes(golden_build)
    with golden_build.connect() as connection:
        connection.execute(f"attach '{real.db}' as real (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'feature_store' and schema_name in ('bronze', 'silver', 'gold')"
        ).fetchall()
        assert tables
        for [table] in tables:
            compat_rows, real_rows = f"select * from feature_store.{table}", f"select * from real.{table}"
            differing = f"({compat_rows} except all {real_rows}) union all ({real_rows} except all {compat_rows})"
            assert connection.execute(f"select count(*) from ({differing})").fetchall() == [(0,)], table


def outcomes(build):
    return {result["unique_id"]: (result["status"], result["failures"]) for result in build.run_results["results"]}
