"""Turn data of your own into the contract's raw tables: examples/<name>/<schema>.<table>.sql -> one Parquet file each.

Each mapping file is one DuckDB `select` whose result is the raw table of its name; `{datasets}` in it stands for the folder
of the environment variable AFS_DATASETS (default: ../shared/datasets beside the project). Result, the folder to give to dbt
as `raw_dir`: data/examples/<name>/raw/<schema>/<table>.parquet. A mistake ends in one line on stderr and exit code 1.

Usage: python examples/map_raw.py <name>
"""

import argparse
import os
import sys
from pathlib import Path

import duckdb
import yaml

PROJECT = Path(__file__).resolve().parents[1]
DECLARATIONS = PROJECT / "models" / "bronze" / "_sources.yml"


class MappingError(Exception):
    """A mistake of the user, told in one line."""


def contract_tables() -> set[str]:
    """The names schema.table that the store reads; a file of any other name would be left unread without a word."""
    sources = yaml.safe_load(DECLARATIONS.read_text())["sources"]
    return {f"{source['name']}.{table['name']}" for source in sources for table in source["tables"]}


def datasets_folder() -> Path:
    return Path(os.environ.get("AFS_DATASETS", PROJECT / ".." / "shared" / "datasets")).resolve()


def mapping_files(example: Path) -> list[Path]:
    """The mapping files of an example, by name.

    Raises MappingError when there is none, or when one is not named after a table of the contract.
    """
    files = sorted(example.glob("*.sql"))
    if not files:
        raise MappingError(f"no mapping found: examples/{example.name} holds no <schema>.<table>.sql")
    known = contract_tables()
    for file in files:
        if file.stem not in known:
            raise MappingError(f"{file.name}: the contract has no table {file.stem} (it has {', '.join(sorted(known))})")
    return files


def escaped(path: Path) -> str:
    """A path as it stands between single quotes in SQL."""
    return str(path).replace("'", "''")


def map_table(connection: duckdb.DuckDBPyConnection, file: Path, datasets: Path, raw_dir: Path) -> int:
    """Write the table of one mapping file and return its number of rows; MappingError when the select cannot run."""
    query = file.read_text().strip().rstrip(";").replace("{datasets}", escaped(datasets))
    schema, table = file.stem.split(".")
    target = raw_dir / schema / f"{table}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        (rows,) = connection.execute(f"copy (\n{query}\n) to '{escaped(target)}' (format parquet)").fetchone()
    except duckdb.Error as error:
        raise MappingError(f"{file.name}: {str(error).splitlines()[0]}") from None
    return rows


def map_example(example: Path, datasets: Path, raw_dir: Path) -> dict[str, int]:
    """Write every table of an example below raw_dir and return {schema.table: rows}.

    Tables of an earlier run whose mapping file is gone are removed: the folder always is what the mapping says.
    """
    files = mapping_files(example)
    if not datasets.is_dir() and any("{datasets}" in file.read_text() for file in files):
        raise MappingError(f"no such folder: {datasets} (set AFS_DATASETS to the folder that holds the data sets)")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = {file.stem: map_table(connection, file, datasets, raw_dir) for file in files}
    for written in raw_dir.glob("*/*.parquet"):
        if f"{written.parent.name}.{written.stem}" not in rows:
            written.unlink()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="a folder below examples/")
    name = parser.parse_args().name
    example = PROJECT / "examples" / name
    raw_dir = PROJECT / "data" / "examples" / name / "raw"
    try:
        rows = map_example(example, datasets_folder(), raw_dir)
    except MappingError as error:
        sys.exit(f"map_raw: {error}")
    for table, count in rows.items():
        print(f"{table:<28}{count:>10,} rows")
    print(f"written below {raw_dir.relative_to(PROJECT)}")


if __name__ == "__main__":
    main()
