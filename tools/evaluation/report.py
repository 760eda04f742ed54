"""The table on the terminal, the page `report.html`, and `docs/evaluation.md` with its pictures."""

import html
from pathlib import Path

import numpy as np

from tools.evaluation import credit
from tools.evaluation.charts import charts
from tools.evaluation.measures import Measure

CAPTIONS = {
    "precision_recall": "Precision and recall, with 95 % intervals.",
    "outage_recall": "Outages found, by the orders that would have come meanwhile, with 95 % intervals.",
    "discrepancy_recall": "Campaign-days flagged, by share of sessions lost and by clicks; at none they are false.",
    "timeline": "One world: purchases by the hour, promotions, what was planted and what was flagged.",
}
METHOD = (
    "Every world is made from a seed of its own: volumes, seasons, funnels, noise and faults are drawn, none is shared "
    "with the detectors, and no threshold is set by them. Shares carry Wilson intervals, alarms per time exact Poisson "
    "intervals, F1 and times a bootstrap over worlds, all 95 %. Met: “yes” when the whole interval meets the target, "
    "“likely” when the estimate does."
)
HEAD = ("", "target", "measured", "95 % interval", "cases", "met")
STYLE = """
:root { color-scheme: light dark; --ink: #24292f; --paper: #ffffff; --line: #d0d7de; --soft: #57606a; }
@media (prefers-color-scheme: dark) { :root { --ink: #d8dee4; --paper: #15191e; --line: #3a424b; --soft: #9aa4ae; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
       margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, figcaption { color: var(--soft); max-width: 46rem; } figure { margin: 1.5rem 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; color: var(--ink) !important; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); font-weight: normal; }
th { color: var(--soft); } th:first-child, td:first-child { text-align: left; }
.yes { color: #1f9e74; } .likely { color: #b98a1d; } .no { color: #d2505f; font-weight: 600; }
"""


def number(measure: Measure, value: float) -> str:
    """A value in the measure's unit: per cent for shares, otherwise two digits that count."""
    if np.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if measure.is_share else f"{value:.2f}"


def cells(measure: Measure) -> tuple[str, ...]:
    """One line of the table."""
    target = "–" if measure.target is None else f"{'≥' if measure.at_least else '≤'} {number(measure, measure.target)}"
    interval = f"{number(measure, measure.low)} to {number(measure, measure.high)}"
    return measure.name, target, number(measure, measure.value), interval, f"{measure.cases:,}", measure.met


def grouped(found: list[Measure]) -> dict[str, list[Measure]]:
    """Measures by group, in order."""
    groups: dict[str, list[Measure]] = {}
    for measure in found:
        groups.setdefault(measure.group, []).append(measure)
    return groups


def terminal(found: list[Measure]) -> str:
    """The table as text."""
    lines = []
    for group, rows in grouped(found).items():
        table = [(group, *HEAD[1:]), *(cells(measure) for measure in rows)]
        widths = [max(len(row[place]) for row in table) for place in range(len(HEAD))]
        for place, row in enumerate(table):
            aligned = [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:]))]
            lines.append("  ".join(aligned).rstrip())
            if place == 0:
                lines.append("─" * len("  ".join(aligned)))
        lines.append("")
    return "\n".join(lines)


def heading(results: list[dict]) -> str:
    """How many worlds of which kind, and how to repeat them."""
    counts = {world: len({r["seed"] for r in results if r["world"] == world}) for world in ("shop", "spend")}
    worlds = " and ".join(f"{count} {world} world{'s' * (count != 1)}" for world, count in counts.items() if count)
    seeds = sorted({result["seed"] for result in results})
    return f"{worlds}, seeds {seeds[0]} to {seeds[-1]}"


def page(results: list[dict], found: list[Measure], out: Path) -> str:
    """The whole report as one page that needs no network."""
    pictures, drawn = charts(results, found), credit.picture(out)
    sections = [f"<h2>{html.escape(group)}</h2>\n{_table(rows)}" for group, rows in grouped(found).items()]
    figures = [
        f"<figure>{text}<figcaption>{html.escape(CAPTIONS[name])}</figcaption></figure>"
        for name, text in pictures.items()
    ]
    body = "\n".join(
        [
            "<h1>Detectors against planted truth</h1>",
            f"<p>{html.escape(heading(results))}.</p><p>{html.escape(METHOD)}</p>",
            *figures[:1],
            *sections,
            *([f"<figure>{drawn}<figcaption>{html.escape(credit.PICTURED)}</figcaption></figure>"] if drawn else []),
            *(table.html() for table in credit.sections(out)),
            *figures[1:],
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>Detectors against planted truth</title><style>{STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _table(rows: list[Measure]) -> str:
    head = "".join(f"<th>{text}</th>" for text in HEAD)
    lines = []
    for measure in rows:
        *plain, met = (html.escape(text) for text in cells(measure))
        lines.append("<tr>" + "".join(f"<td>{text}</td>" for text in plain) + f'<td class="{met}">{met}</td></tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{chr(10).join(lines)}\n</tbody></table>"


def write_docs(results: list[dict], found: list[Measure], docs: Path) -> None:
    """docs/evaluation.md and its pictures in docs/evaluation/."""
    folder = docs / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = charts(results, found)
    for name, text in pictures.items():
        (folder / f"{name}.svg").write_text(text + "\n")
    lines = [
        "# Detectors against planted truth",
        "",
        f"Made by `make evaluate` from {heading(results)}. {METHOD}",
        "",
        *(f"![{CAPTIONS[name]}](evaluation/{name}.svg)\n" for name in pictures),
    ]
    for group, rows in grouped(found).items():
        lines += [
            f"## {group}",
            "",
            "| | target | measured | 95 % interval | cases | met |",
            "|---|--:|--:|--:|--:|---|",
        ]
        lines += ["| " + " | ".join(cells(measure)) + " |" for measure in rows] + [""]
    (docs / "evaluation.md").write_text("\n".join(lines).rstrip() + "\n")
