"""Check what enters bronze and what leaves gold with great-expectations, and write the Data Docs.

    .venv/bin/python expectations/run.py [--db data/feature_store.duckdb] [--out data/expectations] [--sample-above 1000000]

Reads the DuckDB file (default: FEATURE_STORE_DB) and prints one line per table. {out}/index.html is one page that needs no
network; {out}/results.json holds great-expectations' own results behind it. Neither they nor the screen ever show a value
of a row: a value that breaks a rule may be the very one nobody should read. The same store gives the same bytes, also where
a table above the limit is sampled: by the hash of its key, so that rows of one key are looked at together.

Exit code 0: every expectation holds; 1: one does not, or there is nothing to check.

great-expectations' own SQL route to DuckDB closes the connection before it fetches, so its pandas asset is fed from DuckDB.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import: great-expectations reads it there

import duckdb
import pandas as pd


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--db", type=Path, default=os.environ.get("FEATURE_STORE_DB", "data/feature_store.duckdb"))
    arguments.add_argument("--out", type=Path, default="data/expectations", help="folder of the Data Docs")
    arguments.add_argument("--sample-above", type=int, default=1_000_000, help="rows of a table that are checked at most, about")
    chosen = arguments.parse_args()
    if not chosen.db.is_file():
        return stop(f"There is no feature store at {chosen.db} yet: run make build, or name a file with --db.")
    try:
        with duckdb.connect(str(chosen.db), read_only=True) as connection:
            checked = check_store(connection, max(1, chosen.sample_above))
    except duckdb.CatalogException as problem:
        return stop(f"{chosen.db} holds no finished build ({first_line(problem)}): run make build.")
    except duckdb.IOException as problem:
        return stop(f"{chosen.db} cannot be read ({first_line(problem)}).")

    from page import as_page

    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "results.json").write_text(json.dumps(checked, indent=2) + "\n")
    (chosen.out / "index.html").write_text(as_page(checked))
    failed = sum(not result["success"] for table in checked for result in table["results"])
    held = sum(len(table["results"]) for table in checked) - failed
    print(f"\n{held} expectations hold, {failed} do not. Data Docs: {chosen.out}/index.html")
    return 1 if failed else 0


def check_store(connection, limit):
    """Check every table of both suites and print its line as it is done."""
    import great_expectations as gx  # slow to import: not before we know that there is something to check
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from suites import LAYERS, load_suite

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    pandas_source = context.data_sources.add_pandas("duckdb")
    checked = []
    for layer in LAYERS:
        for table in load_suite(layer):
            checked.append(check_table(connection, pandas_source, table, limit))
            print_table(checked[-1])
    return checked


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
    from great_expectations import expectations as gxe

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


def validate(pandas_source, name, frame, expectations):
    """Run a suite on a frame; great-expectations' JSON, without the values and whatever differs from run to run."""
    import great_expectations as gx

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


def print_table(table):
    failed = [result for result in table["results"] if not result["success"]]
    name = f"{table['layer']}.{table['table']}"
    sampled = f" ({table['checked_rows']:,} checked)" if table["checked_rows"] < table["rows"] else ""
    held = len(table["results"]) - len(failed)
    print(f"{name:<34}{held:>4} hold {len(failed):>3} fail {table['rows']:>12,} rows{sampled}", flush=True)
    for result in failed:
        broken_by = result["result"].get("unexpected_count")
        counted = f"{broken_by:,} of {result['result']['element_count']:,} break it" if broken_by else "could not be checked"
        print(f"  FAILED {name} · {result['expectation_config']['description']} · {counted}", flush=True)


def first_line(problem):
    return str(problem).splitlines()[0]


def stop(message):
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
