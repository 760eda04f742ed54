"""False alarms: days without a fault, one after the other into one store. Each must be published."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tools.drill.raw import cut, last_instant
from tools.drill.run import DAY, midnight_before
from tools.dbt_runs import DB_NAME
from tools.drill.store import Build, build


@dataclass(frozen=True)
class Day:
    """A day without a fault, and how the build of all that had arrived by its end ended."""

    date: datetime
    build: Build


def feed_days(world: Path, folder: Path, count: int) -> Iterator[Day]:
    """Build the last `count` days of a world, and the one before them, day by day into one store."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    last = midnight_before(last_instant(world))
    for age in range(count, -1, -1):
        date = last - age * DAY
        raw = cut(world, folder / "raw", date + DAY)
        yield Day(date, build(raw, folder / DB_NAME, folder / "target"))


def false_trips(days: list[Day]) -> str:
    """What the days say, in sentences. The first has nothing to be compared with, so it is not counted."""
    judged = [day.build for day in days[1:]]
    not_published = [build for build in judged if build.outcome != "published"]
    warnings = Counter(name for build in judged for name in build.warnings)
    text = f"{len(judged)} days without a fault, built one after the other: {len(not_published)} were not published."
    if not_published:
        trips = Counter(name for build in not_published for name in build.trips)
        text += " Trips: " + _counted(trips) + "."
    return text + (" Warnings: " + _counted(warnings) + "." if warnings else " No check warned.")


def day_line(day: Day) -> str:
    """One day for the terminal."""
    said = [*(f"trips {name}" for name in day.build.trips), *(f"warns {name}" for name in day.build.warnings)]
    return f"{day.date:%m-%d}: {day.build.outcome}, {day.build.seconds:.0f} s {'; '.join(said)} {day.build.message}".rstrip()


def _counted(names: Counter) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(names.items()))
