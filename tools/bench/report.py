"""docs/benchmarks.md from the result files: no figure in it is typed by hand."""

import argparse
import math
import statistics
from collections.abc import Callable
from pathlib import Path

from tools.bench.results import PROJECT_ROOT, RESULTS_FOLDER, load

DOCS = PROJECT_ROOT / "docs"
OURS = "this project"
MODEL_NAMES = {
    "markov_1": "Markov, order 1", "markov_2": "Markov, order 2", "markov_3": "Markov, order 3", "shapley": "Shapley, set game",
}  # fmt: skip
# How many times faster than the fastest other package: (channels, journeys, model) → at least.
CREDIT_TARGETS = {(30, 1_000_000, "markov_1"): 4, (30, 1_000_000, "markov_2"): 6, (100, 1_000_000, "markov_2"): 30}
CREDIT_AIM = 10
SCIPY_TARGET = 3  # times scipy's seconds, at most
GROWTH_TARGET = 1.05  # power of the number of events, at most
EXACT = 1e-9  # relative difference below which answers are called equal
HEAD = """# Benchmarks

How fast the project is, how large it may grow, and whether its answers are right. `make bench` measures all of it again; every figure here comes out of its result files."""


def main(arguments: list[str]) -> int:
    """Write the page and its pictures from the results that there are."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench report", description="Write docs/benchmarks.md from the results.")
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    results = {name: result for name in SECTIONS if (result := load(name, options.results))}
    if not results:
        raise ValueError(f"no results in {options.results}; measure something first: make bench")
    pictures = options.docs / "benchmarks"
    pictures.mkdir(parents=True, exist_ok=True)
    text, drawn = page(results)
    for name, picture in drawn.items():
        (pictures / f"{name}.svg").write_text(picture)
    (options.docs / "benchmarks.md").write_text(text)
    print(f"wrote {options.docs / 'benchmarks.md'}")
    return 0


def page(results: dict[str, dict]) -> tuple[str, dict[str, str]]:
    """The page in Markdown, and its pictures by name."""
    parts, drawn = [HEAD, measured_on(list(results.values()))], {}
    for name, section in SECTIONS.items():
        if name in results:
            text, pictures = section(results[name])
            parts.append(text)
            drawn |= pictures
    return "\n\n".join(parts) + "\n", drawn


def measured_on(results: list[dict]) -> str:
    """Machine and versions, once for each machine and set of revisions that results come from."""
    lines: dict[str, list[str]] = {}
    for result in results:
        machine, revisions = result["machine"], dict.fromkeys(row["revision"] for row in result["rows"])
        line = (
            f"{machine['cpu']}, {machine['cores']} cores, {machine['ram_gb']:.0f} GB, {machine['os']}; "
            f"revision {', '.join(revisions)}"
        )
        lines.setdefault(line, []).append(result["name"])
    versions = {name: number for result in results for name, number in result["versions"].items()}
    said = [f"Measured on {line} ({', '.join(names)})." for line, names in lines.items()]
    return "\n".join([*said, "Versions: " + ", ".join(f"{name} {number}" for name, number in sorted(versions.items())) + "."])


def table(heads: list[str], rows: list[list[str]], texts: int = 1) -> str:
    """A Markdown table whose first `texts` columns are text and the rest numbers."""
    marks = ["---" if column < texts else "--:" for column in range(len(heads))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, marks, *rows))


def number(value: float | None) -> str:
    """Three digits that matter; – for none."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}" if value else "0"


def with_range(row: dict, name: str) -> str:
    """A median, and what it was the median of where the runs differ."""
    low, high = number(row.get(f"{name}_min")), number(row.get(f"{name}_max"))
    return number(row.get(name)) + ("" if low == high else f" ({low}–{high})")


def against_target(reached: float, target: float, unit: str, at_most: bool = False) -> str:
    """Whether a target is met, and by how much."""
    met = reached <= target if at_most else reached >= target
    side = "at most" if at_most else "at least"
    factor = (target / reached if at_most else reached / target) if met else (reached / target if at_most else target / reached)
    verdict = "met" if met else "**missed**"
    return f"{number(reached)} {unit}, target {side} {number(target)}: {verdict} by a factor of {number(factor)}"


def listed(points: list[str]) -> str:
    return "\n".join(f"- {point}" for point in points)


def growth_exponent(points: list[tuple[float, float]]) -> float | None:
    """The slope of log(y) on log(x): 1 is linear growth; none from fewer than two sizes."""
    points = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len({x for x, _ in points}) < 2:
        return None
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def fastest_peer(rows: list[dict]) -> dict | None:
    """The package that answered the same question with the least CPU seconds."""
    finished = [row for row in rows if row["contestant"] != OURS and row["status"] == "ok" and not row["other_question"]]
    return min(finished, key=lambda row: row["cpu_seconds"], default=None)


def credit(result: dict) -> tuple[str, dict[str, str]]:
    cells: dict[tuple, list[dict]] = {}
    for row in result["rows"]:
        cells.setdefault((row["channels"], row["journeys"], row["model"]), []).append(row)
    parts = [
        "## Credit\n\nHow fast are Markov and Shapley, and do they give the exact answer? All read the same table of distinct paths, "
        "each in a process of its own; reading is not counted, our SQL is. `python -m tools.bench credit`",
        listed(_credit_targets(cells)),
    ]
    for model, words in MODEL_NAMES.items():
        rows = [_credit_line(row, cell) for key, cell in cells.items() if key[2] == model for row in cell]
        if rows:
            heads = ["channels", "journeys", "package", "CPU s", "wall s", "peak MB", "CPU of ours", "largest difference", "mean difference"]
            others = {(row["contestant"], row["other_question"]) for row in result["rows"] if row["model"] == model and row["other_question"]}
            notes = [f"{name} asks another question: {question}." for name, question in sorted(others)]
            parts.append("\n\n".join([f"### {words}", table(heads, rows, texts=3), *notes]))
    parts.append(_python_memory(result["rows"]))
    pictures = {}
    for model in MODEL_NAMES:
        finished = [row for row in result["rows"] if row["model"] == model and row["status"] == "ok"]
        widest = max((row["journeys"] for row in finished), default=0)
        shown = [row for row in finished if row["journeys"] == widest]
        if len({row["channels"] for row in shown}) > 1:
            from tools.bench.charts import lines

            pictures[f"credit_{model}"] = lines(shown, "channels", "channels", "cpu_seconds", "CPU seconds", "contestant")
            parts.append(f"![{MODEL_NAMES[model]}: CPU seconds at {widest:,} journeys](benchmarks/credit_{model}.svg)")
    return "\n\n".join(part for part in parts if part), pictures


def _credit_targets(cells: dict[tuple, list[dict]]) -> list[str]:
    found = []
    for key, rows in cells.items():
        ours, peer = next(row for row in rows if row["contestant"] == OURS), fastest_peer(rows)
        where = f"{MODEL_NAMES[key[2]]}, {key[0]} channels, {key[1]:,} journeys"
        if ours["status"] != "ok":
            found.append(f"{where}: **this project did not finish**: {ours['reason']}")
        elif peer:
            times = peer["cpu_seconds"] / ours["cpu_seconds"]
            target = CREDIT_TARGETS.get(key, CREDIT_AIM)
            found.append(f"{where}: " + against_target(times, target, f"times faster than {peer['contestant']}"))
        elif slow := [row for row in rows if row["status"] == "too long" and not row["other_question"]]:
            least = slow[0]["timeout"] / ours["wall_seconds"]
            found.append(f"{where}: no other package finished within {slow[0]['timeout']:.0f} s, {number(least)} times our wall seconds")
    return found


def _credit_line(row: dict, cell: list[dict]) -> list[str]:
    name = row["contestant"] + (" (simulates)" if row["simulates"] else " (another question)" if row["other_question"] else "")
    head = [str(row["channels"]), f"{row['journeys']:,}", name]
    if row["status"] != "ok":
        said = row["reason"].replace("|", "\\|")
        return [*head, f"> {row['timeout']:.0f} s: {said}" if row["status"] == "too long" else f"{row['status']}: {said}", *["–"] * 5]
    ours = next(other for other in cell if other["contestant"] == OURS)
    times = row["cpu_seconds"] / ours["cpu_seconds"] if ours["status"] == "ok" else None
    differs = [_difference(row.get(f"{which}_difference")) for which in ("largest", "mean")]
    return [*head, with_range(row, "cpu_seconds"), with_range(row, "wall_seconds"), number(row["peak_rss_mb"]), f"{number(times)} ×", *differs]


def _difference(value: float | None) -> str:
    if value is None:
        return "–"
    return "equal" if value < EXACT else f"{value:.1%}"


def _python_memory(rows: list[dict]) -> str:
    """Peak memory of our Python model alone, by the number of journeys."""
    ours = [row for row in rows if row["contestant"] == OURS and row["status"] == "ok"]
    if not ours:
        return ""
    sizes = sorted({row["journeys"] for row in ours})
    lines = []
    for model, channels in sorted({(row["model"], row["channels"]) for row in ours}):
        known = {row["journeys"]: row for row in ours if (row["model"], row["channels"]) == (model, channels)}
        cells = [
            f"{number(known[size]['python_peak_rss_mb'])} ({known[size]['counted_rows']:,})" if size in known else "–" for size in sizes
        ]
        lines.append([MODEL_NAMES[model], str(channels), *cells])
    heads = ["model", "channels", *(f"{size:,} journeys" for size in sizes)]
    return (
        "### Memory of Python\n\nPeak MB of the Python model alone (imports included), and in brackets the rows it was given: "
        "counts of steps or of sets of channels, not journeys.\n\n" + table(heads, lines, texts=1)
    )


def identity(result: dict) -> tuple[str, dict[str, str]]:
    graphs: dict[tuple, dict[str, dict]] = {}
    for row in result["rows"]:
        graphs.setdefault((row["identifiers"], row["kind"]), {})[row["way"]] = row
    rows, points = [], []
    for (identifiers, kind), ways in graphs.items():
        ours, scipy = ways["edge_contraction"], ways["scipy"]
        times = ours["cpu_seconds"] / scipy["cpu_seconds"]
        different = ours["different_vertices"]
        rows.append([
            f"{identifiers:,}", kind, with_range(ours, "cpu_seconds"), with_range(scipy, "cpu_seconds"),
            with_range(scipy, "bare_cpu_seconds"), f"{number(times)} ×", number(ours["wall_seconds"]), number(scipy["wall_seconds"]),
            number(ours["peak_rss_mb"]), number(scipy["peak_rss_mb"]), "equal" if not different else f"**{different:,} vertices differ**",
        ])  # fmt: skip
        points.append(f"{identifiers:,} identifiers, {kind}: " + against_target(times, SCIPY_TARGET, "times scipy's CPU", at_most=True))
    heads = ["identifiers", "graph", "CPU s", "scipy CPU s", "of which components", "ratio", "wall s", "scipy wall s", "peak MB", "scipy peak MB", "people"]
    text = (
        "## Identity\n\nHow fast are connected components in SQL, by the statements of `macros/identity/edge_contraction.sql`, against "
        "scipy's, which reads the same edges out of DuckDB? `python -m tools.bench identity`"
    )
    return "\n\n".join([text, listed(points), table(heads, rows, texts=2)]), {}


def build(result: dict) -> tuple[str, dict[str, str]]:
    rows = sorted(result["rows"], key=lambda row: (row["phase"], row["events"]))
    heads = ["phase", "events", "wall s", "CPU s", "events a second", "peak MB", "spilled MB", "database MB", "revision"]
    names = ("wall_seconds", "cpu_seconds", "events_per_second", "peak_rss_mb", "spill_mb", "db_mb")
    lines = [[row["phase"], f"{row['events']:,}", *(with_range(row, name) for name in names), row["revision"]] for row in rows]
    growth = []
    for phase in dict.fromkeys(row["phase"] for row in rows):
        points = [(row["events"], row["cpu_seconds"]) for row in rows if row["phase"] == phase]
        # Start-up flatters the smallest sizes, so the step between the two largest is told, too.
        for some in [points] if len(points) < 3 else [points, points[-2:]]:
            exponent = growth_exponent(some)
            if exponent is not None:
                reached = against_target(exponent, GROWTH_TARGET, "(1 is linear)", at_most=True)
                growth.append(f"{phase}, {some[0][0]:,} to {some[-1][0]:,} events: CPU seconds grow to the power of {reached}")
    parts = ["## Whole builds\n\nHow long does a full build take, and how does it grow? `python -m tools.bench build`", table(heads, lines), listed(growth)]
    pictures = {}
    if growth:
        from tools.bench.charts import lines as draw

        pictures["build"] = draw(rows, "events", "events", "cpu_seconds", "CPU seconds", "phase")
        parts.append("![CPU seconds of a build by the number of events](benchmarks/build.svg)")
    return "\n\n".join(part for part in parts if part), pictures


def day(result: dict) -> tuple[str, dict[str, str]]:
    words = {"full": "everything, from nothing", "nothing_new": "again, nothing new", "day": "new days, as one load: {new_days}"}
    full = next((row for row in result["rows"] if row["what"] == "full"), None)
    lines = [
        [words[row["what"]].format_map(row), f"{row['day_events']:,}", with_range(row, "wall_seconds"), with_range(row, "cpu_seconds"),
         f"{row['cpu_seconds'] / full['cpu_seconds']:.0%}" if full else "–"]
        for row in result["rows"]
    ]  # fmt: skip
    heads = ["build", "new events", "wall s", "CPU s", "CPU of the full build"]
    return "## One more day\n\nWhat does a build cost when little is new? `python -m tools.bench build`\n\n" + table(heads, lines), {}


def floor(result: dict) -> tuple[str, dict[str, str]]:
    steps = list(result["rows"][0]["step_seconds"])
    heads = ["events", "wall s", "CPU s", "peak MB", *(f"{step.replace('_', ' ')} s" for step in steps), "build / floor, wall", "build / floor, CPU"]
    lines, points = [], []
    for row in result["rows"]:
        lines.append([
            f"{row['events']:,}", *(with_range(row, name) for name in ("wall_seconds", "cpu_seconds", "peak_rss_mb")),
            *(number(row["step_seconds"].get(step)) for step in steps), number(row["build_ratio"]), number(row["build_ratio_cpu"]),
        ])  # fmt: skip
        if row["build_ratio"] and "target" in result["settings"]:
            reached = against_target(row["build_ratio"], result["settings"]["target"], "times the floor", at_most=True)
            points.append(f"{row['events']:,} events: {reached}")
    text = (
        "## The floor\n\nHow far is a build of the tables from the bare work: the same events read, put in order and counted by a few "
        "statements? `python -m tools.bench floor`"
    )
    return "\n\n".join(part for part in (text, listed(points), table(heads, lines)) if part), {}


def project(result: dict) -> tuple[str, dict[str, str]]:
    lines = [[row["what"], *(with_range(row, name) for name in ("wall_seconds", "cpu_seconds", "peak_rss_mb"))] for row in result["rows"]]
    parts = ["## The project itself\n\nWhat does dbt cost before any data? `python -m tools.bench build`"]
    if resources := result["settings"].get("resources"):
        parts.append("Nodes: " + ", ".join(f"{count} {kind.replace('_', ' ')}s" for kind, count in resources.items()) + ".")
    return "\n\n".join([*parts, table(["what", "wall s", "CPU s", "peak MB"], lines)]), {}


SECTIONS: dict[str, Callable[[dict], tuple[str, dict[str, str]]]] = {
    "credit": credit,
    "identity": identity,
    "build": build,
    "day": day,
    "floor": floor,
    "project": project,
}
