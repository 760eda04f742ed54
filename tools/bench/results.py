"""Result files, and the clock that the benchmarks share.

A result file says all that its figures depend on: machine, versions, revision, settings. Seconds are seconds, memory is
in MB of 2^20 bytes.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

PROJECT_ROOT = Path(__file__).resolve().parents[2]
BENCH_FOLDER = PROJECT_ROOT / "data" / "bench"
RESULTS_FOLDER = BENCH_FOLDER / "results"
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "numpy", "scipy", "pandas")


class Run(NamedTuple):
    """One run of a command, its children included."""

    wall_seconds: float
    cpu_seconds: float
    peak_rss_mb: float  # of the largest single process
    exit_code: int | None  # None: it took too long and was ended
    output: str
    errors: str


def run(command: list[str], timeout: float | None = None, cwd: Path = PROJECT_ROOT, **settings: str) -> Run:
    """Run a command once, with `settings` in its environment, and end it after `timeout` seconds.

    A new process starts with the peak memory of the one that made it, so whoever measures must be smaller than what it
    measures: import no numpy, pandas or duckdb there.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **settings}, stdout=output, stderr=errors, start_new_session=True
        )
        ended = threading.Event()

        def end() -> None:
            ended.set()
            os.killpg(process.pid, 9)

        timer = threading.Timer(timeout, end) if timeout else None
        if timer:
            timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, 9)
            process.wait()
            raise
        finally:
            if timer:
                timer.cancel()
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        return Run(
            wall,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
            None if ended.is_set() else process.returncode,
            output.read(),
            errors.read(),
        )


def measured(
    command: list[str], repeats: int = 1, timeout: float | None = None, cwd: Path = PROJECT_ROOT, **settings: str
) -> dict[str, float]:
    """The medians over repeats, with min and max: wall_seconds, cpu_seconds, peak_rss_mb.

    A RuntimeError in one line when a run fails or takes too long.
    """
    runs = [run(command, timeout, cwd, **settings) for _ in range(repeats)]
    for one in runs:
        if one.exit_code != 0:
            why = f"took more than {timeout:.0f} s" if one.exit_code is None else reason(one)
            raise RuntimeError(f"{' '.join(command[:3])} …: {why}")
    return spread([one._asdict() for one in runs], ("wall_seconds", "cpu_seconds", "peak_rss_mb"))


def spread(runs: list[dict], names: tuple[str, ...]) -> dict[str, float]:
    """For each name its median over the runs, `<name>_min` and `<name>_max`."""
    found = {}
    for name in names:
        values = [one[name] for one in runs]
        found |= {name: statistics.median(values), f"{name}_min": min(values), f"{name}_max": max(values)}
    return found


def reason(one: Run) -> str:
    """Why a run failed: the last line it printed."""
    lines = [line.strip() for line in (one.errors or one.output).splitlines() if line.strip()]
    if one.exit_code == -9:
        return "ended by the system: out of memory"
    return lines[-1][:200] if lines else f"exit code {one.exit_code}"


def save(name: str, rows: list[dict], settings: dict, key: tuple[str, ...] = (), peers: dict[str, str] | None = None) -> Path:
    """Write one benchmark's result file; `peers` are versions of other packages it was measured against.

    With a `key`, what the file said of other sizes stays in it, as long as machine, versions and settings are the same: every
    row says the revision it was measured at.
    """
    RESULTS_FOLDER.mkdir(parents=True, exist_ok=True)
    result = {"name": name, "machine": machine(), "versions": versions() | (peers or {}), "settings": settings}
    now = revision()
    rows = [{"revision": now} | row for row in rows]
    before = load(name, RESULTS_FOLDER)
    if key and before and all(before[part] == result[part] for part in result):
        measured = {tuple(row[part] for part in key) for row in rows}
        rows = [row for row in before["rows"] if tuple(row[part] for part in key) not in measured] + rows
        rows.sort(key=lambda row: tuple(row[part] for part in key))
    file = RESULTS_FOLDER / f"{name}.json"
    file.write_text(json.dumps(result | {"rows": rows}, indent=1, sort_keys=True, default=float) + "\n")
    return file


def load(name: str, folder: Path = RESULTS_FOLDER) -> dict | None:
    """What `save` wrote; None when there is none."""
    file = folder / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def machine() -> dict:
    """What the figures were measured on."""
    return {
        "cpu": _line_of("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "ram_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "os": _line_of("/etc/os-release", "PRETTY_NAME") or f"{platform.system()} {platform.release()}",
    }


def _line_of(file: str, key: str) -> str:
    """The value of `key: value` or `key="value"` in a system file; empty where there is none."""
    if not Path(file).exists():
        return ""
    for line in Path(file).read_text().splitlines():
        if line.startswith(key):
            return line[len(key) :].strip(' \t:="')
    return ""


def versions() -> dict[str, str]:
    """Python and the packages whose speed is measured."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            pass
    return found


def revision() -> str:
    """The git revision, with `-dirty` after it where files differ; `unknown` outside a clone."""
    git = ["git", "describe", "--always", "--dirty"]
    described = subprocess.run(git, cwd=PROJECT_ROOT, capture_output=True, text=True)
    return described.stdout.strip() or "unknown"


def python(*arguments: str) -> list[str]:
    """A command of this environment's Python."""
    return [sys.executable, *arguments]
