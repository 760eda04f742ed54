"""The contract of raw files, before anything is loaded: python expectations/run.py --raw folder.

Made from what is declared already: tables, columns, types, keys and what is required in models/bronze/_sources.yml, rules on
values in bronze.yml, reading and typing in the macros of the build. A row that cannot be used is set aside later, so a rule
tolerates a share of rows (seeds/raw_tolerances.csv, each with its reason). What would stop a build or spoil the store is
critical; a rule of bronze.yml, an empty optional table or a column that nobody declared is a warning.
"""

import csv

import duckdb
import yaml
from great_expectations import expectations as gxe

from checks import check_facts, check_table
from macros import Macros, RawProblem
from suites import PROJECT, RULES, Table, is_required, raw_tables

LAYER = "raw"
TYPED = {"timestamp", "date", "number", "integer", "boolean", "identifier_type"}
PERSONAL = {"email", "phone", "identifier"}  # looked at as they come, because bronze would hash them
VALUE_RULES = ("at_least", "above", "between", "one_of", "in_order")


def check_raw(connection, pandas_source, raw_dir, limit):
    """(name, results) of every raw table, one after the other; without results an optional one that is absent."""
    connection.execute("set TimeZone = 'UTC'")
    macros = Macros(connection, raw_dir)
    written = yaml.safe_load((PROJECT / "expectations" / "bronze.yml").read_text())
    for schema, declared in raw_tables():
        name = f"{schema}.{declared['name']}"
        try:
            relation = macros.relation(schema, declared["name"])
            if relation is None and not is_required(declared):
                yield name, None
                continue
            result = nothing_of(name)
            if relation:
                table = raw_table(name, declared, relation, macros, written.get(declared["name"], {}))
                result = check_table(connection, pandas_source, table, limit)
            facts = facts_of(declared, relation, result["rows"])
            if relation:
                facts += later(connection, name, table, declared["config"]["meta"].get("time_column"), result["rows"])
        except (RawProblem, duckdb.Error) as problem:
            result = nothing_of(name)
            facts = [("the files can be read", reason(problem), "critical")]
        yield name, {**result, "results": check_facts(pandas_source, name, facts) + result["results"]}


def nothing_of(name):
    return {"layer": LAYER, "table": name, "rows": 0, "checked_rows": 0, "results": []}


def reason(problem):
    """Why files cannot be read. DuckDB may quote a line of a text file, and a line holds values: then only the kind."""
    text = str(problem).splitlines()[0]
    return text if isinstance(problem, RawProblem) or ".parquet" in text else type(problem).__name__


def facts_of(declared, relation, row_count):
    """(what holds, what is wrong or nothing, severity) of the table as a whole."""
    if relation is None:
        return [("the table is there", "no such file, or one without a header", "critical")]
    there = relation["columns"]
    columns = [column["name"] for column in declared["columns"]]
    required = [column["name"] for column in declared["columns"] if is_required(column)]
    missing = ", ".join(f"{name} is missing" for name in required if name not in there)
    unknown = ", ".join(f"{name} is new" for name in there if name not in columns)
    return [
        (f"{len(required)} required columns: there", missing, "critical"),
        ("no column that is not declared", unknown, "warning"),
        ("at least one row", "" if row_count else "it is empty", "critical" if is_required(declared) else "warning"),
    ]


def later(connection, name, table, time_column, row_count):
    """Whether times lie ahead. Of all rows, also where others are sampled: a single one would move the store's "now"."""
    asked = f"{time_column} is no later than tomorrow"
    if f'"{asked}"' not in table.source:
        return []
    [(count,)] = connection.execute(f'select count(*) from {table.source} where not "{asked}"').fetchall()
    tolerated = tolerances(name)["future"]
    wrong = f"{count:,} {'is' if count == 1 else 'are'}" if count > tolerated * row_count else ""
    return [(f"{time_column}: {words(tolerated)} later than tomorrow", wrong, "critical")]


def raw_table(name, declared, relation, macros, rules):
    """A raw table as the rules see it: its columns typed as bronze will type them, and beside each whether it is there
    and readable."""
    meta = declared["config"]["meta"]
    columns = [column for column in declared["columns"] if column["name"] in relation["columns"]]
    versions = [meta["version_column"]] if "version_column" in meta else []
    key = [column for column in [*meta["key"], *versions] if column in relation["columns"]]
    tolerated = tolerances(name)
    return Table(
        LAYER,
        name,
        source=f"({typed_query(columns, relation, macros, meta.get('time_column'))})",
        types={},
        key=[f'"{column}"' for column in key] or ["1"],
        expectations=[
            *not_missing(columns, tolerated["missing"]),
            *readable(columns, tolerated["unreadable"]),
            *currencies(columns, tolerated["unreadable"]),
            *not_repeated(key, tolerated["repeated"]),
            *value_rules(columns, rules),
        ],
    )


def typed_query(columns, relation, macros, time_column):
    """One row per raw row. A value counts as there or readable by the very macros of the landing models."""
    present = ", ".join(
        f"{macros.present(column['name'], relation['columns'][column['name']])} as \"{column['name']}\"" for column in columns
    )
    asked = []
    for column in columns:
        name, kind = column["name"], column["data_type"]
        value = f'raw_rows."{name}"' if kind in PERSONAL else macros.landed_value(column)
        asked.append(f'{value} as "{name}"')
        asked.append(f'case when raw_rows."{name}" is not null then true end as "{name} is there"')
        if kind in TYPED:
            asked.append(f'case when raw_rows."{name}" is not null then ({value}) is not null end as "{name} is readable"')
        if name == time_column:
            asked.append(f"({value}) <= timezone('UTC', now()) + interval 1 day as \"{name} is no later than tomorrow\"")
    return f"with raw_rows as (select {present} from {relation['relation']}) select {', '.join(asked)} from raw_rows"


def tolerances(table):
    """{rule: share of rows} of a table; its own rows of the seed rule."""
    with (PROJECT / "seeds" / "raw_tolerances.csv").open(newline="") as handle:
        rows = sorted(csv.DictReader(handle), key=lambda row: row["source_table"] == table)
    return {row["rule"]: float(row["tolerated_share"]) for row in rows if row["source_table"] in ("all", table)}


def not_missing(columns, tolerated):
    for column in filter(is_required, columns):
        yield gxe.ExpectColumnValuesToNotBeNull(
            column=f"{column['name']} is there",
            mostly=1 - tolerated,
            description=f"{column['name']}: {words(tolerated)} missing",
        )


def readable(columns, tolerated):
    for column in columns:
        if column["data_type"] in TYPED:
            described = f"{column['name']}: {words(tolerated)} not readable as {column['data_type'].replace('_', ' ')}"
            yield true_for(f"{column['name']} is readable", tolerated, described)


def currencies(columns, tolerated):
    for column in columns:
        if column["data_type"] == "currency":
            [expectation] = RULES["currency_codes"]([column["name"]])
            expectation.mostly = 1 - tolerated
            yield expectation


def not_repeated(key, tolerated):
    if key:
        [expectation] = RULES["unique"]([key])
        expectation.mostly = 1 - tolerated
        expectation.description = f"{', '.join(key)}: {words(tolerated)} with the key of another"
        yield expectation


def value_rules(columns, rules):
    """The written rules of bronze.yml under raw names, as warnings: bronze itself is judged by them after a build."""
    raw_names = {bronze: raw for raw, bronze in rules.get("renamed", {}).items()}
    there = {column["name"] for column in columns}

    def as_raw(column):
        return raw_names.get(column, column)

    for word in VALUE_RULES:
        argument = rules.get(word, {})
        if word == "in_order":
            named = [[as_raw(column) for column in pair] for pair in argument if there.issuperset(map(as_raw, pair))]
        else:
            named = {as_raw(column): value for column, value in dict(argument).items() if as_raw(column) in there}
        for expectation in RULES[word](named):
            expectation.severity = "warning"
            yield expectation


def true_for(column, tolerated, described):
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=[True], mostly=1 - tolerated, description=described)


def words(tolerated):
    return f"at most {tolerated:.0%} of the rows" if tolerated else "no row"
