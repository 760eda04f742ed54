"""Check the machine, the versions, the data, the settings and the store; a line each, with what to do about it.

    make doctor [RAW_DIR=folder]
    python3 -m tools.doctor [--raw-dir folder] [--json]

Exit code 0: a build would work (warnings may say what to know); 1: it would not. Writes nothing. Without .venv it says what
can be said without.
"""

import argparse
import json

from tools.console import Console, run
from tools.doctor import data, machine, settings, store, versions
from tools.doctor.finding import OK, PROBLEM, WARNING, Finding, first_line, problem
from tools.doctor.place import Place

SECTIONS = [("Machine", machine), ("Versions", versions), ("Data", data), ("Settings", settings), ("Store", store)]
LOOKS = {OK: ("✓", "green"), WARNING: ("●", "yellow"), PROBLEM: ("✗", "red")}


def main():
    arguments = argparse.ArgumentParser(prog="python3 -m tools.doctor", description=__doc__.splitlines()[0])
    arguments.add_argument("--raw-dir", help="your own raw files (default: the demo world's)")
    arguments.add_argument("--json", action="store_true", help="for machines: a list of {section, status, name, text, advice}")
    chosen = arguments.parse_args()
    place = Place(chosen.raw_dir)
    found = [(title, list(findings(module, place))) for title, module in SECTIONS]
    if chosen.json:
        print(json.dumps([{"section": title, **each._asdict()} for title, section in found for each in section], indent=2))
    else:
        show(found, Console())
    return int(any(each.status == PROBLEM for _, section in found for each in section))


def findings(module, place):
    """What the checks of a section find; those of the environment only where it is there."""
    more = getattr(module, "CHECKS_OF_THE_ENVIRONMENT", []) if place.has_environment() else []
    for check in [*module.CHECKS, *more]:
        yield from findings_of(check, place)


def findings_of(check, place):
    """A list of findings, of a check that gives one, several or none. One that breaks is itself a problem, in one line."""
    try:
        found = check(place)
        return [found] if isinstance(found, Finding) else list(found or [])
    except Exception as error:  # whatever it is, the other checks still have something to say
        name = check.__name__.replace("_", " ")
        why = f"could not be looked at: {type(error).__name__}: {first_line(error)}"
        return [problem(name, why, "see that the files are whole")]


def show(found, console):
    for title, section in found:
        if section:
            console.title(title)
        for each in section:
            sign, colour = LOOKS[each.status]
            text = f"{each.text} → {each.advice}" if each.advice else each.text
            console.entry(each.name, text, colour, sign=sign, label_width=14)
    counts = {status: sum(each.status == status for _, section in found for each in section) for status in LOOKS}
    words = [f"{counts[status]} {status}{'s' * (counts[status] != 1)}" for status in (PROBLEM, WARNING)]
    console.print()
    console.print(console.paint(f"{counts[OK]} ok, {', '.join(words)}", "red" if counts[PROBLEM] else "green"))


if __name__ == "__main__":
    run(main)
