"""How long the store takes to build: whole, with nothing new and with new days, and what of it is dbt itself.

`python -m tools.bench build --sizes 1m,10m,100m` builds worlds of that many raw events; `--what day` adds days to a store of a
year; `--what project` times dbt without data to speak of; `--profile` prints the slowest nodes of the builds instead.
Two cores, and memory that DuckDB may use, are the same for all. The project is parsed before a build is timed: only `project`
times that.
"""

import argparse
import json
import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

from tools.bench import results
from tools.dbt_runs import DB_NAME, QUIET, WITHOUT_TESTS, dbt_line, what_broke

SIZES = {"100k": 100_000, "1m": 1_000_000, "3m": 3_000_000, "10m": 10_000_000, "30m": 30_000_000, "100m": 100_000_000}
CORES = 2
YEAR = 365
ADDED_DAYS = (1, 4)  # added to a store of a year, one after the other
DAYS = YEAR + sum(ADDED_DAYS)
HOURS = 12
SLOWEST = 25
PHASES = {"tables": ("build", *WITHOUT_TESTS), "tests": ("test",)}


def make_world(size: str) -> Path:
    """The raw folder of a world of that size; a finished one is used again."""
    folder = results.BENCH_FOLDER / f"world-{size}"
    marker = folder / "world.json"
    settings = {"events": SIZES[size], "days": DAYS}
    if not marker.exists() or json.loads(marker.read_text()) != settings:
        marker.unlink(missing_ok=True)
        print(f"world of {size} events", flush=True)
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        made = results.run(results.python("-m", "tools.bench.world", *arguments, "--out", str(folder)))
        if made.exit_code != 0:
            raise RuntimeError(results.reason(made))
        marker.write_text(json.dumps(settings))
    return folder / "raw"


def run_dbt(arguments: tuple[str, ...], raw: Path, folder: Path, memory: str) -> results.Run:
    """One dbt command on the store in `folder`; a RuntimeError in one line when it fails."""
    run = results.run(
        dbt_line(*arguments, raw_dir=raw, target=folder / "target"),
        timeout=HOURS * 3_600,
        FEATURE_STORE_DB=str(folder / DB_NAME),
        FEATURE_STORE_THREADS=str(CORES),
        FEATURE_STORE_MEMORY=memory,
        **QUIET,
    )
    if run.exit_code != 0:
        raise RuntimeError(f"dbt {arguments[0]} of {folder.name}: {what_broke(run.output + run.errors)}")
    return run


def run_phase(phase: str, raw: Path, folder: Path, memory: str) -> dict:
    """A phase of the build of a parsed project: seconds, memory, disk, and the seconds of every node."""
    db = folder / DB_NAME
    with spill_of(db) as spill:
        run = run_dbt(PHASES[phase], raw, folder, memory)
    nodes = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    return {
        "phase": phase,
        "wall_seconds": run.wall_seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_rss_mb": run.peak_rss_mb,
        "spill_mb": spill["mb"],
        "db_mb": db.stat().st_size / 2**20,
        "node_seconds": {node["unique_id"]: round(node["execution_time"], 3) for node in nodes},
    }


@contextmanager
def spill_of(db: Path):
    """The largest size that DuckDB's temporary files beside `db` were seen to have: {"mb": …}."""
    seen, over = {"mb": 0.0}, threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            seen["mb"] = max(seen["mb"], folder_mb(db.with_name(f"{db.name}.tmp")))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def folder_mb(folder: Path) -> float:
    """What the files of a folder take on disk now; they may go while they are counted."""
    total = 0
    for file in folder.glob("*"):
        try:
            total += file.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total / 2**20


def scale(sizes: list[str], memory: str) -> None:
    """Whole builds, the smallest first; what is known of other sizes stays."""
    rows = []
    for size in sizes:
        raw, folder = make_world(size), fresh(f"build-{size}")
        run_dbt(("parse",), raw, folder, memory)
        for phase in PHASES:
            measured = run_phase(phase, raw, folder, memory)
            rows.append({"events": SIZES[size], **measured, "events_per_second": SIZES[size] / measured["wall_seconds"]})
            print(line(f"{size} {phase}", measured), flush=True)
            results.save("build", rows, {"cores": CORES, "memory": memory, "days": DAYS}, key=("events",))


def day(size: str, memory: str) -> None:
    """Tables of a store of a year: built, built again with nothing new, and again with each batch of days added."""
    world, folder, rows = make_world(size), fresh(f"day-{size}"), []
    raw, known = folder / "raw", 0
    run_dbt(("parse",), raw, folder, memory)
    for what, days in (("full", YEAR), ("nothing_new", 0), *(("day", days) for days in ADDED_DAYS)):
        known += days
        events = link_days(world, raw, known)
        measured = run_phase("tables", raw, folder, memory)
        rows.append({"what": what, "new_days": days, "day_events": events, "events": SIZES[size], **measured})
        print(line(f"{what} ({days} days, {events:,} events)", measured), flush=True)
        results.save("day", rows, {"cores": CORES, "memory": memory, "size": size})


def link_days(world: Path, raw: Path, days: int) -> int:
    """Give `raw` the files of the first days of a world that it does not have yet; returns the raw events among them."""
    calendar = sorted(file.name for file in (world / "raw" / "clickstream_events").iterdir())
    hidden, events = set(calendar[days:]), []
    for file in world.glob("**/*.parquet"):
        linked = raw / file.relative_to(world)
        if file.name not in hidden and not linked.exists():
            linked.parent.mkdir(parents=True, exist_ok=True)
            linked.hardlink_to(file)
            if linked.parent.name == "clickstream_events":
                events.append(linked)
    return rows_of(events)


def rows_of(files: list[Path]) -> int:
    """Rows of Parquet files, counted in a process of its own: what measures stays small."""
    if not files:
        return 0
    count = "import duckdb, sys; print(duckdb.sql(f'select count(*) from read_parquet({sys.argv[1:]})').fetchone()[0])"
    counted = results.run(results.python("-c", count, *map(str, files)))
    if counted.exit_code != 0:
        raise RuntimeError(results.reason(counted))
    return int(counted.output)


def project(memory: str) -> None:
    """dbt itself: how fast it starts and parses, and builds a small store in which nothing is new."""
    folder = fresh("project")
    raw, target, db = folder / "demo" / "raw", folder / "target", folder / DB_NAME
    made = results.run(results.python("-m", "tools.demo", "--size", "small", "--out", str(raw.parent)))
    if made.exit_code != 0:
        raise RuntimeError(results.reason(made))
    build = dbt_line("build", raw_dir=raw, target=target)
    tables = dbt_line("build", *WITHOUT_TESTS, raw_dir=raw, target=target)
    parse = dbt_line("parse", raw_dir=raw, target=target)
    steps = (
        ("import dbt", results.python("-c", "import dbt.cli.main"), 3),
        ("parse, cold", [*parse, "--no-partial-parse"], 3),
        ("parse, nothing changed", parse, 3),
        ("first build", build, 1),
        ("build, nothing new", build, 3),
        ("build without tests, nothing new", tables, 3),
    )
    environment = {
        "FEATURE_STORE_DB": str(db), "FEATURE_STORE_THREADS": str(CORES), "FEATURE_STORE_MEMORY": memory, **QUIET,
    }  # fmt: skip
    rows = []
    for what, command, repeats in steps:
        rows.append({"what": what, **results.measured(command, repeats, HOURS * 3_600, **environment)})
        print(line(what, rows[-1]), flush=True)
    results.save("project", rows, {"cores": CORES, "memory": memory, "repeats": 3, "resources": resources(target)})


def resources(target: Path) -> dict[str, int]:
    """How many models, tests, seeds and unit tests the project has."""
    manifest = json.loads((target / "manifest.json").read_text())
    kinds = [node["resource_type"] for node in manifest["nodes"].values()]
    return {kind: kinds.count(kind) for kind in ("model", "test", "seed")} | {"unit_test": len(manifest["unit_tests"])}


def profile(name: str) -> None:
    """Print the slowest nodes of the last run of a benchmark, per row."""
    result = results.load(name)
    if result is None:
        raise RuntimeError(f"no result of {name} yet: run it without --profile first")
    for row in result["rows"]:
        nodes = sorted(row["node_seconds"].items(), key=lambda node: -node[1])[:SLOWEST]
        seconds = sum(row["node_seconds"].values())
        print(f"{row.get('what', 'full')} {row['events']:,} events, {row['phase']}: {seconds:.1f} s in nodes")
        for node, seconds in nodes:
            print(f"{seconds:9.2f}  {' '.join(node.split('.')[::2][:2])}")


def fresh(name: str) -> Path:
    """An empty folder for a store."""
    folder = results.BENCH_FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def line(what: str, measured: dict) -> str:
    """One measurement for the terminal."""
    return (
        f"{what}: {measured['wall_seconds']:.1f} s, {measured['cpu_seconds']:.1f} CPU-s, {measured['peak_rss_mb']:,.0f} MB"
        + (f", {measured['spill_mb']:,.0f} MB spilled, file {measured['db_mb']:,.0f} MB" if "db_mb" in measured else "")
    )


def main(argv: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench build", description="Measure builds of the store.")
    parser.add_argument("--what", choices=("scale", "day", "project"), default="scale")
    parser.add_argument("--sizes", default="1m,10m,100m", help=f"of scale; day takes the first: some of {', '.join(SIZES)}")
    parser.add_argument("--memory", default="8GB", help="that DuckDB may use")
    parser.add_argument("--profile", action="store_true", help="print the slowest nodes of the last run instead")
    arguments = parser.parse_args(argv)
    sizes = arguments.sizes.split(",")
    unknown = [size for size in sizes if size not in SIZES]
    if unknown:
        parser.error(f"no size is called {unknown[0]!r}; there are {', '.join(SIZES)}")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    if arguments.profile:
        profile({"scale": "build"}.get(arguments.what, arguments.what))
    elif arguments.what == "scale":
        scale(sizes, arguments.memory)
    elif arguments.what == "day":
        day(sizes[0], arguments.memory)
    else:
        project(arguments.memory)
    return 0
