"""Seeded graphs of identifiers: many small components, long chains, hubs, all three in one, and chains numbered in order."""

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow

KINDS = ("small", "chains", "hubs", "mixed", "ordered")
SMALL, CHAIN, HUB = 4, 10_000, 50_000  # identifiers of a component: the mean, the length, the size


def draw_edges(kind: str, identifiers: int, seed: int) -> np.ndarray:
    """Edges (m, 2) between identifiers 1…n, a tenth of them twice; but for `ordered`, the numbers stand in no order."""
    draw = np.random.default_rng([seed, KINDS.index(kind), identifiers])
    if kind == "mixed":
        third = identifiers // 3
        parts = [_trees(name, third, draw) + number * third for number, name in enumerate(KINDS[:3])]
        edges = np.concatenate(parts)
    else:
        edges = _trees(kind, identifiers, draw)
    twice = edges[draw.random(len(edges)) < 0.1, ::-1]
    edges = draw.permutation(np.concatenate([edges, twice]))
    return (edges if kind == "ordered" else draw.permutation(identifiers)[edges]) + 1


def _trees(kind: str, identifiers: int, draw: np.random.Generator) -> np.ndarray:
    """Each identifier joined to an earlier one of its component."""
    vertex = np.arange(identifiers)
    if kind == "small":
        first = np.maximum.accumulate(np.where(draw.random(identifiers) < 1 / SMALL, vertex, 0))
        earlier = draw.integers(first, np.maximum(vertex, first + 1))
    elif kind in ("chains", "ordered"):
        first = vertex - vertex % min(CHAIN, identifiers)
        earlier = vertex - 1
    else:
        first = earlier = vertex - vertex % min(HUB, identifiers)
    return np.stack([vertex, earlier], axis=1)[vertex > first]


def write_edges(file: Path, kind: str, identifiers: int, seed: int) -> None:
    """The table `edges` (vertex_a, vertex_b) in a DuckDB file."""
    edges = draw_edges(kind, identifiers, seed)
    database = duckdb.connect(str(file))
    database.register("drawn", pyarrow.table({"vertex_a": edges[:, 0], "vertex_b": edges[:, 1]}))
    database.execute("create table edges as select * from drawn")
    database.close()


if __name__ == "__main__":
    write_edges(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
