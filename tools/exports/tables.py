"""Query results as Parquet and CSV files, the same bytes for the same rows, and what a manifest says of them."""

import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

# What a spreadsheet would take for a formula; campaigns are named by whoever tags a link.
LIKE_A_FORMULA = r"^[=+\-@\t\r]"


@dataclass(frozen=True)
class Export:
    """One file to write: its name, the query of its rows, the table of the store that describes its columns, and what that
    table does not say."""

    name: str
    query: str
    described_by: str
    more_words: dict = field(default_factory=dict)


def table_of_store(relation: str) -> Export:
    """All rows of a table, under its own name."""
    return Export(relation.split(".")[1], f"select * from {relation} order by all", relation)


def write_parquet(connection, export: Export, folder: Path) -> dict:
    """Write {name}.parquet; its entry in the manifest."""
    path = folder / f"{export.name}.parquet"
    tell_progress(path)
    connection.execute(f"copy ({export.query}) to {literal(path)} (format parquet, compression zstd)")
    return {"file": path.name, **described(connection, export), **weighed(path)}


def write_csv(connection, export: Export, folder: Path) -> dict:
    """Write {name}.csv with a header; a text that a spreadsheet would run as a formula begins with an apostrophe."""
    path = folder / f"{export.name}.csv"
    tell_progress(path)
    columns = [harmless(name) if kind == "VARCHAR" else name for name, kind in columns_of(connection, export.query)]
    connection.execute(f"copy (select {', '.join(columns)} from ({export.query})) to {literal(path)} (format csv, header)")
    return {"file": path.name, **described(connection, export), **weighed(path)}


def tell_progress(path: Path):
    """Say at a terminal which file is being written."""
    if sys.stderr.isatty():
        print(f"  {path.name} …", file=sys.stderr)


def harmless(column) -> str:
    """A text that no spreadsheet runs, under the name of the column."""
    return f"case when regexp_matches({column}, '{LIKE_A_FORMULA}') then '''' || {column} else {column} end as {column}"


def described(connection, export: Export) -> dict:
    """Rows and columns of a query, with the words of the table they come from."""
    columns = columns_of(connection, export.query)
    words = comments(connection, export.described_by) | export.more_words
    return {
        "table": export.described_by,
        "description": table_comment(connection, export.described_by),
        "rows": connection.execute(f"select count(*) from ({export.query})").fetchone()[0],
        "columns": [{"name": name, "type": kind, "description": words.get(name)} for name, kind in columns],
        "schema_fingerprint": sha256("".join(f"{name} {kind}\n" for name, kind in columns).encode()),
    }


def columns_of(connection, query):
    return [(name, kind) for name, kind, *_ in connection.execute(f"describe {query}").fetchall()]


def comments(connection, relation) -> dict:
    """{column: description} of a table; what is published is described in gold. Empty: the build wrote no comments."""
    schema, table = relation.split(".")
    found = connection.execute(
        """
        select column_name, comment from duckdb_columns()
        where table_name = ? and schema_name in (?, 'gold') and comment is not null order by schema_name = 'gold' desc
        """,
        [table, schema],
    ).fetchall()
    return {name: " ".join(comment.split()) for name, comment in found}


def table_comment(connection, relation):
    schema, table = relation.split(".")
    found = connection.execute(
        """
        select comment from duckdb_tables() where schema_name = $1 and table_name = $2
        union all
        select comment from duckdb_views() where schema_name = $1 and view_name = $2
        """,
        [schema, table],
    ).fetchone()
    return " ".join(found[0].split()) if found and found[0] else None


def weighed(path: Path) -> dict:
    return {"bytes": path.stat().st_size, "sha256": sha256_of_file(path)}


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def literal(text) -> str:
    return "'" + str(text).replace("'", "''") + "'"

