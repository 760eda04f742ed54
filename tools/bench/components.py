"""One way to the connected components of one graph, in a process of its own; prints one line of JSON.

`edge_contraction` runs the statements of the project's own macro: its file is rendered here with stand-ins for what dbt
gives it.
"""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
from jinja2 import Environment

from tools.bench.contestants import Clock
from tools.bench.results import PROJECT_ROOT

MACRO = PROJECT_ROOT / "macros" / "identity" / "edge_contraction.sql"


class Relation(str):
    """The name of a table, as much of dbt's relation as the macro uses."""

    identifier = property(str)

    def incorporate(self, path: dict | None = None, type: str = "table") -> "Relation":  # noqa: A002  dbt's word
        return Relation(path["identifier"] if path else self)


def edge_contraction(database: duckdb.DuckDBPyConnection) -> int:
    """Make the table `components` as dbt would; how many statements that took."""
    statements = []

    def execute(sql: str) -> duckdb.DuckDBPyConnection:
        statements.append(sql)
        return database.execute(sql)

    def stop(message: str) -> None:
        raise RuntimeError(message)

    environment = Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {
        "this": Relation("components"),
        "sql": "select vertex_a, vertex_b from edges",
        "model": SimpleNamespace(name="components"),
        "statement": lambda name, caller: execute(caller()) and "",
        "run_query": lambda sql: SimpleNamespace(rows=execute(sql).fetchall()),
        "adapter": SimpleNamespace(drop_relation=lambda table: execute(f"drop table {table}"), commit=lambda: None),
        "load_cached_relation": lambda relation: None,
        "run_hooks": lambda hooks: "",
        "persist_docs": lambda relation, model: None,
        "stop": stop,
        "return": lambda value: value,
    }
    text = re.sub(r"{% (end)?materialization.*?%}", "", MACRO.read_text())
    # Macros are called before the end of the file that defines them, as dbt allows.
    head, scratch = text.split("{% macro scratch_relation", 1)
    environment.from_string("{% macro scratch_relation" + scratch + head).render()
    return len(statements)


def scipy_components(database: duckdb.DuckDBPyConnection) -> tuple:
    """Vertices, the label of each, and the seconds of the components alone."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    edges = database.execute("select vertex_a, vertex_b from edges").fetchnumpy()
    ends = np.concatenate([edges["vertex_a"], edges["vertex_b"]])
    vertices, places = np.unique(ends, return_inverse=True)
    half = len(ends) // 2
    graph = sparse.coo_array((np.ones(half, dtype=np.int8), (places[:half], places[half:])), shape=(len(vertices),) * 2)
    graph = graph.tocsr()
    with Clock() as alone:
        _, labels = connected_components(graph, directed=False)
    return vertices, labels, alone


def run_scipy(database: duckdb.DuckDBPyConnection) -> dict:
    """Components by scipy; named by their smallest vertex when the clock has stopped."""
    import numpy as np
    import pyarrow
    import scipy.sparse.csgraph  # noqa: F401  its import is not what is measured

    with Clock() as clock:
        vertices, labels, alone = scipy_components(database)
    _, first = np.unique(labels, return_index=True)
    database.register("found", pyarrow.table({"vertex": vertices, "component": vertices[first][labels]}))
    database.execute("create table components as select * from found")
    return {"wall_seconds": clock.wall, "cpu_seconds": clock.cpu, "bare_cpu_seconds": alone.cpu}


def run_ours(database: duckdb.DuckDBPyConnection) -> dict:
    """Components by the macro."""
    with Clock() as clock:
        statements = edge_contraction(database)
    return {"wall_seconds": clock.wall, "cpu_seconds": clock.cpu, "statements": statements}


WAYS = {"edge_contraction": run_ours, "scipy": run_scipy}


def main(way: str, file: Path) -> None:
    """Find the components and keep them beside the graph."""
    database = duckdb.connect(":memory:")
    database.execute(f"attach '{file}' as graph (read_only); create view edges as select * from graph.edges")
    found = WAYS[way](database)
    kept = file.with_suffix(f".{way}.parquet")
    database.execute(f"copy (select vertex, component from components order by vertex) to '{kept}'")
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
