"""The fault drill: poisons do what they say and nothing else, a batch ends where time says, and two poisons really fed."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tools.dbt_runs import what_broke  # noqa: E402
from tools.drill.__main__ import main  # noqa: E402
from tools.drill.days import Day, false_trips  # noqa: E402
from tools.drill.poisons import EVENTS, FACEBOOK, ORDERS, POISONS  # noqa: E402
from tools.drill.raw import cut, linked_copy, table_file  # noqa: E402
from tools.drill.report import how_it_ended, table  # noqa: E402
from tools.drill.run import Good, Verdict, differences, feed, rows_of  # noqa: E402
from tools.drill.store import Build, Serving, published  # noqa: E402

NEW_DAY = datetime(2025, 3, 10)
POISON = {poison.name: poison for poison in POISONS}


def at(day, hour=10):
    return datetime(2025, 3, day, hour).isoformat() + "Z"


def event(event_id, day, name="page_view", hour=10, agent="Mozilla", user_id="C-0001"):
    return {
        "event_id": event_id, "event_ts": at(day, hour), "received_at": at(day, hour), "event_name": name,
        "anonymous_id": f"ck.{event_id}", "user_id": user_id, "session_id": f"s.{event_id}", "user_agent": agent,
    }  # fmt: skip


def order(order_id, day, updated=None, revenue="10"):
    return {
        "order_id": order_id, "customer_id": "C-0001", "ordered_at": at(day), "updated_at": at(updated or day),
        "status": "paid", "revenue": revenue, "currency": "EUR",
    }  # fmt: skip


@pytest.fixture
def raw(write_raw, tmp_path):
    """The good batch: nine old days and a new one, in the types of the demo world."""
    given = write_raw(
        tmp_path / "text",
        {
            EVENTS: [event(f"old-{number}", 9) for number in range(40)]
            + [event(f"new-{number}", 10, hour=number % 24) for number in range(40)]
            + [event("bot", 10, agent="Googlebot/2.1"), event("old bot", 9, agent="Googlebot/2.1")]
            + [event("bought", 10, "purchase", 9), event("bought late", 10, "purchase", 15)],
            ORDERS: [order("o-1", 1), order("o-1", 1, updated=10), order("o-2", 10)],
            "crm.order_items": [{"order_id": "o-1", "sku_id": "A"}, {"order_id": "o-2", "sku_id": "A"}, {"sku_id": "lost"}],
            FACEBOOK: [
                {"date": f"2025-03-{day:02}", "campaign_id": "c", "spend": 2.5, "loaded_at": at(day, 23)} for day in (9, 10)
            ],
            "privacy.consent_log": [{"identifier": f"ck.{number}", "recorded_at": at(9)} for number in range(40)],
        },
    )
    types = {
        EVENTS: "event_ts::timestamptz as event_ts, received_at::timestamptz as received_at",
        ORDERS: "ordered_at::timestamptz as ordered_at, updated_at::timestamptz as updated_at, revenue::double as revenue",
        FACEBOOK: "date::date as date, loaded_at::timestamptz as loaded_at",
    }
    for name, columns in types.items():
        file = table_file(given, name)
        typed = Path(str(file).replace(str(given), str(tmp_path / "typed")))
        typed.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as con:
            con.execute("set TimeZone = 'UTC'")
            con.execute(f"copy (select * replace ({columns}) from '{file}') to '{typed}' (format parquet)")
        file.unlink()
        typed.rename(file)
    return cut(given, tmp_path / "good", NEW_DAY + timedelta(days=1))


@pytest.fixture
def poisoned(raw, tmp_path):
    """`poisoned(name)` gives a folder with that poison in it."""

    def make(name):
        folder = linked_copy(raw, tmp_path / name)
        POISON[name].apply(folder, NEW_DAY)
        return folder

    return make


def column(raw, name, expression="*", where="true"):
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        found = con.execute(f"select {expression} from '{table_file(raw, name)}' where {where} order by all").fetchall()
    return [value for (value,) in found]


def count(raw, name, where="true"):
    return column(raw, name, "count(*)", where)[0]


# --- Batches ----------------------------------------------------------------------------------------------------------


def test_a_batch_holds_what_had_arrived(raw, tmp_path):
    before = cut(raw, tmp_path / "before", NEW_DAY)
    assert count(before, EVENTS) == 41
    assert column(before, ORDERS, "order_id") == ["o-1"]
    assert column(before, FACEBOOK, "cast(date as varchar)") == ["2025-03-09"]


def test_items_come_with_their_order_and_those_without_one_stay(raw, tmp_path):
    before = cut(raw, tmp_path / "before", NEW_DAY)
    assert column(before, "crm.order_items", "coalesce(order_id, sku_id)") == ["lost", "o-1"]


def test_a_row_without_a_time_of_arrival_stays(write_raw, tmp_path):
    rows = [{"campaign_id": "c", "loaded_at": None}, {"campaign_id": "d", "loaded_at": at(12)}]
    given = write_raw(tmp_path / "given", {FACEBOOK: rows})
    assert column(cut(given, tmp_path / "before", NEW_DAY), FACEBOOK, "campaign_id") == ["c"]


# --- Poisons ----------------------------------------------------------------------------------------------------------


def test_a_poison_leaves_the_good_batch_alone(raw, tmp_path):
    before = {file: file.read_bytes() for file in raw.glob("*/*")}
    for poison in POISONS:
        tables = {*poison.queries} - {path.parent.name + "." + path.stem for path in raw.glob("*/*")}
        if not tables and poison.name != "stock_lost":
            poison.apply(linked_copy(raw, tmp_path / "poisoned"), NEW_DAY)
    assert {file: file.read_bytes() for file in raw.glob("*/*")} == before


@pytest.mark.parametrize(
    "name, table, expression, old, new",
    [
        ("cost_x100", FACEBOOK, "spend", [2.5], [250.0]),
        ("revenue_in_cents", ORDERS, "revenue", [10.0, 10.0], [1000.0]),
        ("customers_respelled", ORDERS, "customer_id", ["C-0001"] * 2, ["cust/0001"]),
        ("revenue_as_text", ORDERS, "revenue", ["10.0", "10.0"], ["10,00"]),
    ],
)
def test_a_poison_of_the_new_day_leaves_the_old_days_alone(poisoned, name, table, expression, old, new):
    time = {FACEBOOK: "date", ORDERS: "ordered_at"}[table]
    assert column(poisoned(name), table, expression, f"{time} < timestamptz '2025-03-10 00:00:00Z'") == old
    assert column(poisoned(name), table, expression, f"{time} >= timestamptz '2025-03-10 00:00:00Z'") == new


def test_half_of_the_new_events_are_gone_and_no_old_one(poisoned):
    half = poisoned("half_events")
    assert count(half, EVENTS, "event_id like 'old%'") == 41
    assert 10 <= count(half, EVENTS, "event_id like 'new%'") <= 30


def test_a_clock_that_is_off_moves_every_time_of_the_new_day_and_keeps_every_event(raw, poisoned):
    off, hours = poisoned("clock_off"), "date_part('hour', event_ts) || ' ' || date_part('hour', received_at)"
    assert count(off, EVENTS) == count(raw, EVENTS)
    assert column(off, EVENTS, hours, "event_id = 'old-1'") == ["10 10"]
    assert column(off, EVENTS, hours, "event_id = 'new-1'") == ["2 2"]


def test_every_new_bot_comes_ten_times_with_ids_of_its_own(poisoned):
    bots = poisoned("bots_x10")
    assert count(bots, EVENTS, "user_agent like 'Googlebot%'") == 11
    assert column(bots, EVENTS, "count(distinct anonymous_id)", "event_id like 'bot%'") == [10]
    assert count(bots, EVENTS, "event_id like 'new%'") == 40


def test_a_silent_gateway_keeps_everything_but_what_was_sold_in_the_afternoon(raw, poisoned):
    silent = poisoned("gateway_silent")
    assert column(silent, EVENTS, "event_id", "event_name = 'purchase'") == ["bought"]
    assert count(silent, EVENTS) == count(raw, EVENTS) - 1
    assert column(silent, ORDERS, "distinct order_id") == ["o-1", "o-2"]


def test_orders_come_twice_under_their_ids_or_new_ones(poisoned):
    assert column(poisoned("orders_twice"), ORDERS, "order_id") == ["o-1"] * 4 + ["o-2"] * 2
    assert column(poisoned("orders_twice_new_ids"), ORDERS, "order_id") == ["o-1", "o-1", "o-1-2", "o-1-2", "o-2", "o-2-2"]


def test_a_file_can_break_off_hold_nothing_or_be_lost(raw, poisoned):
    whole = table_file(raw, FACEBOOK).read_bytes()
    assert table_file(poisoned("ads_truncated"), FACEBOOK).read_bytes() == whole[: len(whole) // 2]
    assert table_file(poisoned("ads_no_bytes"), FACEBOOK).read_bytes() == b""
    assert count(poisoned("ads_no_rows"), FACEBOOK) == 0
    assert not table_file(poisoned("consent_log_lost"), "privacy.consent_log").exists()


# --- Verdicts ---------------------------------------------------------------------------------------------------------

GOOD = Build(0, "published", {}, {}, "", 1.0)
TRIPPED = Build(0, "tripped", {f"check.{number}": "why" for number in range(6)}, {}, "", 2.0)
OPEN, CLOSED = Serving("OPEN", "v1", "2025-03-09", 24.0), Serving("CLOSED", "v2", "2025-03-10", 0.0)


def verdict(name="cost_x100", poisoned=TRIPPED, changed=(), recovery=GOOD, recovered=CLOSED):
    return Verdict(POISON[name], poisoned, list(changed), OPEN, recovery, recovered)


@pytest.mark.parametrize(
    "is_right, given",
    [
        (True, {}),
        (False, {"poisoned": GOOD}),
        (True, {"poisoned": GOOD, "name": "ads_late"}),
        (False, {"changed": ["published.versions"]}),
        (False, {"recovery": TRIPPED}),
        (False, {"recovered": OPEN}),
    ],
)
def test_a_verdict_is_right_when_nothing_got_out_and_the_good_batch_did(is_right, given):
    assert verdict(**given).is_right == is_right


def test_the_table_names_the_first_trips_and_counts_the_others():
    assert how_it_ended(verdict()) == "check.0, check.1, check.2, check.3 and 2 more"
    assert "| the good version, OPEN, 24 h behind | published after 1 s |" in table([verdict()])


def test_tables_that_come_go_or_change_are_named():
    assert differences({"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 2, "d": 1}) == ["b", "c", "d"]


def test_poisons_stand_in_rows_and_one_that_may_be_published_stands_alone():
    names = ["ads_late", "cost_x100", "bots_x10", "orders_twice"]
    rows = rows_of([POISON[name] for name in names], 2)
    assert [[poison.name for poison in row] for row in rows] == [["cost_x100", "bots_x10"], ["orders_twice"], ["ads_late"]]


def test_a_published_table_is_known_by_its_bits(tmp_path):
    db = tmp_path / "feature_store.duckdb"
    with duckdb.connect(str(db)) as con:
        con.execute("create schema published; create schema ledger")
        con.execute("create table ledger.version_log as select 'v1' as version_id")
        con.execute("create table published.rows as select * from (values (0.1::double), (0.2)) as rows (value)")
        con.execute("create view published.serving_status as select now() as audited_at")
    before = published(db)
    assert set(before) == {"published.rows", "ledger.version_log"}
    with duckdb.connect(str(db)) as con:
        con.execute("update published.rows set value = 0.1 + 1e-18 where value = 0.1")
    assert published(db) == before
    with duckdb.connect(str(db)) as con:
        con.execute("update published.rows set value = value + 1e-16 where value = 0.1")
    assert differences(before, published(db)) == ["published.rows"]


def test_days_without_a_fault_count_trips_and_warnings_but_not_the_first_day():
    warned = Build(0, "published", {}, {"volume.crm.orders": "why"}, "", 1.0)
    days = [Day(NEW_DAY, build) for build in (TRIPPED, GOOD, warned, TRIPPED)]
    assert false_trips(days[:3]) == (
        "2 days without a fault, built one after the other: 0 were not published. Warnings: volume.crm.orders (1)."
    )
    assert "3 days without a fault" in false_trips(days)
    assert "1 were not published. Trips: check.0 (1), check.1 (1)" in false_trips(days)


def test_the_line_that_says_what_broke_is_found():
    output = "10:00:00  Encountered an error:\nCompilation Error\n  raw table x lacks the required column y\n"
    assert what_broke(output) == "raw table x lacks the required column y"


def test_a_poison_nobody_knows_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["drill", "--only", "nonsense"])
    with pytest.raises(SystemExit):
        main()
    assert "no poison is called 'nonsense'; there are cost_x100" in capsys.readouterr().err


# --- Two of them, fed (three builds) ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(golden_build, small_world, tmp_path_factory):
    """The golden store, and the batch that it was made from, to be fed again."""
    last_day = datetime(2025, 11, 30)
    raw = cut(small_world, tmp_path_factory.mktemp("drill") / "next", last_day + timedelta(days=1))
    return Good(golden_build.db, raw, last_day)


@pytest.mark.slow
def test_poisoned_batches_in_a_row_reach_nobody_and_the_next_good_one_is_published(good, tmp_path):
    checks = {"cost_x100": "cost_anomalies.facebook", "consent_log_lost": "kept_rows.privacy.consent_log"}
    verdicts = feed(tuple(POISON[name] for name in checks), good, tmp_path)
    for found, check in zip(verdicts, checks.values(), strict=True):
        assert found.poisoned.outcome == "tripped" and check in found.poisoned.trips, found.poisoned
        assert found.changed_tables == []
        assert found.seen.breaker_state == "OPEN"
        assert found.has_recovered, found.recovery
