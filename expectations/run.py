"""Check raw files before a load, or what enters bronze and what leaves gold, with great-expectations; write the Data Docs.

    .venv/bin/python expectations/run.py [--db data/feature_store.duckdb] [--out data/expectations] [--sample-above 1000000]
    .venv/bin/python expectations/run.py --raw data/demo/raw [--out data/expectations/raw]

Reads the DuckDB file (default: FEATURE_STORE_DB), or the raw files of a folder (raw.py), and prints one line per table.
{out}/index.html is one page that needs no network; {out}/results.json holds great-expectations' own results behind it.
Neither they nor the screen ever show a value of a row. The same tables give the same bytes, also where one above the limit
is sampled: by the hash of its key, so that rows of one key are looked at together.

Exit code 0: every expectation holds, or only warnings fail; 1: one does not, or there is nothing to check.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import: great-expectations reads it there

import duckdb


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--db", type=Path, default=os.environ.get("FEATURE_STORE_DB", "data/feature_store.duckdb"))
    arguments.add_argument("--raw", type=Path, help="check the raw files of this folder, and no store")
    arguments.add_argument("--out", type=Path, help="folder of the Data Docs")
    arguments.add_argument("--sample-above", type=int, default=1_000_000, help="rows of a table that are checked at most, about")
    chosen = arguments.parse_args()
    limit = max(1, chosen.sample_above)
    if chosen.raw:
        if not chosen.raw.is_dir():
            return stop(f"There is no folder {chosen.raw}: name the one with your raw files (make raw-check RAW_DIR=…).")
        checked, absent = check_files(chosen.raw, limit)
        if absent:
            print(f"\nOptional and not there: {', '.join(absent)}")
        return write(checked, chosen.out or Path("data/expectations/raw"))
    if not chosen.db.is_file():
        return stop(f"There is no feature store at {chosen.db} yet: run make build, or name a file with --db.")
    try:
        with duckdb.connect(str(chosen.db), read_only=True) as connection:
            checked = check_store(connection, limit)
    except duckdb.CatalogException as problem:
        return stop(f"{chosen.db} holds no finished build ({first_line(problem)}): run make build.")
    except duckdb.IOException as problem:
        return stop(f"{chosen.db} cannot be read ({first_line(problem)}).")
    return write(checked, chosen.out or Path("data/expectations"))


def check_store(connection, limit):
    """Check every table of both suites and print its line as it is done."""
    from checks import check_table, open_source, print_table  # slow to import: not before there is something to check
    from suites import LAYERS, load_suite

    pandas_source = open_source()
    checked = []
    for layer in LAYERS:
        for table in load_suite(layer):
            checked.append(check_table(connection, pandas_source, table, limit))
            print_table(checked[-1])
    return checked


def check_files(raw_dir, limit):
    """Check every raw table that is there, or has to be; also the names of the optional ones that are not."""
    from checks import open_source, print_table
    from raw import check_raw

    with duckdb.connect() as connection:
        checked, absent = [], []
        for name, result in check_raw(connection, open_source(), raw_dir, limit):
            if result is None:
                absent.append(name)
            else:
                checked.append(result)
                print_table(result)
    return checked, absent


def write(checked, folder):
    """Results and page into the folder, the last line on the screen, and the exit code."""
    from checks import failures
    from page import as_page

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(checked, indent=2) + "\n")
    (folder / "index.html").write_text(as_page(checked))
    failed, warned = len(failures(checked)), len(failures(checked, "warning"))
    held = sum(len(table["results"]) for table in checked) - failed - warned
    warnings = f" ({warned} more only warn)" if warned else ""
    print(f"\n{held} expectations hold, {failed} do not{warnings}. Data Docs: {folder}/index.html")
    return 1 if failed else 0


def first_line(problem):
    return str(problem).splitlines()[0]


def stop(message):
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
