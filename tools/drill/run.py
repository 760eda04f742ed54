"""The drill itself: a good day, then every poisoned batch in the place of the next day, then the next day as it is."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

from tools.dbt_runs import DB_NAME
from tools.drill.poisons import Poison
from tools.drill.raw import cut, last_instant, linked_copy
from tools.drill.store import Build, DrillError, Serving, build, published, serving

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Good:
    """A store after a good build, and the good batch that comes next."""

    db: Path
    next_raw: Path
    new_day: datetime


@dataclass(frozen=True)
class Verdict:
    """What a poisoned batch did: how its build ended, the published tables it changed, what consumers saw then, and how
    the good batch after it ended."""

    poison: Poison
    poisoned: Build
    changed_tables: list[str]
    seen: Serving
    recovery: Build
    recovered: Serving

    @property
    def is_kept_out(self) -> bool:
        """Whether nothing of it reached consumers."""
        return self.poisoned.outcome != "published" and not self.changed_tables

    @property
    def has_recovered(self) -> bool:
        """Whether the good batch was published, and the breaker closed."""
        return self.recovery.outcome == "published" and self.recovered.breaker_state == "CLOSED"

    @property
    def is_right(self) -> bool:
        """Whether all went as it must. A batch that is late rather than wrong may be published."""
        return self.has_recovered and (self.is_kept_out or self.poison.may_publish)


def midnight_before(moment: datetime) -> datetime:
    """The start of its day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def good_store(world: Path, folder: Path, reuse: bool) -> Good:
    """Cut a world's last day off, and build what is left, or use the store that an earlier drill left in `folder`."""
    new_day = midnight_before(last_instant(world))
    good = Good(folder / DB_NAME, folder / "next", new_day)
    if reuse and good.db.exists():
        return good
    shutil.rmtree(folder, ignore_errors=True)
    cut(world, good.next_raw, new_day + DAY)
    half = folder / "half" / DB_NAME
    half.parent.mkdir()
    found = build(cut(world, folder / "first", new_day), half, folder / "target")
    print(f"the good day before: {found.outcome} after {found.seconds:.0f} s", flush=True)
    if found.outcome != "published":
        raise DrillError(f"the good day was not published: {found.message or ', '.join(found.trips)}")
    half.replace(good.db)
    return good


def feed(poisons: tuple[Poison, ...], good: Good, folder: Path) -> list[Verdict]:
    """Feed poisoned batches to a copy of the good store, one after the other, and the good batch after them.

    All lie in the same place, so dbt need not read the project again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{DB_NAME}.wal").unlink(missing_ok=True)  # of a drill that was killed
    db, raw, target = Path(shutil.copy(good.db, folder / DB_NAME)), folder / "raw", folder / "target"
    fed = []
    for poison in poisons:
        poison.apply(linked_copy(good.next_raw, raw), good.new_day)
        before = published(db)
        poisoned = build(raw, db, target)
        fed.append((poison, poisoned, differences(before, published(db)), serving(db)))
    recovery = build(linked_copy(good.next_raw, raw), db, target)
    recovered = serving(db)
    return [Verdict(*parts, recovery, recovered) for parts in fed]


def batched(poisons: list[Poison], count: int) -> list[tuple[Poison, ...]]:
    """Slices of `count`."""
    return [tuple(poisons[start : start + count]) for start in range(0, len(poisons), count)]


def differences(before: dict[str, tuple], after: dict[str, tuple]) -> list[str]:
    """Names of the published tables that came, went or hold something else."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def rows_of(poisons: list[Poison], in_a_row: int) -> list[tuple[Poison, ...]]:
    """The poisons in rows, each for one store. One that may be published stands alone: after it the store is another."""
    kept_out = [poison for poison in poisons if not poison.may_publish]
    return [*batched(kept_out, in_a_row), *((poison,) for poison in poisons if poison.may_publish)]


def drill(poisons: list[Poison], good: Good, work: Path, jobs: int, in_a_row: int = 1) -> Iterator[Verdict]:
    """Feed every poison, `jobs` at a time, each row of them in a folder of its own; verdicts as they come."""
    folders = SimpleQueue()
    for number in range(jobs):
        folders.put(work / f"job-{number}")

    def one(row: tuple[Poison, ...]) -> list[Verdict]:
        folder = folders.get()
        try:
            return feed(row, good, folder)
        finally:
            folders.put(folder)

    with ThreadPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(one, row) for row in rows_of(poisons, in_a_row)]):
            yield from done.result()
