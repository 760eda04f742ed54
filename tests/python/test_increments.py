"""Increments are exactly right: whatever arrives, in whatever order, the store equals one built from nothing.

    .venv/bin/python -m pytest tests/python/test_increments.py

The worlds are those of increments.py. One chain of builds serves the tests of one run; other seeds, more batches and more
kills are for `make soak`.
"""

import datetime as dt
import random
import re
import resource
import subprocess

import pytest
from conftest import DB_NAME
from increments import DAYS, START, Store, World, differences

SEED = 20261126
STOPPED_AT = START + dt.timedelta(days=DAYS * 0.6)
MODEL_BEGAN = re.compile(rb" START sql ")


def load_line(build):
    [line] = re.findall(r"Load \d+: .*", build.output)
    return line


def killed_build(store, after_models):
    """A build that is killed when so many models have begun."""
    with subprocess.Popen(**{**store.process(), "text": False}) as process:
        began = 0
        for line in process.stdout:
            began += bool(MODEL_BEGAN.search(line))
            if began >= after_models:
                process.kill()
                return True
    return False


def build_on_a_full_disk(store):
    """A build that cannot write: no file may reach a quarter of the store's size."""
    most = store.db.stat().st_size // 4
    full = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))}
    return subprocess.run(**store.process(), **full)


@pytest.fixture(scope="module")
def chain(tmp_path_factory, write_raw):
    """Three batches in any order of time, and the words of each load.

    The second load is killed and done again; the third has everything once more, and reads one file first.
    """
    world = World(SEED)
    store = Store(tmp_path_factory.mktemp("chain"), write_raw, world)
    said = []
    for batch in range(3):
        store.arrive(batch)
        if batch == 1:
            assert killed_build(store, random.Random(SEED).randrange(40, 110))
        if batch == 2:
            store.arrive(0, 1, 2, name="everything-again")
            said.append(load_line(store.build(load_max_rows=1)))
            assert store.files_read() == 1
        said.append(load_line(store.build()))
    return store, said


@pytest.fixture(scope="module")
def fresh(chain, tmp_path_factory):
    """The same raw folder in a store built from nothing."""
    store, _ = chain
    other = Store(tmp_path_factory.mktemp("fresh"), store.write_raw, store.world)
    other.raw = store.raw
    other.build()
    return other


def test_later_batches_are_increments(chain):
    _, said = chain
    assert "nothing was built before" in said[0]
    assert all("what is new, and what it changes" in line for line in said[1:])


def test_after_the_last_batch_every_table_is_that_of_one_build_from_nothing(chain, fresh):
    store, _ = chain
    assert differences(store, fresh, ("bronze", "silver", "gold")) == {}


def test_the_world_has_what_can_go_wrong(chain):
    store, _ = chain
    tables = store.tables("silver", "gold")
    for table in ["silver.shared_device_owners", "silver.refused_purposes", "gold.blocked_touches", "gold.rule_credits"]:
        assert tables[table], table
    assert any("'open'" in row for row in tables["gold.journeys"])
    assert any("is_shared" in row or "True" in row for row in tables["silver.identity_map"])


@pytest.mark.slow
def test_a_load_with_nothing_new_changes_nothing(chain, tmp_path):
    store, _ = chain
    again = store.copy(tmp_path / "again")
    assert "what is new" in load_line(again.build())
    assert differences(store, again) == {}


def test_a_file_that_changed_makes_a_fresh_start(chain, tmp_path):
    store, _ = chain
    again = store.copy(tmp_path / "again")
    again.raw = tmp_path / "raw"
    again.arrive(0)
    assert "a file that was read before has changed or is gone" in load_line(again.begin())


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, write_raw):
    """A store as of an earlier moment, from all the data, and one from data that ends there."""
    world = World(SEED + 1, batches=1)
    stores = []
    for name, told in [("all", world), ("ended", world.until(STOPPED_AT))]:
        store = Store(tmp_path_factory.mktemp(name), write_raw, told)
        store.arrive(0)
        store.build(as_of=STOPPED_AT.isoformat())
        stores.append(store)
    return stores


def test_as_of_an_earlier_moment_nothing_later_is_known(stopped):
    assert differences(*stopped) == {}


@pytest.mark.slow
def test_moving_now_forward_in_one_store_gives_what_a_build_from_nothing_gives(stopped, tmp_path, write_raw):
    everything, _ = stopped
    moved = everything.copy(tmp_path / "moved")
    later = (STOPPED_AT + dt.timedelta(days=5)).isoformat()
    assert "what is new" in load_line(moved.build(as_of=later))
    fresh = Store(tmp_path / "fresh", write_raw, everything.world)
    fresh.folder.mkdir()
    fresh.raw = everything.raw
    fresh.build(as_of=later)
    assert differences(moved, fresh, ("bronze", "silver", "gold")) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_any_split_in_any_order_with_kills_at_any_moment(seed, tmp_path, write_raw):
    chance = random.Random(seed)
    store = Store(tmp_path, write_raw, World(1000 + seed, batches=chance.randint(2, 6), devices=60, shuffled=seed % 2 == 0))
    for batch in range(store.world.batches):
        store.arrive(batch)
        while chance.random() < 0.5:
            killed_build(store, chance.randrange(1, 160))
        if batch:
            build_on_a_full_disk(store)  # which is none where the file has room left by earlier builds
        while chance.random() < 0.3:
            store.build(load_max_rows=chance.randrange(1, 400))
        if chance.random() < 0.4:
            store.arrive(*range(batch + 1), name=f"again-{batch}")
        store.build()
    fresh = Store(tmp_path / "fresh", write_raw, store.world)
    fresh.folder.mkdir()
    fresh.raw = store.raw
    fresh.build()
    assert differences(store, fresh, ("bronze", "silver", "gold")) == {}
