"""Alert on trip, on recovery, and on a failed build: run it after every build, however that ended.

    .venv/bin/python -m tools.alerts [--db data/feature_store.duckdb] [--exit-code N]
    .venv/bin/python -m tools.alerts --test

Reads the DuckDB file (default: FEATURE_STORE_DB) and remembers in {db}.alerts.json what was told to whom, so that nothing is
told twice. docs/alerts.md says what is sent when, and lists the settings.

Exit code 0: told, or nothing to tell; 1: a message could not be sent, or the store or the memory cannot be read; 2: a setting
cannot be read.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from tools.alerts.channels import Message, make_channels
from tools.alerts.conditions import find_conditions
from tools.alerts.memory import Memory
from tools.alerts.settings import SettingError, read_settings
from tools.alerts.store import Store, StoreError, read_store
from tools.alerts.tell import NO_CHANNEL, Teller, complain, deliver


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.alerts", description=__doc__.splitlines()[0])
    parser.add_argument("--db", type=Path, default=os.environ.get("FEATURE_STORE_DB", "data/feature_store.duckdb"))
    parser.add_argument("--exit-code", type=int, help="of the dbt that just ended; tells of builds that could not log their end")
    parser.add_argument("--test", action="store_true", help="send a test message through every channel")
    chosen = parser.parse_args()
    try:
        settings = read_settings(chosen.db)
        channels = make_channels(settings)
        return test(settings, channels) if chosen.test else alert(chosen.db, chosen.exit_code, settings, channels)
    except SettingError as problem:
        complain(problem)
        return 2
    except StoreError as problem:
        complain(problem)
        return 1


def test(settings, channels) -> int:
    """One message through each channel; a test that reaches nobody has failed."""
    if not channels:
        raise SettingError(NO_CHANNEL)
    message = Message(
        action="test",
        key=f"{settings.store_name}:test",
        severity="ticket",
        title="Test of the alerts",
        lines=["This is a test: nothing is wrong, and alerts of the feature store arrive here."],
        source=settings.store_name,
    )
    return int(not all([deliver(channel, message) for channel in channels]))


def alert(db, exit_code, settings, channels) -> int:
    store, why_unknown = Store(), ""
    try:
        store = read_store(db)
    except StoreError as problem:
        if not exit_code:
            raise
        why_unknown = f"The store is of no help: {problem}."
    conditions = find_conditions(store, exit_code, settings, why_unknown)
    if not conditions.get("build") and not (store.build and store.serving):
        raise StoreError(f"{db} has no build log or no serving status yet: run make build")
    memory = Memory(db.with_name(f"{db.name}.alerts.json"))
    teller = Teller(store, settings, channels, memory, datetime.now(UTC))
    try:
        aside = memory.load()
        teller.tell(conditions)
    except OSError as problem:
        why = f"what was told cannot be kept in {memory.path} ({problem.strerror}), so it may be told again"
        raise StoreError(why) from problem
    if aside:
        complain(
            f"{memory.path} could not be read and was set aside as {aside}: "
            "what is still wrong was told again, what was over must be resolved by hand"
        )
    return int(bool(aside) or not teller.all_delivered)


if __name__ == "__main__":
    sys.exit(main())
