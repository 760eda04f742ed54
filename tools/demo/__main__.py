"""Command line: `python -m tools.demo --size small --out data/demo`."""

import argparse
import sys
import time
from pathlib import Path

from tools.demo.build import build
from tools.demo.world import CHANNELS, FAULT_CHOICES, World, parse_size


def main() -> int:
    """Read the arguments, write the world, print one line per table."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo", description="Write the demo world's raw tables and its truth."
    )
    parser.add_argument("--size", default="default", help="small, default, or a number of events such as 5M")
    parser.add_argument("--out", default="data/demo", type=Path, help="folder to write, replaced if it exists")
    parser.add_argument("--seed", default=11, type=int)
    parser.add_argument("--without", action="append", default=[], choices=CHANNELS, metavar="CHANNEL",
                        help="leave a channel out of the world; may be repeated")  # fmt: skip
    parser.add_argument("--faults", default="planted", choices=FAULT_CHOICES,
                        help="planted (the same for every seed), none, drawn from the seed, or replanted: the planted "
                        "ones in the twin of the last two")  # fmt: skip
    arguments = parser.parse_args()
    try:
        world = World(parse_size(arguments.size), arguments.seed, frozenset(arguments.without), arguments.faults)
        started = time.monotonic()
        rows = build(world, arguments.out, progress=sys.stderr.isatty())
    except (ValueError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    for name, count in rows.items():
        if not name.startswith("truth."):
            print(f"{count:>12,}  {name}")
    print(f"demo world in {arguments.out} after {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
