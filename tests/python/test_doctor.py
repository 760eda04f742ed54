"""`make doctor`: a line for each check, true, with what to do; whatever is broken, no check breaks the others."""

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import duckdb
import pytest

from tools.doctor import data, machine, settings, store, versions
from tools.doctor.__main__ import findings, findings_of
from tools.doctor.finding import ok, size_of
from tools.doctor.place import Place

PLAIN_SETTINGS = ("FEATURE_STORE_DB", "FEATURE_STORE_MEMORY", "FEATURE_STORE_THREADS", "DBT_ENV_SECRET_CONTACT_HASH_KEY")


@pytest.fixture(autouse=True)
def without_settings(monkeypatch):
    for name in PLAIN_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def copy(golden_build, tmp_path_factory):
    """A copy of the golden build under its own name."""
    return golden_build.copy_db(tmp_path_factory.mktemp("doctor"))


@pytest.fixture
def place(copy, small_world):
    """The golden build and its raw files as a place to build."""
    return place_of(copy, small_world)


def place_of(store_file, raw_dir):
    place = Place(str(raw_dir))
    place.store = store_file
    return place


def told(check, place):
    """{status: text and advice of each finding}."""
    by_status = {}
    for each in findings_of(check, place):
        by_status.setdefault(each.status, []).append(f"{each.text} → {each.advice}")
    return by_status


# --- As a whole ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def doctor(project_root):
    def run(*arguments, python=(sys.executable,), **environment):
        inherited = {key: value for key, value in os.environ.items() if key not in (*PLAIN_SETTINGS, "PYTHONPATH")}
        command = [*python, "-m", "tools.doctor", *arguments]
        return subprocess.run(command, cwd=project_root, env={**inherited, **environment}, capture_output=True, text=True)

    return run


def test_a_good_store_has_no_problem(doctor, golden_build, small_world):
    run = doctor("--raw-dir", str(small_world), "--json", FEATURE_STORE_DB=str(golden_build.db))
    found = json.loads(run.stdout)
    assert run.returncode == 0 and run.stderr == ""
    assert [each for each in found if each["status"] == "problem"] == []
    names = {each["name"] for each in found}
    assert {"python", "memory", "disk", "packages", "raw tables", "newest event", "switches", "breaker", "next build"} <= names
    assert [each["text"] for each in found if each["name"] == "raw tables"] == ["17 can be read with every required column"]
    assert all(bool(each["advice"]) == (each["status"] != "ok") for each in found)


def test_without_an_environment_it_says_what_it_can(doctor):
    """-S: a Python that finds nothing that was installed."""
    run = doctor(python=(sys.executable, "-S"), FEATURE_STORE_DB="data/none.duckdb")
    assert run.returncode == 0 and run.stderr == ""
    assert "✓ python" in run.stdout and "✓ disk" in run.stdout and "raw tables" not in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_a_problem_is_the_exit_code(doctor, tmp_path):
    run = doctor("--raw-dir", str(tmp_path / "none"), FEATURE_STORE_DB=str(tmp_path / "none.duckdb"))
    assert run.returncode == 1 and "✗ raw files" in run.stdout and run.stdout.rstrip().splitlines()[-1].count("1 problem") == 1


def test_a_check_that_breaks_is_one_line_and_stops_no_other(place, monkeypatch):
    def broken(place):
        raise ValueError("first\nsecond")

    monkeypatch.setattr(settings, "CHECKS", [broken, settings.key])
    first, second = list(findings(settings, place))[:2]
    assert first.status == "problem" and first.text == "could not be looked at: ValueError: first"
    assert second.name == "key"


# --- The machine and versions -------------------------------------------------------------------------------------------


def test_what_is_set_is_held_against_the_machine(place, monkeypatch):
    monkeypatch.setattr(machine, "free_memory", lambda: 3_000_000_000)
    assert "set FEATURE_STORE_MEMORY=2GB" in told(machine.memory, place)["warning"][0]
    for setting, status in [("1GB", "ok"), ("2 GiB", "ok"), ("much", "problem")]:
        monkeypatch.setenv("FEATURE_STORE_MEMORY", setting)
        assert list(told(machine.memory, place)) == [status]
    for threads, status in [("1", "ok"), ("4000", "warning"), ("0", "problem"), ("two", "problem")]:
        monkeypatch.setenv("FEATURE_STORE_THREADS", threads)
        assert list(told(machine.cores, place)) == [status]


@pytest.mark.parametrize(("free", "status"), [(10_000_000_000, "ok"), (1_000_000_000, "warning"), (1_000_000, "problem")])
def test_a_disk_that_is_nearly_full_is_told_before_it_is(place, monkeypatch, free, status):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(free))
    assert list(told(machine.disk_of_store, place)) == [status]


def test_another_python_is_a_problem(place, monkeypatch, tmp_path):
    other = tmp_path / "python3"
    other.write_text("#!/bin/sh\necho 3.9.2\n")
    other.chmod(0o755)
    place.root = tmp_path
    monkeypatch.setenv("PYTHON", str(other))
    assert "install Python 3.11" in told(machine.python, place)["problem"][0]
    monkeypatch.setenv("PYTHON", str(tmp_path / "none"))
    assert "venv" in told(machine.python, place)["problem"][0]


def test_an_environment_of_another_lock_is_told(place, tmp_path):
    place.root = tmp_path
    (tmp_path / "requirements.lock").write_text("duckdb==0.0.1 \\\n    --hash=sha256:0\nno-such-thing[x]==2\n")
    assert "run make build" in told(versions.environment, place)["warning"][0]
    (tmp_path / ".venv").mkdir()
    assert "not of this requirements.lock" in told(versions.environment, place)["warning"][0]
    checksum = subprocess.check_output(["cksum", "requirements.lock"], cwd=tmp_path, text=True).split()[0]
    (tmp_path / ".venv" / f".lock-{checksum}").touch()
    assert list(told(versions.environment, place)) == ["ok"]
    [wrong] = told(versions.packages, place)["problem"]
    assert f"duckdb {duckdb.__version__}, not 0.0.1; no-such-thing missing, not 2" in wrong


# --- Data and settings --------------------------------------------------------------------------------------------------

EVENT = {"event_id": "e", "event_ts": "2025-03-01T10:00:00Z", "event_name": "page_view", "anonymous_id": "c"}
ORDER = {"order_id": "o", "ordered_at": "2025-03-01", "updated_at": "2025-03-01", "status": "paid", "revenue": "1", "currency": "USD"}


def test_raw_files_are_looked_at_as_the_build_would(copy, write_raw, tmp_path):
    raw = write_raw(tmp_path / "raw", {"raw.clickstream_events": [EVENT], "crm.orders": [ORDER]}, format="csv")
    place = place_of(copy, raw)
    assert "2 can be read with every required column; optional and not there: " in told(data.tables, place)["ok"][0]
    assert told(data.newest_event, place) == {"ok": ["2025-03-01 10:00 UTC → "]}
    write_raw(raw, {"raw.clickstream_events": [{**EVENT, "event_ts": "2999-01-01"}], "crm.orders": [{"order_id": "o"}]}, format="csv")
    assert "as_of" in told(data.newest_event, place)["warning"][0]
    assert "crm.orders lacks ordered_at, updated_at, status, revenue, currency" in told(data.tables, place)["problem"][0]
    write_raw(raw, {"crm.orders": [ORDER]}, format="parquet")
    assert "several formats" in told(data.tables, place)["problem"][0]
    (raw / "crm" / "orders.csv").unlink()
    (raw / "crm" / "orders.parquet").write_bytes((raw / "crm" / "orders.parquet").read_bytes()[:-50])
    assert "crm.orders cannot be read: " in told(data.tables, place)["problem"][0]
    (raw / "crm" / "orders.parquet").unlink()
    assert "crm.orders is required" in told(data.tables, place)["problem"][0]


def test_the_demo_key_is_fine_for_the_demo_world_only(place, monkeypatch):
    assert "demo key" in told(settings.key, place)["warning"][0]
    assert list(told(settings.key, Place())) == ["ok"]
    monkeypatch.setenv("DBT_ENV_SECRET_CONTACT_HASH_KEY", "of my own")
    assert told(settings.key, place) == {"ok": ["DBT_ENV_SECRET_CONTACT_HASH_KEY is set → "]}


def test_a_switch_that_a_build_would_refuse_is_a_problem(place, monkeypatch):
    assert list(told(settings.switches, place)) == ["ok"]
    read = place.read_yaml

    def changed(name):
        found = read(name)
        found.get("vars", {}).update(markov_order=7)
        return found

    monkeypatch.setattr(place, "read_yaml", changed)
    assert "var markov_order is '7': it must be one of 1, 2, 3" in told(settings.switches, place)["problem"][0]


def test_a_store_that_another_process_writes_is_told(tmp_path, small_world):
    db = tmp_path / "feature_store.duckdb"
    code = f"import duckdb, sys; c = duckdb.connect({str(db)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "open\n"
        assert "another process" in told(settings.store_file, place_of(db, small_world))["problem"][0]
        assert "being written" in told(store.store, place_of(db, small_world))["warning"][0]
        writer.stdin.close()
    assert list(told(settings.store_file, place_of(db, small_world))) == ["ok"]


# --- The store ----------------------------------------------------------------------------------------------------------


def test_a_broken_store_is_told_in_one_line(copy, small_world, tmp_path):
    def of(name, write):
        (tmp_path / name).mkdir()
        db = tmp_path / name / "feature_store.duckdb"
        write(db)
        return told(store.store, place_of(db, small_world))

    assert "cannot be read" in of("text", lambda db: db.write_text("no database at all, but text"))["problem"][0]
    assert "no finished build" in of("empty", lambda db: duckdb.connect(str(db)).close())["warning"][0]
    assert "nothing is built" in of("absent", lambda db: None)["warning"][0]

    def damaged(db):
        duckdb.connect(str(db)).close()
        db.write_bytes(db.read_bytes()[:12] + b"9" + db.read_bytes()[13:])

    assert "cannot be read: IO Error: Corrupt" in of("damaged", damaged)["problem"][0]
    newer = "Trying to read a database file with version number 999, but we can only read versions between 64 and 68."
    assert "another DuckDB" in store.unreadable(place_of(copy, small_world), newer).text


def test_the_store_says_how_the_next_build_begins(copy, place):
    def after(*changes):
        with duckdb.connect(str(copy)) as connection:
            connection.begin()
            for change in changes:
                connection.execute(change)
            found = store.next_build(place, connection), store.last_build(place, connection), store.served(place, connection)
            connection.rollback()
        return found

    following, last, served = after("update ledger.build_log set started_at = '2999-01-01'")
    assert following == ok("next build", "reads what is new, and repairs what that changes")
    assert last.text == "published, begun 2999-01-01 00:00 UTC" and served.status == "ok"
    assert "was touched after" in after("update ledger.build_log set started_at = '2000-01-01'")[0].text
    assert "makes all rows: no load" in after("delete from ledger.load_log")[0].text
    following, last, served = after(
        "update ledger.loaded_files set size_bytes = 1",
        "update ledger.build_log set outcome = 'failed', message = 'sessions (error)'",
        "create or replace view published.serving_status as select 'OPEN' as breaker_state, 'v' as serving_version_id, "
        "timestamp '2025-11-29' as serving_as_of, null as hold_reason",
    )
    assert "has changed or is gone" in following.text and "failed" in last.text and "sessions" in last.text
    assert served.status == "warning" and served.text == "OPEN; consumers read v, as of 2025-11-29 00:00 UTC"


def test_sizes_are_told_in_words():
    assert [size_of(count) for count in (0, 999, 1_500, 45_000_000, 3e9, 7.5e13)] == ["0 B", "999 B", "1.5 kB", "45 MB", "3.0 GB", "75,000 GB"]
