"""Build the dashboards as static pages, and show them on this machine.

    .venv/bin/python -m tools.dashboards [--out target/dashboards] [--journey ID]… [--serve [--port 8050]]

Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing to it. The pages
need no network and no server: {out}/index.html can be opened as a file. --journey adds a journey (journey_id of
gold.journeys) to those of the debug page. --serve builds them and serves them on 127.0.0.1. Exit code 1: there is no store,
it is being written, it holds no finished build or no such journey, or the port is taken.
"""

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from tools.dashboards.serve import listen, serve
from tools.stores import Refused, open_store


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tools.dashboards", description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, default=Path("target/dashboards"), help="folder of the pages")
    arguments.add_argument(
        "--journey", action="append", default=[], metavar="ID", help="a journey that the debug page must hold"
    )
    arguments.add_argument("--serve", action="store_true", help="build the pages, and show them on localhost")
    arguments.add_argument("--port", type=int, default=8050)
    chosen = arguments.parse_args()
    try:
        with listen(chosen.out, chosen.port) if chosen.serve else nullcontext() as server:
            write(chosen.out, chosen.journey)
            if server:
                serve(server)
    except Refused as problem:
        print(f"No dashboards: {problem}.", file=sys.stderr)
        return 1
    return 0


def write(out, journeys):
    with open_store() as connection:
        from tools.dashboards.build import build  # altair costs a second that a refusal need not take

        written = build(connection, out, journeys)
    print(f"{out / 'index.html'}: {len(written)} files")


if __name__ == "__main__":
    sys.exit(main())
