"""Which expectations hold for which table: the rules of bronze.yml and gold.yml, and what the project already declares.

A suite is one layer. For each of its tables the YAML holds rules in the words of `RULES`; columns, types, required values
and keys are read where they are declared (models/bronze/_sources.yml, the contracts of models/gold), so that no rule stands
in two places.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from great_expectations import expectations as gxe

PROJECT = Path(__file__).resolve().parents[1]
LAYERS = ["bronze", "gold"]

# What DuckDB calls the types of _sources.yml, and the rules they imply; the others are texts and imply none.
BRONZE_TYPES = {"timestamp": "TIMESTAMP", "date": "DATE", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN"}
IMPLIED_RULES = {"email": "hashes", "phone": "hashes", "identifier": "without_addresses", "currency": "currency_codes"}


@dataclass(frozen=True)
class Column:
    """A column as the project declares it."""

    name: str
    type: str  # as DuckDB calls it
    is_required: bool
    implied_rule: str | None = None


@dataclass(frozen=True)
class Table:
    """One table to check."""

    layer: str
    name: str
    source: str  # what stands after `from`
    types: dict[str, str]  # the declared columns
    key: list[str]  # the first rule `unique`; every table has one, and is sampled by it
    expectations: list

    def columns(self):
        """The columns the expectations look at, each once."""
        looked_at = []
        for expectation in self.expectations:
            kwargs = expectation.configuration.kwargs
            looked_at += [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *kwargs.get("column_list", [])]
        return [name for name in dict.fromkeys(looked_at) if name]


def unique(keys):
    for key in keys:
        described = f"{', '.join(key)}: no two rows are the same"
        if len(key) == 1:
            yield gxe.ExpectColumnValuesToBeUnique(column=key[0], description=described)
        else:
            yield gxe.ExpectCompoundColumnsToBeUnique(column_list=key, ignore_row_if="never", description=described)


def required(columns):
    for column in columns:
        yield gxe.ExpectColumnValuesToNotBeNull(column=column, description=f"{column}: never null")


def between(ranges):
    for column, (least, most) in ranges.items():
        yield gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=least, max_value=most, description=f"{column}: {least} to {most}"
        )


def at_least(bounds):
    for column, least in bounds.items():
        yield gxe.ExpectColumnValuesToBeBetween(column=column, min_value=least, description=f"{column}: at least {least}")


def above(bounds):
    for column, bound in bounds.items():
        yield gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=bound, strict_min=True, description=f"{column}: above {bound}"
        )


def one_of(words):
    for column, allowed in words.items():
        values = [value for item in allowed for value in (item if isinstance(item, list) else [item])]
        described = f"{column}: one of {', '.join(str(value).lower() for value in values)}"
        yield gxe.ExpectColumnValuesToBeInSet(column=column, value_set=values, description=described)


def in_order(pairs):
    for smaller, larger in pairs:
        yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=larger,
            column_B=smaller,
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            description=f"{smaller}, {larger}: the second is never smaller",
        )


def currency_codes(columns):
    for column in columns:
        yield gxe.ExpectColumnValuesToMatchRegex(
            column=column, regex="^[A-Z]{3}$", description=f"{column}: three capitals (ISO 4217)"
        )


def hashes(columns):
    for column in columns:
        yield gxe.ExpectColumnValuesToMatchRegex(
            column=column, regex="^[0-9a-f]{64}$", description=f"{column}: 64 hexadecimal digits"
        )


def without_addresses(columns):
    for column in columns:
        yield gxe.ExpectColumnValuesToNotMatchRegex(
            column=column, regex="@", description=f"{column}: no e-mail address (no @)"
        )


RULES = {
    rule.__name__: rule
    for rule in [required, unique, between, at_least, above, one_of, in_order, currency_codes, hashes, without_addresses]
}


def load_suite(layer):
    """The tables of a layer with all their expectations, in the order of its YAML."""
    declared = {"bronze": declared_sources, "gold": declared_contracts}[layer]()
    written = yaml.safe_load((PROJECT / "expectations" / f"{layer}.yml").read_text())
    return [table_of(layer, name, rules, *declared.get(name, ([], []))) for name, rules in written.items()]


def table_of(layer, name, rules, columns, key):
    """Declared rules first, then written ones. `renamed` and `query` are not rules."""
    renamed = {column.name: rules.get("renamed", {}).get(column.name, column.name) for column in columns}
    kept = [column for column in columns if renamed[column.name]]
    declared = {
        "unique": [[renamed[name] for name in key]] if key else [],
        "required": [renamed[column.name] for column in kept if column.is_required],
    }
    for column in kept:
        if column.implied_rule:
            declared.setdefault(column.implied_rule, []).append(renamed[column.name])
    return Table(
        layer,
        name,
        source=f"({rules['query']})" if "query" in rules else f"{layer}.{name}",
        types={renamed[column.name]: column.type for column in kept},
        key=[*declared["unique"], *rules.get("unique", [])][0],
        expectations=[
            expectation
            for some in (declared, rules)
            for word, argument in some.items()
            if word not in ("renamed", "query")
            for expectation in RULES[word](argument)
        ],
    )


def raw_tables():
    """(schema, declaration) of every raw table of models/bronze/_sources.yml."""
    sources = yaml.safe_load((PROJECT / "models/bronze/_sources.yml").read_text())["sources"]
    return [(source["name"], table) for source in sources for table in source["tables"]]


def is_required(declared):
    """Whether a raw table, or a column of one, has to be there."""
    return declared.get("config", {}).get("meta", {}).get("required", False)


def declared_sources():
    """Columns and key per raw table, under their raw names."""
    return {
        table["name"]: (
            [
                Column(
                    column["name"],
                    BRONZE_TYPES.get(column["data_type"], "VARCHAR"),
                    is_required=is_required(column),
                    implied_rule=IMPLIED_RULES.get(column["data_type"]),
                )
                for column in table["columns"]
            ],
            table["config"]["meta"]["key"],
        )
        for _, table in raw_tables()
    }


def declared_contracts():
    """Columns per gold model with an enforced contract; their keys are written in gold.yml."""
    files = sorted((PROJECT / "models/gold").rglob("*.yml"))
    models = [model for file in files for model in yaml.safe_load(file.read_text()).get("models", [])]
    return {
        model["name"]: (
            [
                Column(
                    column["name"],
                    column["data_type"].upper(),
                    is_required={"type": "not_null"} in column.get("constraints", []),
                )
                for column in model["columns"]
            ],
            [],
        )
        for model in models
        if model.get("config", {}).get("contract", {}).get("enforced")
    }
