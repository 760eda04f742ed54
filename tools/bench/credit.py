"""Markov and Shapley of this project against packages that do the same: time, memory, and the answers themselves.

All contestants read one table of distinct paths, each in a process of its own; CPU seconds are those of the model, reading
left out. A contestant that took too long is not asked for more.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from tqdm import tqdm

from tools.bench.results import BENCH_FOLDER, PROJECT_ROOT, Run, python, reason, run, save, spread

FOLDER = BENCH_FOLDER / "credit"
PEERS_FOLDER = BENCH_FOLDER / "peers"
REQUIREMENTS = PROJECT_ROOT / "tools" / "bench" / "requirements.txt"
CONTESTANTS_FILE = PROJECT_ROOT / "tools" / "bench" / "contestants.py"
OURS, OUR_PYTHON = "this project", "this project, Python alone"
PEERS = {
    "ChannelAttribution": ("markov_1", "markov_2", "markov_3"),
    "marketing-attribution-models": ("markov_1", "shapley"),
    "mta": ("markov_1", "shapley"),
    "do-attribution": ("markov_1", "markov_2", "markov_3", "shapley"),
}
SIMULATES = ("ChannelAttribution",)
# What answers another question: measured and shown, but no rival in speed.
OTHER_QUESTIONS = {
    ("mta", "markov_1"): "adds up the probabilities of the paths that were seen, not of all the chain can walk",
    ("marketing-attribution-models", "shapley"): "plays a game within each journey, over its last four channels",
    ("do-attribution", "shapley"): "a set of channels is worth the journeys of exactly that set, not of its subsets too",
}
MODELS = ("markov_1", "markov_2", "markov_3", "shapley")
SIZES = {
    "small": {"channels": (10,), "journeys": (20_000,), "timeout": 30},
    "modest": {"channels": (10, 30, 100), "journeys": (100_000, 1_000_000), "timeout": 60},
    "full": {"channels": (10, 30, 100, 500), "journeys": (100_000, 1_000_000, 10_000_000), "timeout": 300},
}
REPEAT_SECONDS = 20  # a cell that took longer is measured once


def main(arguments: list[str]) -> int:
    """Measure every cell, write the result file after each input."""
    options = _parse(arguments)
    size = SIZES[options.size]
    channels, journeys = options.channels or size["channels"], options.journeys or size["journeys"]
    timeout = options.timeout or size["timeout"]
    settings = {"repeats": options.repeats, "seed": options.seed}
    missing = install_peers()
    rows: list[dict] = []
    cells = [(channel, journey) for channel in channels for journey in journeys]
    contests = len(cells) * sum(1 + sum(model in PEERS[peer] for peer in PEERS) for model in options.models)
    with tqdm(total=contests, unit="cell") as progress:
        for channel, journey in cells:
            paths = draw(channel, journey, options.seed)
            for model in options.models:
                answers: dict = {}
                for name in (OURS, *(peer for peer in PEERS if model in PEERS[peer])):
                    progress.set_description(f"{name}, {model}, {channel} channels, {journey:,} journeys")
                    cell = {"channels": channel, "journeys": journey, "model": model, "contestant": name}
                    row, said = contest(cell, paths, rows, missing, timeout, options.repeats)
                    answers = answers or said
                    rows.append(row | ({} if name == OURS else differences(said, answers)))
                    progress.update()
            for file in FOLDER.glob(f"{paths.stem}.*"):
                file.unlink()
            save("credit", rows, settings, key=("channels", "journeys", "model"), peers=pinned())
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bench credit", description="Measure Markov and Shapley against packages.")
    parser.add_argument("--size", choices=SIZES, default="modest")
    parser.add_argument("--channels", type=_numbers, help="instead of the size's, with commas")
    parser.add_argument("--journeys", type=_numbers, help="instead of the size's, with commas")
    parser.add_argument("--models", type=lambda text: text.split(","), default=MODELS, help=", ".join(MODELS))
    parser.add_argument("--timeout", type=float, help="seconds for one contestant")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is taken")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    if unknown := set(options.models) - set(MODELS):
        parser.error(f"there is no model {min(unknown)!r}; there are {', '.join(MODELS)}")
    return options


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number.replace("_", "")) for number in text.split(","))


def draw(channels: int, journeys: int, seed: int) -> Path:
    """The distinct paths, drawn in a process of their own: this one stays small."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    paths = FOLDER / f"{channels}_{journeys}.duckdb"
    paths.unlink(missing_ok=True)
    drawn = run(python("-m", "tools.bench.journeys", str(paths), str(channels), str(journeys), str(seed)))
    if drawn.exit_code != 0:
        raise RuntimeError(f"the journeys could not be drawn: {reason(drawn)}")
    return paths


def contest(
    cell: dict, paths: Path, before: list[dict], missing: dict[str, str], timeout: float, repeats: int
) -> tuple[dict, dict]:
    """The row of one contestant, and its answers by channel: none where it did not finish."""
    name = cell["contestant"]
    row = cell | {"simulates": name in SIMULATES, "timeout": timeout}
    row |= {"other_question": OTHER_QUESTIONS.get((name, cell["model"]))}
    if name in missing:
        return row | {"status": "not installed", "reason": missing[name]}, {}
    if any(took_too_long(earlier, cell) for earlier in before):
        return row | {"status": "too long", "reason": "took too long on a smaller input"}, {}
    runs: list[dict] = []
    while not runs or (len(runs) < repeats and sum(one["wall_seconds"] for one in runs) < REPEAT_SECONDS):
        one = start(name, cell["model"], paths, timeout)
        if one.exit_code is None:
            return row | {"status": "too long", "reason": f"more than {timeout:.0f} s"}, {}
        if one.exit_code != 0:
            return row | {"status": "failed", "reason": reason(one)}, {}
        runs.append(json.loads(one.output.splitlines()[-1]) | {"peak_rss_mb": one.peak_rss_mb})
    row |= {"status": "ok", "repeats": len(runs)} | spread(runs, ("wall_seconds", "cpu_seconds", "peak_rss_mb"))
    if name == OURS:
        row |= spread(runs, ("sql_seconds",))
        alone = start(OUR_PYTHON, cell["model"], paths, timeout)
        if alone.exit_code != 0:
            raise RuntimeError(f"{OUR_PYTHON}, {cell['model']}: {reason(alone)}")
        said = json.loads(alone.output.splitlines()[-1])
        row |= {
            "python_cpu_seconds": said["cpu_seconds"],
            "python_peak_rss_mb": alone.peak_rss_mb,
            "counted_rows": said["counted_rows"],
        }
    return row, runs[-1]["answers"]


def took_too_long(earlier: dict, cell: dict) -> bool:
    """Whether this contestant has failed in time on an input that is no larger."""
    return (
        earlier["status"] == "too long"
        and all(earlier[name] == cell[name] for name in ("contestant", "model"))
        and all(earlier[name] <= cell[name] for name in ("channels", "journeys"))
    )


def start(name: str, model: str, paths: Path, timeout: float) -> Run:
    """One run of one contestant in its own environment."""
    interpreter = sys.executable if name in (OURS, OUR_PYTHON) else str(PEERS_FOLDER / "bin" / "python")
    return run([interpreter, str(CONTESTANTS_FILE), name, model, str(paths)], timeout)


def differences(said: dict[str, float], ours: dict[str, float]) -> dict[str, float]:
    """The largest and the mean relative difference from our answers, over channels to which we give any credit."""
    relative = [abs(said.get(channel, 0.0) / value - 1) for channel, value in ours.items() if value > 0]
    if not said or not relative:
        return {}
    return {"largest_difference": max(relative), "mean_difference": sum(relative) / len(relative)}


def pinned() -> dict[str, str]:
    """The versions in tools/bench/requirements.txt."""
    lines = [line.split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    return {f"{name} (peers)": number for name, number in lines}


def install_peers() -> dict[str, str]:
    """Install the packages to compare with into their own environment; the reasons of those that cannot be."""
    stamp = PEERS_FOLDER / "requirements.txt"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return json.loads((PEERS_FOLDER / "missing.json").read_text())
    shutil.rmtree(PEERS_FOLDER, ignore_errors=True)
    print("bench credit: installing the packages to compare with", file=sys.stderr)
    subprocess.run(python("-m", "venv", str(PEERS_FOLDER)), check=True)
    missing = {}
    for name in (*PEERS, "matplotlib", "pandas"):
        pip = [str(PEERS_FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        installed = run([*pip, "--constraint", str(REQUIREMENTS), name])
        if installed.exit_code != 0:
            missing[name] = reason(installed)
    (PEERS_FOLDER / "missing.json").write_text(json.dumps(missing))
    shutil.copy(REQUIREMENTS, stamp)
    return missing
