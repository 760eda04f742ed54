"""Publishing, from outside: what consumers read before, during and after builds that go well, trip, break, or are killed.

    .venv/bin/python -m pytest tests/python/test_publishing.py

One tiny invented shop and one store. `history` is a chain of whole builds, noted after each. The other tests go back to a
store with two versions and run the gate alone: the checks, the ledger and what is published, on a candidate that SQL has
changed before. All in real processes; the same paths and vars everywhere let dbt reuse what it parsed.
"""

import datetime as dt
import random
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from types import SimpleNamespace

import duckdb
import pytest
from conftest import DB_NAME, dbt_process, run_dbt

START = dt.datetime(2025, 3, 1)
WITHOUT_TESTS = ["--exclude-resource-type", "test", "unit_test"]
GATE = ["models/gold/breaker", "models/ledger", "models/published"]
KILLED_AT = random.Random(20251126).sample(range(5, 28), 2) + [23]  # so many models of the gate have begun
SERVED = ["campaign_daily_features", "channel_credits"]
TRIPPING_SPEND = "update gold.campaign_daily_features set spend = spend * 100"


def make_world(days):
    """A visitor every hour, half of them from one campaign; every fourth buys. No chance is involved."""
    events, orders, ads = [], [], []
    for hour in range(days * 24):
        moment, cookie = START + dt.timedelta(hours=hour), f"cookie-{hour}"
        tags = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "shoes"} if hour % 2 else {}
        event = {"event_ts": moment, "anonymous_id": cookie, "user_agent": "Mozilla/5.0 Firefox/140.0"}
        events.append({**event, "event_id": f"view-{hour}", "event_name": "page_view", **tags})
        if hour % 4 == 1:
            order = {"order_id": f"order-{hour}", "anonymous_id": cookie, "status": "paid", "currency": "USD"}
            orders.append({**order, "ordered_at": moment, "updated_at": moment, "revenue": "50.0"})
            bought = {"event_id": f"buy-{hour}", "event_name": "purchase", "order_id": f"order-{hour}"}
            events.append({**event, **bought, "event_ts": moment + dt.timedelta(minutes=1)})
    for day in range(days):
        date = START + dt.timedelta(days=day)
        ads.append({
            "segments_date": date.date(), "customer_id": "account", "campaign_id": "shoes", "ad_id": "ad", "impressions": 500,
            "clicks": 12, "cost_micros": 24_000_000, "currency_code": "USD", "loaded_at": date + dt.timedelta(hours=23),
        })  # fmt: skip
    return {"raw.clickstream_events": events, "crm.orders": orders, "raw.google_ads": ads}


def half_of_the_orders_gone(world):
    return {**world, "crm.orders": world["crm.orders"][::2]}


def half_of_the_orders_unreadable(world):
    spoilt = [{**row, "revenue": "fifty"} if number % 2 else row for number, row in enumerate(world["crm.orders"])]
    return {**world, "crm.orders": spoilt}


@dataclass
class Store:
    """A DuckDB file that builds go on in, its raw files, and copies of it to go back to."""

    folder: object
    write_raw: object

    def __post_init__(self):
        self.raw, self.db = self.folder / "raw", self.folder / DB_NAME

    def options(self, select=None, flags=(), **others):
        return {"vars": {"kept_versions": 2, "breaker_alarm": "error"}, "select": select, "flags": flags, **others}

    def build(self, world, *flags):
        """Everything, from raw files."""
        self.write_raw(self.raw, world)
        return run_dbt(self.raw, self.db, **self.options(flags=[*WITHOUT_TESTS, *flags]))

    def gate(self, select=GATE, flags=WITHOUT_TESTS, **others):
        """Only the checks, the ledger and what is published."""
        return run_dbt(self.raw, self.db, **self.options(select, flags, **others))

    def start(self):
        """The gate as a process that runs."""
        return subprocess.Popen(**dbt_process(self.raw, self.db, **self.options(GATE, WITHOUT_TESTS)))

    def act(self, name, **arguments):
        """What a person does to publishing."""
        flags = ["--args", repr(arguments)]
        env = {"FEATURE_STORE_ACTOR": "the tester"}
        return run_dbt(self.raw, self.db, **self.options(flags=flags, env=env, command=["run-operation", name]))

    def keep(self, name):
        shutil.copy(self.db, self.folder / f"{name}.copy")

    def go_back(self, name):
        self.db.with_name(DB_NAME + ".wal").unlink(missing_ok=True)
        shutil.copy(self.folder / f"{name}.copy", self.db)

    def change(self, *statements):
        with duckdb.connect(str(self.db)) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, sql):
        with duckdb.connect(str(self.db)) as connection:
            result = connection.execute(sql)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row)) for row in result.fetchall()]

    def value(self, sql):
        [row] = self.rows(sql)
        return next(iter(row.values()))

    def served(self):
        """Names, types and rows of what consumers read, bit for bit."""
        return {
            name: (
                self.rows(f"select column_name, column_type from (describe published.{name})"),
                self.rows(f"select * from published.{name} order by all"),
            )
            for name in SERVED
        }

    def state(self, build=None):
        """Everything that is asked of the store after a build."""
        return SimpleNamespace(
            build=build,
            served=self.served(),
            candidate={name: self.rows(f"select * from gold.{name} order by all") for name in SERVED},
            status=self.rows("from published.serving_status")[0],
            checks=self.rows("from gold.circuit_breaker order by check_name"),
            versions=self.rows("from published.versions order by published_at"),
            kept={name: self.kept(name) for name in SERVED},
            log=self.rows("from ledger.build_log order by started_at")[-1],
        )

    def kept(self, name):
        counted = self.rows(f"select version_id, count(*) as row_count from published.{name}_versions group by all")
        return {row["version_id"]: row["row_count"] for row in counted}

    def outcomes(self):
        return [row["outcome"] for row in self.rows("select outcome from ledger.build_log order by started_at")]


@pytest.fixture(scope="module")
def store(tmp_path_factory, write_raw):
    return Store(tmp_path_factory.mktemp("publishing"), write_raw)


@pytest.fixture(scope="module")
def history(store):
    """Four whole builds of one store: the state after each."""
    states = {}

    def note(name, world, *flags):
        build = store.build(world, *flags)
        assert build.exit_code == 0, f"{name} broke:\n{build.output[-3000:]}"
        states[name] = store.state(build)
        store.keep(name)

    note("bad from the start", half_of_the_orders_unreadable(make_world(15)))
    note("first good", make_world(15))
    note("second good", make_world(16))
    note("orders gone", half_of_the_orders_gone(make_world(18)), "--full-refresh")
    return states


@pytest.fixture
def two_versions(store, history):
    """The store as the second good build left it."""
    store.go_back("second good")
    return store


def said(build):
    """The lines of the output without times."""
    return [re.sub(r"^\d\d:\d\d:\d\d\s+", "", line).strip() for line in build.output.splitlines()]


def tripped(store):
    return store.value("select tripped_checks from published.serving_status")


def assert_refused(build, *words):
    assert build.exit_code != 0, "it was not refused"
    assert "Traceback" not in build.output
    assert any(all(word in line for word in words) for line in said(build)), build.output[-1500:]


# --- Whole builds -----------------------------------------------------------------------------------------------------


def test_a_bad_first_build_serves_empty_tables_and_never_the_candidate(history):
    state = history["bad from the start"]
    assert state.build.exit_code == 0
    assert state.candidate["campaign_daily_features"] and state.candidate["channel_credits"]
    assert [rows for _, rows in state.served.values()] == [[], []]
    assert state.status["breaker_state"] == "OPEN"
    assert "quarantined_share.crm.orders" in state.status["tripped_checks"]
    assert state.status["serving_version_id"] is None and state.status["staleness_hours"] is None
    assert state.versions == [] and state.kept == {name: {} for name in SERVED}
    assert state.log["outcome"] == "tripped"


def test_the_first_good_build_after_it_is_served_row_for_row(history):
    state = history["first good"]
    assert {name: rows for name, (_, rows) in state.served.items()} == state.candidate
    [version] = state.versions
    assert version["is_current"] and version["as_of"] == state.status["serving_as_of"] == state.status["audited_as_of"]
    assert state.status["breaker_state"] == "CLOSED", state.status
    assert state.status["staleness_hours"] == 0 and state.status["tripped_checks"] == []
    assert state.status["serving_version_id"] == version["version_id"]
    log = state.log
    assert (log["outcome"], log["failed_nodes"], log["message"]) == ("published", 0, "")
    assert log["started_at"] < log["ended_at"]


def test_the_second_good_build_is_current_and_the_first_can_still_be_read(history, two_versions):
    before, state = history["first good"], history["second good"]
    assert {name: rows for name, (_, rows) in state.served.items()} == state.candidate
    assert state.served["campaign_daily_features"] != before.served["campaign_daily_features"]
    assert [version["is_current"] for version in state.versions] == [False, True]
    old = state.versions[0]["version_id"]
    for name in SERVED:
        of_version = two_versions.rows(
            f"select * exclude (version_id) from published.{name}_versions where version_id = '{old}' order by all"
        )
        assert of_version == before.served[name][1]


def test_a_trip_leaves_everything_as_it_was_even_with_a_full_refresh(history):
    before, state = history["second good"], history["orders gone"]
    assert state.build.exit_code == 0
    assert state.served == before.served
    assert state.candidate["campaign_daily_features"] != before.candidate["campaign_daily_features"]
    assert state.versions == before.versions and state.kept == before.kept
    assert state.status["breaker_state"] == "OPEN"
    assert "kept_rows.crm.orders" in state.status["tripped_checks"]
    assert state.status["serving_version_id"] == before.status["serving_version_id"]
    assert state.status["staleness_hours"] == 48
    assert (state.log["outcome"], state.log["failed_nodes"]) == ("tripped", 0)


def test_the_ledger_remembers_all_of_them(history, store):
    store.go_back("orders gone")
    assert store.outcomes() == ["tripped", "published", "published", "tripped"]
    audits = store.rows("select build_id, is_accepted, check_count from ledger.audit_log order by audited_at")
    assert [audit["is_accepted"] for audit in audits] == [False, True, True, False]
    counted = store.rows("select build_id, count(*) as check_count from ledger.check_log group by all")
    assert {row["build_id"]: row["check_count"] for row in counted} == {row["build_id"]: row["check_count"] for row in audits}
    assert len({audit["check_count"] for audit in audits}) > 1, "checks of the past begin with the second build"


# --- Trips ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def overridden(store, history):
    """A cost in another unit: the build trips, is overridden, trips again, and is mended. The state after each gate."""
    store.go_back("second good")
    states = {}
    store.change(TRIPPING_SPEND)
    build = store.gate([*GATE, "the_breaker_is_closed"], ["--exclude", "test_type:generic", "test_type:unit"])
    states["trips"] = store.state(build)
    assert store.act("override", check_name="restated_spend", reason="cents were euros").exit_code == 0
    states["overridden"] = store.state(store.gate())
    store.change(TRIPPING_SPEND)
    states["trips again"] = store.state(store.gate())
    store.change(TRIPPING_SPEND.replace("*", "/"))
    states["mended"] = store.state(store.gate())
    store.keep("mended")
    return states


def test_a_trip_is_named_and_calls_the_scheduler_but_is_no_failure(history, overridden):
    before, state = history["second good"], overridden["trips"]
    assert state.build.exit_code == 1, state.build.output[-2000:]
    assert "FAIL 1 the_breaker_is_closed" in state.build.output and "ERROR=1 SKIP=0" in state.build.output
    assert (state.served, state.versions, state.kept) == (before.served, before.versions, before.kept)
    assert state.status["tripped_checks"] == ["restated_spend.google"]
    [reason] = [check["reason"] for check in state.checks if check["status"] == "trip"]
    assert "36000 instead of 360, trips at 450" in reason
    assert (state.log["outcome"], state.log["failed_nodes"]) == ("tripped", 0)


def test_an_override_lets_one_trip_pass_and_the_next_trips_again(overridden):
    state = overridden["overridden"]
    assert state.status["breaker_state"] == "CLOSED", state.status
    assert state.versions[-1]["is_current"]
    assert state.versions[-1]["reason"] == "trips overridden by hand: [restated_spend.google]"
    [check] = [check for check in state.checks if check["is_overridden"]]
    assert check["status"] == "warn" and check["reason"].endswith("; overridden by the tester: cents were euros")
    assert overridden["trips again"].status["tripped_checks"] == ["restated_spend.google"]
    assert overridden["trips again"].served == state.served


def test_the_next_good_build_takes_over_and_the_oldest_versions_make_room(history, overridden, store):
    before, state = history["second good"], overridden["mended"]
    assert state.status["breaker_state"] == "CLOSED", state.status["tripped_checks"]
    assert {name: rows for name, (_, rows) in state.served.items()} == state.candidate
    assert state.versions[:2] == [{**version, "is_current": False} for version in before.versions]
    assert len(state.versions) == 4
    latest = {version["version_id"] for version in state.versions[2:]}
    assert [set(kept) for kept in state.kept.values()] == [latest, latest]
    pruned = state.versions[1]["version_id"]
    store.go_back("mended")
    assert_refused(store.act("rollback", version_id=pruned, reason="it was better"), pruned, "no longer kept")
    assert store.state().versions == state.versions


def test_older_data_after_newer_data_trips(two_versions):
    before = two_versions.served()
    two_versions.change("update silver.as_of set as_of = as_of - interval 2 hours")
    two_versions.gate()
    assert "as_of_order" in tripped(two_versions)
    assert two_versions.served() == before
    assert two_versions.value("select staleness_hours from published.serving_status") == 0


def test_a_memory_from_before_a_column_is_read_all_the_same(two_versions):
    two_versions.change("alter table ledger.check_log drop column sample_count")
    build = two_versions.gate()
    assert build.exit_code == 0, build.output[-2000:]
    assert two_versions.state().log["outcome"] == "published"
    assert two_versions.value("select count(sample_count) > 0 from ledger.check_log")


# --- Failures ---------------------------------------------------------------------------------------------------------


def test_a_broken_check_publishes_nothing(two_versions):
    before = two_versions.state()
    two_versions.change("alter table silver.source_arrivals rename column rows_read to rows_seen")
    build = two_versions.gate()
    assert build.exit_code == 1
    assert_unchanged(two_versions, before)
    assert two_versions.state().log["outcome"] == "failed"
    assert two_versions.state().log["message"].startswith("observed_arrivals (error)")


def test_a_failing_data_test_publishes_nothing(two_versions):
    before = two_versions.state()
    two_versions.change("insert into reference.breaker_checks select * from reference.breaker_checks where check_family = 'hold'")
    failing = ["unique_check_observations_check_name"]
    others = ["--exclude", "test_type:unit", "test_name:not_null", "test_name:accepted_values"]
    build = two_versions.gate([*GATE, *failing], others)
    assert build.exit_code == 1
    assert_unchanged(two_versions, before)
    log = two_versions.state().log
    assert (log["outcome"], log["message"]) == ("failed", "unique_check_observations_check_name (fail)")


def test_a_build_that_breaks_between_the_rows_and_the_version_shows_nothing_and_leaves_nothing(two_versions):
    before = two_versions.state()
    two_versions.change(
        "alter table ledger.version_log add column signature varchar default 'signed'",
        "alter table ledger.version_log alter column signature set not null",
        "alter table ledger.version_log alter column signature drop default",
    )
    assert two_versions.gate().exit_code == 1
    state = two_versions.state()
    orphans = set(state.kept["channel_credits"]) - set(before.kept["channel_credits"])
    assert len(orphans) == 1, "the rows of the broken build are there"
    assert (state.served, state.versions) == (before.served, before.versions)
    assert state.log["outcome"] == "failed"

    two_versions.change("alter table ledger.version_log drop column signature")
    assert two_versions.gate().exit_code == 0
    after = two_versions.state()
    assert len(after.versions) == 3 and after.versions[-1]["is_current"]
    assert not orphans & (set(after.kept["channel_credits"]) | set(after.kept["campaign_daily_features"]))


def test_a_build_that_stops_at_its_start_leaves_what_is_published_and_a_row_of_the_log(two_versions):
    before = two_versions.state()
    orders = two_versions.raw / "crm" / "orders.parquet"
    orders.rename(orders.with_suffix(".away"))
    try:
        build = two_versions.gate()
    finally:
        orders.with_suffix(".away").rename(orders)
    assert build.exit_code != 0
    assert any("crm.orders" in line for line in said(build))
    assert_unchanged(two_versions, before)
    log = two_versions.state().log
    assert (log["outcome"], log["ended_at"]) == (None, None), "dbt runs no hook at the end of what it did not begin"


def assert_unchanged(store, before):
    """Contents, names and types, the verdict, and what is kept; only the diary has gone on."""
    state = store.state()
    for what in ("served", "versions", "kept", "status"):
        assert getattr(state, what) == getattr(before, what), what
    assert state.log["build_id"] != before.log["build_id"]


# --- Kills and races --------------------------------------------------------------------------------------------------


def test_killed_builds_change_nothing_and_the_next_one_publishes(two_versions):
    states = [two_versions.state()]
    for models_begun in KILLED_AT:
        kill_at(two_versions.start(), models_begun)
        before, state = states[-1], two_versions.state()
        assert state.log["build_id"] != before.log["build_id"], "the beginning of the build stays in the log"
        assert (state.log["outcome"], state.log["ended_at"]) == (None, None)
        if len(state.versions) == len(before.versions):
            assert (state.served, state.versions) == (before.served, before.versions)
        else:  # The last thing a build writes was there before the signal was.
            assert {name: rows for name, (_, rows) in state.served.items()} == state.candidate
        states.append(state)

    assert two_versions.gate().exit_code == 0
    after = two_versions.state()
    assert len(after.versions) == len(states[-1].versions) + 1 and after.log["outcome"] == "published"
    assert {name: rows for name, (_, rows) in after.served.items()} == after.candidate
    latest = {version["version_id"] for version in after.versions[-2:]}
    assert [set(kept) for kept in after.kept.values()] == [latest, latest], "nothing of a killed build is left"


def kill_at(process, models_begun):
    """Kill the build when so many of its models have begun."""
    begun = 0
    for line in process.stdout:
        begun += bool(re.search(r"\d+ of \d+ START sql", line))
        if begun == models_begun:
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    assert process.returncode == -signal.SIGKILL, f"the build ended before {models_begun} models had begun"


def test_two_builds_at_once_cannot_both_write(two_versions):
    processes = [two_versions.start(), two_versions.start()]
    outputs = [process.communicate()[0] for process in processes]
    codes = [process.returncode for process in processes]
    assert 0 in codes, outputs[0][-1500:]
    for code, output in zip(codes, outputs):
        if code:
            assert "Could not set lock on file" in output.strip().splitlines()[-1], output[-1500:]
    state = two_versions.state()
    assert len(state.versions) == 2 + codes.count(0)
    assert [version["is_current"] for version in state.versions].count(True) == 1
    assert {name: rows for name, (_, rows) in state.served.items()} == state.candidate


# --- What people do ---------------------------------------------------------------------------------------------------


def test_rollback_serves_the_old_rows_at_once_and_holds_until_released(history, two_versions):
    old = history["first good"]
    version_id = old.status["serving_version_id"]
    assert two_versions.act("rollback", version_id=version_id, reason="last night's prices").exit_code == 0
    state = two_versions.state()
    assert state.served == old.served
    assert (state.status["breaker_state"], state.status["hold_reason"]) == ("OPEN", "last night's prices")
    assert state.status["serving_version_id"] == version_id
    assert state.status["staleness_hours"] == 24

    assert two_versions.gate().exit_code == 0
    held = two_versions.state()
    assert held.served == old.served and len(held.versions) == 2
    assert held.status["tripped_checks"] == ["hold"]
    [reason] = [check["reason"] for check in held.checks if check["status"] == "trip"]
    assert "the tester: last night's prices" in reason

    assert two_versions.act("release", reason="prices are right").exit_code == 0
    assert two_versions.served() == old.served
    assert two_versions.gate().exit_code == 0
    released = two_versions.state()
    assert {name: rows for name, (_, rows) in released.served.items()} == released.candidate
    assert (released.status["breaker_state"], released.status["hold_reason"]) == ("CLOSED", None)
    assert len(released.versions) == 3 and released.versions[-1]["is_current"]
    assert_refused(two_versions.act("release", reason="again"), "nothing is held")


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("override", {"check_name": "credit_conservation.channels", "reason": "in a hurry"}, ["may not be overridden"]),
        ("override", {"check_name": "restated_spend"}, ["say why"]),
        ("rollback", {"version_id": "no such version", "reason": "why not"}, ["no such version", "published.versions"]),
        ("override", {"check_name": "restated_spend", "reason": "until", "valid_until": "soon"}, ["valid_until", "soon"]),
    ],
)
def test_what_people_may_not_do_is_refused_in_one_line(two_versions, name, arguments, words):
    assert_refused(two_versions.act(name, **arguments), *words)
    assert two_versions.rows("from ledger.interventions") == []


# --- Parts of a build -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("select", ["version_log+", "gold.breaker audit_log channel_credits_versions version_log"])
def test_a_part_of_a_build_publishes_nothing(two_versions, select):
    before = two_versions.state()
    build = two_versions.gate(select.split())
    assert build.exit_code == 0, build.output[-1500:]
    assert_unchanged(two_versions, before)
    assert two_versions.state().log["outcome"] == "not_audited"
