"""Connected components by the project's edge contraction against scipy, on the same table of edges."""

import argparse
import json

from tqdm import tqdm

from tools.bench.results import BENCH_FOLDER, Run, python, reason, run, save, spread

FOLDER = BENCH_FOLDER / "identity"
KINDS = ("small", "chains", "hubs", "mixed", "ordered")  # of bench.graphs, whose numpy this process does without
SIZES = {"small": (20_000,), "modest": (100_000, 1_000_000), "full": (100_000, 1_000_000, 10_000_000)}
EQUAL = """
import duckdb, sys
left, right = [f"(select * from '{file}')" for file in sys.argv[1:]]
print(duckdb.sql(f"select count(*) from ({left} except {right} union all ({right} except {left}))").fetchone()[0])
"""


def main(arguments: list[str]) -> int:
    """Measure both ways on every graph; 1 when they ever disagree."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench identity", description="Measure connected components against scipy.")
    parser.add_argument("--size", choices=SIZES, default="modest")
    parser.add_argument("--identifiers", type=lambda text: tuple(map(int, text.split(","))), help="instead of the size's")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is taken")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    sizes = options.identifiers or SIZES[options.size]
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = []
    for identifiers in sizes:
        for kind in tqdm(KINDS, unit="graph", desc=f"{identifiers:,} identifiers"):
            rows += compare(kind, identifiers, options.seed, options.repeats)
            save("identity", rows, {"repeats": options.repeats, "seed": options.seed}, key=("identifiers", "kind"))
    return int(any(row["different_vertices"] for row in rows))


def compare(kind: str, identifiers: int, seed: int, repeats: int) -> list[dict]:
    """A row for each way, on one graph."""
    graph = FOLDER / f"{kind}_{identifiers}.duckdb"
    graph.unlink(missing_ok=True)
    _said(run(python("-m", "tools.bench.graphs", str(graph), kind, str(identifiers), str(seed))), "the graph")
    rows, kept = [], []
    for way in ("edge_contraction", "scipy"):
        runs = []
        for _ in range(repeats):
            one = run(python("-m", "tools.bench.components", way, str(graph)))
            runs.append(json.loads(_said(one, way)) | {"peak_rss_mb": one.peak_rss_mb})
        numbers = tuple(name for name in runs[0] if name != "statements")
        counted = {name: runs[0][name] for name in ("statements",) if name in runs[0]}
        rows.append({"kind": kind, "identifiers": identifiers, "way": way} | counted | spread(runs, numbers))
        kept.append(str(graph.with_suffix(f".{way}.parquet")))
    different = int(_said(run(python("-c", EQUAL, *kept)), "the comparison"))
    for file in FOLDER.glob(f"{graph.stem}.*"):
        file.unlink()
    return [row | {"different_vertices": different} for row in rows]


def _said(one: Run, what: str) -> str:
    """The last line that a process printed; a RuntimeError in one line when it failed."""
    if one.exit_code != 0:
        raise RuntimeError(f"{what}: {reason(one)}")
    return (one.output.splitlines() or [""])[-1]
