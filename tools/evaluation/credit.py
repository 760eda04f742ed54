"""Attribution credit beside the truth: `python -m tools.evaluation.credit --seeds 5`.

A case is a seed and a choice of faults: `drawn` for every seed, the planted ones once. At the default size each takes
about eight minutes of one core and is kept as one file; the report shows whatever the present code has measured.
"""

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tools.demo.world import parse_size
from tools.evaluation import credit_tables as tables
from tools.evaluation.attribution import CHANNELS, MODELS, POLICIES
from tools.evaluation.attribution.case import measure_case, measure_two_channels
from tools.evaluation.charts import shares, svg
from tools.evaluation.credit_errors import ACCOUNTS, credit
from tools.evaluation.run import fingerprint, read_result
from tools.evaluation.store import PROJECT_ROOT, BuildError
from tools.evaluation.tables import Table

PLANTED = ("replanted", 11)
PICTURED = "Markov's shares of purchase credit, naive and context-aware, beside what each channel caused"
TWO_CHANNELS = "credit-two-channels.json"
JUDGED = ("models", "macros", "seeds", "python_models", "dbt_project.yml", "demo", "analyses/mmm_panel.sql",
          "tools/evaluation/attribution", "tools/evaluation/mmm.py", "tools/evaluation/analyses.py", "tools/evaluation/files.py",
          "tools/evaluation/store.py")  # fmt: skip


def main() -> int:
    """Read the arguments, measure what is missing, print the tables."""
    arguments = _parse()
    cases = [("drawn", seed) for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds)]
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        measure([PLANTED, *cases], arguments.size, arguments.out)
    except (BuildError, OSError, ValueError) as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("evaluation: interrupted; run it again to go on", file=sys.stderr)
        return 130
    found = measured(arguments.out, arguments.size)
    print("\n".join(table.text() for table in sections(arguments.out, arguments.size)))
    print(f"every share by world, model, account and channel: {write_shares(found, arguments.out)}")
    if arguments.docs:
        drawn = picture(arguments.out, arguments.size)
        write_docs(found, sections(arguments.out, arguments.size), drawn, PROJECT_ROOT / "docs")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.evaluation.credit", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default=5, type=int, help="worlds with drawn faults, besides the planted ones")
    parser.add_argument("--first-seed", default=11, type=int)
    parser.add_argument("--size", default="default", type=_size, help="of the demo worlds")
    parser.add_argument("--out", default=PROJECT_ROOT / "data" / "evaluation", type=Path)
    parser.add_argument("--docs", action="store_true", help="also write docs/credit.md")
    return parser.parse_args()


def _size(text: str) -> str:
    try:
        parse_size(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
    return text


def measure(cases: list[tuple[str, int]], size: str, out: Path) -> None:
    """Measure the cases whose results are not there yet, and the world of two channels."""
    mark = fingerprint(JUDGED)
    jobs = {out / TWO_CHANNELS: measure_two_channels}
    for faults, seed in cases:
        jobs[out / f"credit-{size}-{faults}-{seed}.json"] = partial(measure_case, seed, faults, size)
    folder = Path(tempfile.mkdtemp(prefix="credit_"))
    try:
        for file, job in tqdm(jobs.items(), unit="case"):
            if read_result(file, mark) is None:
                _keep(file, mark, job, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(file: Path, mark: str, job: Callable[[Path], dict], folder: Path) -> None:
    """Run a job in the folder; its result appears all at once."""
    try:
        result = {"fingerprint": mark, **job(folder)}
    except BuildError as error:
        raise BuildError(f"{file.stem}: {error}") from None
    half = file.with_suffix(".half")
    half.write_text(json.dumps(result) + "\n")
    half.replace(file)


def measured(out: Path, size: str = "default") -> list[dict]:
    """Cases of a size that the present code measured, in the order of their files' names."""
    mark = fingerprint(JUDGED)
    found = (read_result(file, mark) for file in sorted(out.glob(f"credit-{size}-*.json")))
    return [case for case in found if case is not None]


def sections(out: Path, size: str = "default") -> list[Table]:
    """The tables that the measured cases allow."""
    found, two = measured(out, size), read_result(out / TWO_CHANNELS, fingerprint(JUDGED))
    made = [tables.two_channels(two)] if two else []
    if found:
        made += [make(found) for make in (tables.against_twins, tables.by_model, tables.by_channel, tables.censoring,
                                          tables.campaigns, tables.media_mix)]  # fmt: skip
    return made


def picture(out: Path, size: str = "default") -> str | None:
    """Markov's shares, naive and context-aware, beside what channels caused, as SVG; None before anything is measured."""
    found, two = measured(out, size), read_result(out / TWO_CHANNELS, fingerprint(JUDGED))
    worlds = {}
    if two:
        caused, credited = {"paid_search": 0.5, "paid_social": 0.5}, two["shares"]["markov"]
        worlds["two equal channels, paid_social sold out half of the time"] = {"caused": caused} | {
            policy: {channel: credited[policy][channel] for channel in caused} for policy in POLICIES
        }
    if found:
        accounts = {"caused": lambda case: case["caused"]} | {
            policy: partial(credit, account=policy, model="markov") for policy in POLICIES
        }
        worlds[f"the demo world, mean of {len(found)}"] = {
            name: {channel: float(np.mean([of(case)[channel] for case in found])) for channel in CHANNELS}
            for name, of in accounts.items()
        }
    chart = shares(worlds)
    return svg(chart) if chart else None


def write_shares(cases: list[dict], out: Path) -> Path:
    """`credit_shares.csv`: a row per case, attribution model, account and channel, all shares from 0 to 1."""
    file = out / "credit_shares.csv"
    with file.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("faults", "seed", "attribution_model", "account", "channel", "credited_share", "caused_share",
                         "unblocked_twin_share", "faultless_twin_share"))  # fmt: skip
        for case, model, account, channel in product(cases, MODELS, ACCOUNTS, CHANNELS):
            twins = [case["shares"][twin][model][ACCOUNTS[account][1]][channel] for twin in ("unblocked", "faultless")]
            shares = (credit(case, account, model)[channel], case["caused"][channel], *twins)
            writer.writerow((case["faults"], case["seed"], model, account, channel, *(f"{s:.6f}" for s in shares)))
    return file


def write_docs(cases: list[dict], made: list[Table], drawn: str | None, docs: Path) -> None:
    """docs/credit.md: the picture, the tables, and which worlds they come from."""
    worlds = ", ".join(f"{case['faults']} {case['seed']}" for case in cases)
    made_from = f"Made by `python -m tools.evaluation.credit --docs`. Faults and seeds of the demo worlds: {worlds}."
    lines = ["# Credit against planted truth", "", made_from, ""]
    if drawn:
        (docs / "evaluation").mkdir(parents=True, exist_ok=True)
        (docs / "evaluation" / "shares.svg").write_text(drawn + "\n")
        lines += [f"![{PICTURED}](evaluation/shares.svg)", ""]
    lines += [table.markdown() for table in made]
    (docs / "credit.md").write_text("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
