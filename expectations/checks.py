"""Checking one table with great-expectations, and the line that says how it went.

great-expectations' own SQL route to DuckDB closes the connection before it fetches, so its pandas asset is fed from DuckDB.
Results never show a value of a row: one that breaks a rule may be the very one nobody should read.
"""

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig

WORDS = {"critical": "FAILED", "warning": "WARNING"}


def open_source():
    """The data source that takes frames; nothing is kept on disk."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("duckdb")


def check_table(connection, pandas_source, table, limit):
    """The results of one table: first that it has the declared columns, then the rules on its rows."""
    found = {name: kind for name, kind, *_ in connection.execute(f"describe select * from {table.source}").fetchall()}
    [(row_count,)] = connection.execute(f"select count(*) from {table.source}").fetchall()
    parts = -(-row_count // limit)  # one part of so many is looked at
    columns = ", ".join(f'"{name}"' for name in table.columns() if name in found)
    sampled = f" where hash({', '.join(table.key)}) % {parts} = 0" if parts > 1 else ""
    rows = connection.execute(f"select {columns} from {table.source}{sampled}").df()
    results = validate(pandas_source, f"{table.layer}.{table.name}", rows, table.expectations)
    if table.types:
        results = check_types(pandas_source, table, found) + results
    return {
        "layer": table.layer,
        "table": table.name,
        "rows": row_count,
        "checked_rows": len(rows),
        "results": results,
    }


def check_types(pandas_source, table, found):
    """One expectation on the list of columns, which unlike values may be shown: what is missing, or of another type."""
    columns = pd.DataFrame({"column": table.types.keys(), "type": [found.get(name, "missing") for name in table.types]})
    as_declared = gxe.ExpectColumnPairValuesToBeInSet(
        column_A="column",
        column_B="type",
        value_pairs_set=list(table.types.items()),
        description=f"{len(table.types)} columns: there, with their declared types",
    )
    results = validate(pandas_source, f"{table.layer}.{table.name} columns", columns, [as_declared])
    wrong = [f"{name} is {found.get(name, 'missing')}" for name, kind in table.types.items() if found.get(name) != kind]
    if wrong:
        results[0]["expectation_config"]["description"] += f" ({', '.join(wrong)})"
    return results


def check_facts(pandas_source, name, facts):
    """Expectations on a table as a whole. A fact: what should hold, what is wrong or an empty text, and how severe it is."""
    frame = pd.DataFrame({holds: ["wrong" if wrong else "right"] for holds, wrong, _ in facts})
    expectations = [
        gxe.ExpectColumnValuesToBeInSet(
            column=holds,
            value_set=["right"],
            description=f"{holds} ({wrong})" if wrong else holds,
            severity=severity,
        )
        for holds, wrong, severity in facts
    ]
    return validate(pandas_source, f"{name} as a whole", frame, expectations)


def validate(pandas_source, name, frame, expectations):
    """Run a suite on a frame; great-expectations' JSON, without the values and whatever differs from run to run."""
    batch = pandas_source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name, expectations=expectations)
    validated = batch.validate(suite, result_format="BASIC").to_json_dict()["results"]
    order = [expectation.description for expectation in expectations]
    return sorted(map(without_values, validated), key=lambda result: order.index(result["expectation_config"]["description"]))


def without_values(result):
    counted = {name: count for name, count in result["result"].items() if not name.startswith("partial_")}
    return {
        "success": result["success"],
        "expectation_config": result["expectation_config"],
        "result": counted,
    }


def failures(tables, severity="critical"):
    """The expectations of that severity that do not hold."""
    results = [result for table in tables for result in table["results"]]
    return [result for result in results if not result["success"] and result["expectation_config"]["severity"] == severity]


def title(table):
    """What a table is called: one of the store by its schema, a raw one by its own."""
    return table["table"] if table["layer"] == "raw" else f"{table['layer']}.{table['table']}"


def print_table(table):
    failed = [result for result in table["results"] if not result["success"]]
    name = title(table)
    sampled = f" ({table['checked_rows']:,} checked)" if table["checked_rows"] < table["rows"] else ""
    held = len(table["results"]) - len(failed)
    print(f"{name:<36}{held:>4} hold {len(failed):>3} fail {table['rows']:>12,} rows{sampled}", flush=True)
    for result in failed:
        word = WORDS[result["expectation_config"]["severity"]]
        print(f"  {word} {name} · {result['expectation_config']['description']}{broken_by(result['result'])}", flush=True)


def broken_by(counts):
    """How many rows break an expectation; nothing for one on the table as a whole."""
    if not counts.get("unexpected_count"):
        return " · could not be checked"
    if counts["element_count"] == 1:
        return ""
    return f" · {counts['unexpected_count']:,} of {counts['element_count']:,} break it"
