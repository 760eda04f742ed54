"""Give every row of a spine the features as the store knew them at the row's time, and nothing learnt later.

    .venv/bin/python -m tools.training_set --features person_features --spine spine.parquet --out train.parquet

The spine (Parquet or CSV) has the columns that say whom a row is about, and a time: `asked_at`, or --time-column. A time without
an offset is UTC. Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing to
it. The rows keep their order. docs/training_sets.md says what was known when.
"""

import argparse
import os
import sys

import duckdb

from tools.stores import Refused, open_store, store_path

# Whom a row of features is about; macro feature_keys says the same to dbt.
KEYS = {"campaign_daily_features": {"date": "date", "campaign_id": "varchar"}, "person_features": {"person_id": "varchar"}}
OF_THE_HISTORY = ["load_number", "is_removed"]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--features", required=True, choices=sorted(KEYS))
    arguments.add_argument("--spine", required=True, help="whom and when: a .parquet or .csv file")
    arguments.add_argument("--out", required=True, help="the .parquet file to write")
    arguments.add_argument("--time-column", default="asked_at")
    chosen = arguments.parse_args()
    try:
        with open_history(chosen.features) as connection:
            rows, known = training_set(connection, chosen.features, chosen.spine, chosen.time_column, chosen.out)
    except (Refused, duckdb.Error) as problem:
        print(f"No training set: {str(problem).splitlines()[0]}", file=sys.stderr)
        return 1
    print(f"{chosen.out}: {rows:,} rows, of {known:,} something was known")
    return 0


def open_history(features):
    connection = open_store()
    if not connection.execute(
        "select 1 from information_schema.tables where table_schema = 'history' and table_name = ?", [f"{features}_changes"]
    ).fetchall():
        raise Refused(f"{store_path()} has no history of {features} yet: it begins with the next build")
    return connection


def training_set(connection, features, spine, time_column, out):
    """Write the file; how many rows it has, and of how many something was known."""
    reader = "read_csv" if spine.endswith((".csv", ".csv.gz")) else "read_parquet"
    if not os.path.exists(spine):
        raise Refused(f"there is no spine at {spine}")
    connection.execute(f"create temp table spine as select * from {reader}(?)", [spine])
    columns = column_types(connection, "spine")
    keys = KEYS[features]
    told = [name for name in column_types(connection, f"history.{features}_changes") if name not in [*keys, *OF_THE_HISTORY]]
    check_spine(columns, [*keys, time_column], time_column, told)
    same_key = " and ".join(f'cast(spine."{key}" as {kind}) = known.{key}' for key, kind in keys.items())
    connection.execute(f"""
        create temp table training_set as
        select spine.*, {", ".join(f"known.{name}" for name in told)}
        from spine asof left join history.{features}_changes as known
            on {same_key} and cast(spine."{time_column}" as timestamp) >= known.known_from
        order by spine.rowid
    """)
    connection.execute(f"copy training_set to '{out.replace(chr(39), 2 * chr(39))}' (format parquet)")
    return connection.execute("select count(*), count(known_from) from training_set").fetchone()


def column_types(connection, table):
    return {name: kind for name, kind, *_ in connection.execute(f"describe {table}").fetchall()}


def check_spine(columns, needed, time_column, told):
    missing = [name for name in needed if name not in columns]
    if missing:
        raise Refused(f"the spine has no column {', '.join(missing)}; it needs {', '.join(needed)}")
    if not columns[time_column].startswith("TIMESTAMP"):
        raise Refused(f"{time_column} of the spine is {columns[time_column]}: it must be a timestamp")
    if both := [name for name in columns if name.lower() in told]:
        raise Refused(f"the spine and the features both have {', '.join(both)}: rename the spine's")


if __name__ == "__main__":
    sys.exit(main())
