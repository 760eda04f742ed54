"""Print what a build holds: what came in, what was flagged, what each model says, and what of it consumers read.

    .venv/bin/python -m tools.summary [--all] [--conversion-type purchase] [--context-policy naive] [--truth data/demo/truth]

About forty lines; with --all everything: rows by layer, every raw table, every channel, what was planted in the demo world.
Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing.
"""

import argparse
import sys
from pathlib import Path

import duckdb

from tools.console import Console, run
from tools.dbt_runs import PROJECT_ROOT
from tools.stores import Refused, open_store, store_path
from tools.summary.compact import print_compact
from tools.summary.in_full import print_in_full
from tools.summary.queries import truth_beside


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tools.summary", description=__doc__.splitlines()[0])
    arguments.add_argument("--all", action="store_true", help="everything, not one screen of it")
    arguments.add_argument("--conversion-type", default="purchase")
    arguments.add_argument("--context-policy", default="naive", choices=["naive", "context_aware"])
    arguments.add_argument("--truth", type=Path, help="folder with a demo world's truth (default: beside the raw files)")
    chosen = arguments.parse_args()
    try:
        with open_store() as connection:
            truth = chosen.truth or truth_beside(connection, PROJECT_ROOT)
            show = print_in_full if chosen.all else print_compact
            show(connection, Console(), chosen.conversion_type, chosen.context_policy, truth)
    except Refused as problem:
        print(f"summary: {problem}", file=sys.stderr)
        return 1
    except (duckdb.CatalogException, duckdb.BinderException, IndexError) as problem:
        why = str(problem).splitlines()[0]
        print(f"summary: {store_path()} holds no finished build of this version ({why}): run make build.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    run(main)
