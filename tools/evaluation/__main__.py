"""Command line: `python -m tools.evaluation --seeds 20`."""

import argparse
import json
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from tools.evaluation.measures import measures
from tools.evaluation.report import heading, page, terminal, write_docs
from tools.evaluation.run import WORLDS, fingerprint, read_result, result_file, run_all
from tools.evaluation.store import PROJECT_ROOT, BuildError

LARGEST_SEED = 1_000_000


def main() -> int:
    """Read the arguments, run what is missing, print the table, write the report."""
    arguments = _parse()
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        first, says = first_seed(arguments)
        print(says, file=sys.stderr)
        tasks = [(world, seed) for seed in range(first, first + arguments.seeds) for world in arguments.worlds]
        mark = fingerprint()
        _run(tasks, arguments, mark)
        results = [read_result(result_file(arguments.out, *task), mark) for task in tasks]
        (arguments.out / "run.json").write_text(json.dumps({"first_seed": first, "is_finished": True}) + "\n")
        found = measures(results)
        print(f"{heading(results)}\n\n{terminal(found)}")
        (arguments.out / "report.html").write_text(page(results, found, arguments.out))
        print(f"report in {arguments.out / 'report.html'}")
        if arguments.docs:
            write_docs(results, found, PROJECT_ROOT / "docs")
    except (BuildError, OSError, ValueError) as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("evaluation: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.evaluation", description="Measure the detectors in fresh worlds.")
    parser.add_argument("--seeds", default=20, type=_at_least_one, help="worlds of each kind")
    parser.add_argument("--first-seed", type=int, help="repeat a run; without it seeds are fresh")
    parser.add_argument("--worlds", default=WORLDS, type=_worlds, help="shop, spend or both, with a comma")
    parser.add_argument("--out", default=PROJECT_ROOT / "data" / "evaluation", type=Path)
    parser.add_argument("--jobs", default=2, type=_at_least_one, help="worlds at a time")
    parser.add_argument("--docs", action="store_true", help="also write docs/evaluation.md and its pictures")
    return parser.parse_args()


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def _worlds(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not set(names) <= set(WORLDS):
        raise argparse.ArgumentTypeError(f"{text!r} names other worlds than {' and '.join(WORLDS)}")
    return names


def first_seed(arguments: argparse.Namespace) -> tuple[int, str]:
    """The first seed and a line about it: as asked, that of an interrupted run, or fresh."""
    note = arguments.out / "run.json"
    if arguments.first_seed is not None:
        first, says = arguments.first_seed, f"seeds from {arguments.first_seed}"
    else:
        before = json.loads(note.read_text()) if note.exists() else {"is_finished": True}
        first = secrets.randbelow(LARGEST_SEED) if before["is_finished"] else before["first_seed"]
        says = f"fresh seeds from {first}" if before["is_finished"] else f"going on with the seeds from {first}"
        says += f" (repeat with --first-seed {first})"
    note.write_text(json.dumps({"first_seed": first, "is_finished": False}) + "\n")
    return first, says


def _run(tasks: list[tuple[str, int]], arguments: argparse.Namespace, mark: str) -> None:
    """Run the tasks in a temporary folder that is gone afterwards."""
    work = Path(tempfile.mkdtemp(prefix="eval_"))
    try:
        for _ in tqdm(run_all(tasks, arguments.out, work, arguments.jobs, mark), total=len(tasks), unit="world"):
            pass
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
