"""House rules that hold for the project as a whole, checked on dbt's manifest, on the files, and on what was really built.

Every test collects all violations and lists them together. Where a rule has an exception, the exception stands here with its
reason.
"""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

LAYERS = ["bronze", "silver", "gold", "history", "ledger", "published", "semantic"]
LONGEST_MODEL = 110

# Section 4 of the data contract: what consumers are promised.
PROMISED = [
    "attribution_credits", "campaign_daily_features", "channel_credits", "circuit_breaker", "journey_touchpoints", "journeys",
    "person_features", "service_levels", "system_health_hourly", "traffic_summary",
]

# What the published schema serves: gold's columns and no other.
SERVED = ["campaign_daily_features", "channel_credits"]

# A layer may read these. Landing models are bronze's own: nobody else reads what has not been accepted. Gold reads what people
# did to publishing, and nothing else of the ledger: what it adds in this build depends on gold.
MAY_READ = {
    "landing": {"source"},
    "bronze": {"landing", "bronze"},
    "silver": {"bronze", "silver", "seed"},
    "gold": {"silver", "gold", "seed", "acts"},
    "history": {"silver", "gold"},
    "ledger": {"bronze", "silver", "gold", "ledger", "acts", "published"},
    "acts": {"acts"},
    "published": {"gold", "ledger", "acts", "published"},
    "semantic": {"silver", "gold", "published"},
}
ACTS = {"interventions", "current_hold"}

TYPES = {"VARCHAR", "VARCHAR[]", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "DATE"}

# What the end of a name (or all of it) says about the type.
TYPE_BY_NAME = [
    (r"_(id|key|type|name|hash|status|reason|flag|tag|policy|model)$", "VARCHAR"),
    (r"_(count|index|number)$", "BIGINT"),
    (r"_(rate|share|score|revenue|amount|effect|credit|probability)$", "DOUBLE"),
    (r"_at$", "TIMESTAMP"),
    (r"(^|_)date$|_on$", "DATE"),
    (r"^(is|has|may|refuses|does)_", "BOOLEAN"),
]

# Ends of spans: instants (or days) that begin or end something rather than happen.
SPAN_ENDS = {
    "as_of", "audited_as_of", "known_from", "known_until", "owned_after", "owned_until", "serving_as_of", "touches_after", "valid_from",
    "valid_to", "valid_until",
}
NAME_BY_TYPE = {
    "TIMESTAMP": r"_at$",
    "DATE": r"(^|_)date$|_on$",
    "BOOLEAN": r"^(is|has|may|refuses|does)_",
}

# Spans of exchange rates are days, spans of decisions are instants. The contract calls the part of the shop that an incident
# concerned its component; in the identity graph it is that of graph theory.
SEVERAL_TYPES = {"valid_from", "valid_to", "component"}

# An interval is made from a 32-bit whole number.
NARROW = {"window_days"}

# Functions and operators that only some engines know; macros/engine gives them a name that all do.
ENGINE_SPECIFIC = re.compile(
    r"\b(read_(parquet|csv|json)\w*|epoch_\w+|regexp_\w+|try_cast|list_\w+|timezone|array_agg|strptime|strftime|date_diff"
    r"|struct_pack|json_object|generate_series|unnest|hash|isfinite)\s*\(|::|\bqualify\b"
)


@pytest.fixture(scope="module")
def nodes(golden_build):
    """The project's own nodes, without those of packages."""
    manifest = golden_build.manifest
    project = manifest["metadata"]["project_name"]
    return {
        key: node
        for kind in ("nodes", "sources")
        for key, node in manifest[kind].items()
        if node["package_name"] == project
    }


@pytest.fixture(scope="module")
def models(nodes):
    return [node for node in nodes.values() if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def sql_models(models):
    return [model for model in models if model["language"] == "sql"]


@pytest.fixture(scope="module")
def built_columns(golden_build):
    """What really is in the database: {schema.table: {column: type}}."""
    columns = defaultdict(dict)
    for row in golden_build.rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns order by ordinal_position"
    ):
        columns[f"{row['table_schema']}.{row['table_name']}"][row["column_name"]] = row["data_type"]
    return columns


def layer_of(node):
    if node["resource_type"] != "model":
        return node["resource_type"]
    if node["name"] in ACTS:
        return "acts"
    return "landing" if "landing" in node["fqn"] else node["schema"]


def relation(node):
    return f"{node['schema']}.{node['alias']}"


def documented(models):
    """Models whose columns are described by hand; those of a landing view are declared in _sources.yml, those served in gold."""
    served = {f"published.{name}" for name in SERVED}
    return [model for model in models if layer_of(model) in [*LAYERS, "acts"] and relation(model) not in served]


def code(sql):
    """SQL without comments and texts; an expression of Jinja becomes the word `jinja`."""
    without = re.sub(r"--[^\n]*|\{#.*?#\}|\{%.*?%\}", " ", sql, flags=re.DOTALL)
    return re.sub(r"'[^'\n]*'", " ", re.sub(r"\{\{.*?\}\}", "jinja", without, flags=re.DOTALL))


def listing(violations):
    """All of them, one a line: pytest would show the first."""
    return "\n" + "\n".join(sorted(violations))


# --- Lineage ----------------------------------------------------------------------------------------------------------


def test_every_layer_reads_only_what_it_may(nodes, models):
    wrong = [
        f"{relation(model)} ({layer_of(model)}) reads {other['name']} ({layer_of(other)})"
        for model in models
        for other in (nodes[key] for key in model["depends_on"]["nodes"])
        if layer_of(other) not in MAY_READ[layer_of(model)]
    ]
    assert not wrong, listing(wrong)


def test_a_landing_model_reads_exactly_one_source_and_is_named_after_it(nodes, models):
    landing = [model for model in models if layer_of(model) == "landing"]
    assert landing
    for model in landing:
        assert [f"landed_{nodes[key]['name']}" for key in model["depends_on"]["nodes"]] == [model["name"]]


def test_no_verdict_is_passed_before_everything_is_built(golden_build, models):
    """A model that the audit does not wait for could break in a build that is published. Service levels only look on: the
    laws of privacy wait for them, and must not keep the verdict away. History writes down what gold says, good or not, and
    metrics read it."""
    parents = golden_build.manifest["parent_map"]

    def with_parents(name):
        waiting, found = [model["unique_id"] for model in models if model["name"] == name], set()
        while waiting:
            found |= set(waiting)
            waiting = [key for node in waiting for key in parents[node] if key not in found]
        return found

    awaited = with_parents("audit_log")
    not_awaited = {
        relation(model)
        for model in models
        if layer_of(model) not in ("history", "ledger", "published", "semantic")
        and model["unique_id"] not in awaited | with_parents("service_levels")
    }
    assert awaited and not not_awaited, listing(not_awaited)


def test_whatever_observes_something_for_the_checks_is_listed(golden_build, models):
    [judge] = [model["unique_id"] for model in models if model["name"] == "check_observations"]
    observers = {model["unique_id"] for model in models if model["name"].startswith("observed_")}
    unheard = observers - set(golden_build.manifest["parent_map"][judge])
    assert observers and not unheard, listing(unheard)


def test_no_model_reads_the_truth(nodes, models):
    assert "truth" not in {node["source_name"] for node in nodes.values() if node["resource_type"] == "source"}
    reading = [relation(model) for model in models if re.search(r"\btruth\s*[./]", model["raw_code"])]
    assert not reading, listing(reading)


def test_no_model_names_a_relation_by_hand(sql_models):
    """Whatever stands after from or join is a step of the same model, a ref, or a query in brackets."""
    found = []
    for model in sql_models:
        sql = re.sub(r"\bis (not )?distinct from\b", " ", code(model["raw_code"]))
        steps = set(re.findall(r"\b(\w+) as \(", sql))
        read = re.findall(r"\b(?:from|join)\s+([\w.\"]+)", sql)
        found += [f"{relation(model)}: {name}" for name in read if name not in steps | {"jinja"}]
    assert not found, listing(found)


def test_raw_tables_are_listed_declared_landed_and_audited_alike(golden_build, nodes, models):
    project = golden_build.manifest["metadata"]["project_name"]
    macro = golden_build.manifest["macros"][f"macro.{project}.raw_table_names"]["macro_sql"]
    listed = [".".join(pair) for pair in re.findall(r"\('(\w+)', '(\w+)'\)", macro)]
    sources = [node for node in nodes.values() if node["resource_type"] == "source"]
    landed = [model["name"].removeprefix("landed_") for model in models if layer_of(model) == "landing"]
    assert len(listed) == len(set(listed))
    assert sorted(listed) == sorted(f"{node['source_name']}.{node['name']}" for node in sources)
    assert sorted(landed) == sorted(name.split(".")[1] for name in listed)
    audited = golden_build.rows("select source_table from bronze.load_audit")
    assert sorted(listed) == sorted(row["source_table"] for row in audited)


# --- Descriptions and contracts ---------------------------------------------------------------------------------------


def test_every_description_begins_with_the_grain(models):
    others = [relation(model) for model in models if not model["description"].startswith("One row")]
    assert not others, listing(others)


def test_every_real_column_is_described_and_no_other_is(models, built_columns):
    wrong = []
    for model in documented(models):
        described = {name for name, column in model["columns"].items() if column["description"].strip()}
        real = set(built_columns[relation(model)]) - kept_columns(model, built_columns)
        wrong += [f"{relation(model)}.{name} is not described" for name in sorted(real - described)]
        wrong += [f"{relation(model)}.{name} does not exist" for name in sorted(set(model["columns"]) - real)]
    assert not wrong, listing(wrong)


def kept_columns(model, built_columns):
    """The columns that a table of versions or of changes keeps of gold's, described there."""
    gold = re.sub("_(versions|changes)$", "", model["name"])
    return set(built_columns[f"gold.{gold}"]) if layer_of(model) in ("history", "published") else set()


@pytest.mark.parametrize("name", SERVED)
def test_what_is_served_has_exactly_the_columns_of_gold_and_keeps_them_by_version(built_columns, name):
    promised = list(built_columns[f"gold.{name}"].items())
    assert promised
    assert list(built_columns[f"published.{name}"].items()) == promised
    assert list(built_columns[f"published.{name}_versions"].items()) == [("version_id", "VARCHAR"), *promised]


@pytest.mark.parametrize("name", ["serving_status", "versions"])
def test_what_is_said_of_what_is_served_has_an_enforced_contract(models, name):
    [model] = [model for model in models if model["name"] == name]
    assert model["schema"] == "published" and model["contract"]["enforced"]


@pytest.mark.parametrize("name", PROMISED)
def test_promised_tables_have_an_enforced_contract_and_a_version_under_their_name(models, name):
    [model] = [model for model in models if relation(model) == f"gold.{name}"]
    assert model["name"] == name and model["contract"]["enforced"] and model["version"]


def test_every_seed_row_gives_a_reason(nodes, project_root):
    without = []
    seeds = [node for node in nodes.values() if node["resource_type"] == "seed"]
    for seed in seeds:
        with (project_root / seed["original_file_path"]).open(newline="") as handle:
            rows = list(csv.DictReader(handle))
        without += [f"{seed['name']}, row {number}" for number, row in enumerate(rows, 1) if not row.get("reason")]
    assert seeds and not without, listing(without)


# --- Vocabulary -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def columns(models, built_columns):
    """(table.column, column, type) of every column of the layers, landing apart."""
    return [
        (f"{relation(model)}.{name}", name, kind)
        for model in documented(models)
        for name, kind in built_columns[relation(model)].items()
    ]


def test_columns_have_the_types_of_the_project(columns):
    """No 32-bit float anywhere, and whole numbers are BIGINT: a sum of counts is a HUGEINT until it is cast."""
    wrong = [f"{column} is {kind}" for column, name, kind in columns if kind not in TYPES and name not in NARROW]
    assert not wrong, listing(wrong)


def test_the_end_of_a_name_says_the_type(columns):
    wrong = [
        f"{column} is {kind} and not {expected}"
        for column, name, kind in columns
        for pattern, expected in TYPE_BY_NAME
        if re.search(pattern, name) and kind != expected
    ]
    assert not wrong, listing(wrong)


def test_times_days_and_yes_or_no_are_named_so(columns):
    wrong = [
        f"{column} is {kind}"
        for column, name, kind in columns
        if kind in NAME_BY_TYPE and name not in SPAN_ENDS and not re.search(NAME_BY_TYPE[kind], name)
    ]
    assert not wrong, listing(wrong)


def test_one_name_has_one_type(columns):
    types = defaultdict(set)
    for _, name, kind in columns:
        types[name].add(kind)
    several = {name: kinds for name, kinds in types.items() if len(kinds) > 1 and name not in SEVERAL_TYPES}
    wrong = [f"{name}: {', '.join(sorted(kinds))}" for name, kinds in several.items()]
    assert not wrong, listing(wrong)


# Vars that say where raw data lies, what of it is read, and who may read the result: the tables follow the same rules.
NO_SETTINGS = {
    "raw_dir", "as_of", "kept_versions", "breaker_alarm", "load_max_rows", "rework_from", "rework_until",
}  # fmt: skip


def test_a_var_that_rules_the_tables_makes_a_load_start_afresh(project_root):
    declared = yaml.safe_load((project_root / "dbt_project.yml").read_text())["vars"]
    macro = (project_root / "macros" / "increments" / "fresh_starts.sql").read_text()
    settings = macro[macro.index("{% macro load_settings()") :]
    assert set(declared) - set(re.findall(r"'(\w+)'", settings)) == NO_SETTINGS


# --- SQL --------------------------------------------------------------------------------------------------------------


def test_models_are_short(sql_models):
    lengths = {relation(model): len(model["raw_code"].splitlines()) for model in sql_models}
    long = [f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_MODEL]
    assert not long, listing(long)


def test_no_model_compares_with_a_bare_number(sql_models):
    """Thresholds live in seeds and vars. Comparing with 0 or 1 is counting, one row of a window frame is a neighbour."""
    compared = re.compile(r"(?:<=?|>=?|\bbetween|\band|\bhaving)\s*-?\d+(?:\.\d+)?(?![\d.])|\b\d+ (?:preceding|following)")
    bare = [
        f"{relation(model)}: {found}"
        for model in sql_models
        for found in compared.findall(code(model["raw_code"]))
        if float(re.search(r"-?\d+(\.\d+)?", found)[0]) not in (0, 1)
    ]
    assert not bare, listing(bare)


def test_only_the_engine_macros_use_what_some_engines_lack(project_root):
    engine = project_root / "macros" / "engine"
    files = [path for folder in ("models", "macros", "tests") for path in sorted(Path(project_root, folder).rglob("*.sql"))]
    assert any(engine in path.parents for path in files)
    found = []
    for path in files:
        # Jinja stays: an expression handed to a macro is SQL too. Tags without SQL (set, do, if) may hold Python methods.
        sql = re.sub(r"--[^\n]*|\{#.*?#\}", " ", path.read_text(), flags=re.DOTALL)
        if engine not in path.parents:
            found += [f"{path.relative_to(project_root)}: {match[0]}" for match in ENGINE_SPECIFIC.finditer(sql)]
    assert not found, listing(found)
