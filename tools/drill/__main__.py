"""Command line: `python -m tools.drill`, `python -m tools.drill --only cost_x100,consent_log_lost`, `python -m tools.drill --clean-days 14`."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from tools.dbt_runs import PROJECT_ROOT
from tools.drill.days import day_line, false_trips, feed_days
from tools.drill.poisons import POISONS, Poison
from tools.drill.report import line, page, summary, write_docs
from tools.drill.run import drill, good_store
from tools.drill.store import DrillError

WORK = PROJECT_ROOT / "data" / "drill"


def main() -> int:
    """Read the arguments, drill, print a line for each step; 1 when anything reached consumers or did not recover."""
    arguments = _parse()
    started = time.monotonic()
    try:
        days, verdicts = [], []
        if arguments.clean_days:
            days = _clean_days(arguments)
        if not arguments.clean_days or arguments.write_docs:
            verdicts = _drill(arguments)
        if arguments.write_docs:
            write_docs(page(verdicts, days, arguments), PROJECT_ROOT / "docs")
    except (DrillError, OSError, subprocess.SubprocessError) as error:
        print(f"drill: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("drill: interrupted; go on with --reuse and --only", file=sys.stderr)
        return 130
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    right = all(verdict.is_right for verdict in verdicts) and all(day.build.outcome == "published" for day in days)
    return 0 if right else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.drill", description="Feed poisoned batches to a good store: none may reach consumers."
    )
    parser.add_argument("--size", default="small", help="of the demo world: small, default, or events such as 300K")
    parser.add_argument("--only", type=_poisons, default=POISONS, metavar="NAME,…", help="some of the poisons")
    parser.add_argument("--jobs", type=int, choices=range(1, 9), default=2, help="batches at a time")
    parser.add_argument("--in-a-row", type=int, choices=range(1, 9), default=1, metavar="N",
                        help="poisons fed to one store before the good batch: 1 tries the recovery after each")  # fmt: skip
    parser.add_argument("--clean-days", type=int, default=0, metavar="DAYS",
                        help="instead: the last days of a world without faults, one by one; counts false alarms")  # fmt: skip
    parser.add_argument("--write-docs", action="store_true", help="write docs/drill.md; with --clean-days, both parts")
    parser.add_argument("--reuse", action="store_true",
                        help="the world and the good store of the last drill: when only poisons changed")  # fmt: skip
    return parser.parse_args()


def _poisons(text: str) -> list[Poison]:
    named = {poison.name: poison for poison in POISONS}
    unknown = [name for name in text.split(",") if name not in named]
    if unknown:
        raise argparse.ArgumentTypeError(f"no poison is called {unknown[0]!r}; there are {', '.join(named)}")
    return [named[name] for name in text.split(",")]


def _world(size: str, faults: str, reuse: bool) -> Path:
    """The raw folder of a demo world."""
    out = WORK / f"world-{size}-{faults}"
    if not (reuse and (out / "world.json").exists()):
        command = [sys.executable, "-m", "tools.demo", "--size", size, "--faults", faults, "--out", out]
        made = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if made.returncode != 0:
            raise DrillError(made.stderr.strip().removeprefix("demo: ").splitlines()[-1])
    return out / "raw"


def _clean_days(arguments: argparse.Namespace) -> list:
    days = []
    world = _world(arguments.size, "none", arguments.reuse)
    for day in feed_days(world, WORK / f"days-{arguments.size}", arguments.clean_days):
        print(day_line(day), flush=True)
        days.append(day)
    print(false_trips(days))
    return days


def _drill(arguments: argparse.Namespace) -> list:
    folder = WORK / f"good-{arguments.size}"
    world = _world(arguments.size, "planted", arguments.reuse)
    good = good_store(world, folder, arguments.reuse)
    verdicts = []
    work = WORK / f"work-{arguments.size}"
    for verdict in drill(arguments.only, good, work, arguments.jobs, arguments.in_a_row):
        verdicts.append(verdict)
        print(f"{len(verdicts)}/{len(arguments.only)} {line(verdict)}", flush=True)
    print(summary(verdicts))
    return sorted(verdicts, key=lambda verdict: arguments.only.index(verdict.poison))


if __name__ == "__main__":
    sys.exit(main())
