"""What a drill says: a line for each poison on the terminal, and `docs/drill.md`."""

import os
import platform
import sys
from argparse import Namespace
from importlib.metadata import version
from pathlib import Path

from tools.drill.days import Day, false_trips
from tools.drill.run import Verdict

HEAD = """# The fault drill

`python -m tools.drill --write-docs` wrote this page. A store is built from a good day; then each batch below takes the place of the next day, in a copy of that store, by a dbt
build of its own; then the next day comes as it is. Nothing of a poisoned batch may reach `published`: every table and view there, and the log of versions, is compared bit for
bit before and after.
"""
COLUMNS = ("poison", "what tripped, or how the build stopped", "seconds", "what consumers saw", "next good batch")
SHOWN = 4  # trips named in the table; the others are counted


def how_it_ended(verdict: Verdict) -> str:
    """The trips by name, or the line that stopped the build."""
    found = verdict.poisoned
    if found.outcome == "tripped":
        more = f" and {len(found.trips) - SHOWN} more" if len(found.trips) > SHOWN else ""
        return ", ".join(list(found.trips)[:SHOWN]) + more
    if found.outcome == "published":
        return f"published, {len(found.warnings)} warnings"
    return f"{found.outcome}: {found.message}"


def what_was_seen(verdict: Verdict) -> str:
    """The version that consumers read after the poisoned batch, beside what they were told."""
    if verdict.poisoned.outcome == "published":
        return f"the new version, {verdict.seen.breaker_state}"
    same = "the good version" if not verdict.changed_tables else f"CHANGED: {', '.join(verdict.changed_tables)}"
    return f"{same}, {verdict.seen.breaker_state}, {verdict.seen.staleness_hours:.0f} h behind"


def how_it_recovered(verdict: Verdict) -> str:
    """What became of the good batch after the poisoned one."""
    if verdict.has_recovered:
        return f"published after {verdict.recovery.seconds:.0f} s"
    why = ", ".join(verdict.recovery.trips) or verdict.recovery.message
    return f"NOT PUBLISHED: {verdict.recovery.outcome} {why}"


def line(verdict: Verdict) -> str:
    """One verdict for the terminal."""
    mark = "ok " if verdict.is_right else "BAD"
    return (
        f"{mark} {verdict.poison.name}: {how_it_ended(verdict)}, {verdict.poisoned.seconds:.0f} s; "
        f"consumers: {what_was_seen(verdict)}; then {how_it_recovered(verdict)}"
    )


def summary(verdicts: list[Verdict]) -> str:
    """All verdicts in a sentence."""
    poisoned = [verdict for verdict in verdicts if not verdict.poison.may_publish]
    kept_out = sum(verdict.is_kept_out for verdict in poisoned)
    recovered = sum(verdict.has_recovered for verdict in verdicts)
    return (
        f"{kept_out} of {len(poisoned)} poisoned batches were kept out; "
        f"the good batch after {recovered} of {len(verdicts)} was published."
    )


def table(verdicts: list[Verdict]) -> str:
    """The verdicts as a table in Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|---|--:|---|---|"]
    for verdict in verdicts:
        cells = (
            verdict.poison.words,
            how_it_ended(verdict).replace("|", "\\|"),
            f"{verdict.poisoned.seconds:.0f}",
            what_was_seen(verdict),
            how_it_recovered(verdict),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine() -> str:
    """Where the seconds were measured."""
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, dbt-core {version('dbt-core')}, "
        f"duckdb {version('duckdb')}"
    )


def page(verdicts: list[Verdict], days: list[Day], arguments: Namespace) -> str:
    """The whole page."""
    how = f" World: {arguments.size}. Seconds with {arguments.jobs} builds at a time on {machine()}."
    if arguments.in_a_row > 1:
        how += f" Up to {arguments.in_a_row} poisoned batches were fed to one store before the good one."
    parts = [HEAD, summary(verdicts) + how, table(verdicts)]
    if days:
        parts.append("## False alarms\n\n" + false_trips(days))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def write_docs(text: str, docs: Path) -> None:
    """Write the page."""
    (docs / "drill.md").write_text(text)
    print(f"wrote {docs / 'drill.md'}", file=sys.stderr)
