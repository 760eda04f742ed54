"""Backfills: a dry run tells what will be read and written, and the bound is kept.

    .venv/bin/python -m pytest tests/python/test_backfill.py
"""

import subprocess
import sys

import duckdb
import pytest
from conftest import PROJECT_ROOT
from increments import START, Store, World, differences

SEED = 8
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def store(tmp_path_factory, write_raw):
    """One batch that is loaded, two that have arrived since."""
    store = Store(tmp_path_factory.mktemp("backlog"), write_raw, World(SEED))
    store.arrive(0)
    store.build()
    store.arrive(1)
    store.arrive(2)
    return store


def backfill(store, *arguments):
    command = [sys.executable, "-m", "tools.backfill", "--raw-dir", str(store.raw), *arguments]
    env = {"FEATURE_STORE_DB": str(store.db), "PATH": "/usr/bin:/bin", "HOME": str(store.folder)}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=env, capture_output=True, text=True)


def arrived(store, batch):
    """The events of a batch with their times, the oldest first."""
    events = [row for among, row in store.world.rows["raw.clickstream_events"] if among == batch]
    return sorted(((row["event_ts"], row) for row in events), key=lambda pair: pair[0])


def rows(store, sql, *parameters):
    with duckdb.connect(str(store.db), read_only=True) as connection:
        return connection.execute(sql, parameters).fetchone()[0]


def test_a_dry_run_says_what_would_be_read_and_written_and_writes_nothing(store):
    before = store.tables("silver", "gold")
    run = backfill(store, "--dry-run", "--max-rows", "1")
    oldest = [row for _, row in arrived(store, min((1, 2), key=lambda batch: arrived(store, batch)[0][0]))]
    assert run.returncode == 0, run.stderr
    assert f"reads 1 files with {len(oldest)} rows; 1 files are left" in run.stdout
    held = rows(
        store, "select count(*) from silver.sessions where anonymous_id in (select unnest(?))",
        [row["anonymous_id"] for row in oldest],
    )  # fmt: skip
    assert f"silver.sessions {held:>23,}" in run.stdout
    assert store.tables("silver", "gold") == before


def test_a_stretch_with_more_events_than_allowed_is_refused(store):
    times = ["--from", START.isoformat(), "--until", "2025-03-20T00:00:00Z"]
    run = backfill(store, *times, "--max-rows", "5")
    assert run.returncode == 1
    assert "more than --max-rows 5" in run.stderr
    run = backfill(store, *times, "--dry-run")
    assert run.returncode == 0 and "gold.journeys" in run.stdout


@pytest.mark.parametrize("arguments, said", [(["--from", "2025-03-01"], "both --from and --until"), (["--max-rows", "0"], "1 or more")])
def test_a_command_that_cannot_be_is_refused_in_one_line(store, arguments, said):
    run = backfill(store, *arguments)
    assert run.returncode == 1 and said in run.stderr and len(run.stderr.splitlines()) == 1


def test_a_backlog_in_bounded_loads_gives_what_one_build_gives(store, tmp_path, write_raw):
    run = backfill(store, "--max-rows", "1")
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("done in") == 2
    fresh = Store(tmp_path, write_raw, store.world)
    fresh.raw = store.raw
    fresh.build()
    assert {name: pair for name, pair in differences(store, fresh).items() if "feature" not in name} == {}
