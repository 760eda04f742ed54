"""Worlds at scale: the same for the same seed, keys that are unique, and files by day that fit together; days that are added,
and the bare work that builds are measured against."""

import sys
from pathlib import Path

import duckdb
import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tools.bench.build import link_days  # noqa: E402
from tools.bench.floor import run_steps  # noqa: E402
from tools.bench.world import day_name, make_world  # noqa: E402

EVENTS, DAYS = 5_000, 7
KEYS = {
    "crm/orders": "order_id, updated_at",
    "crm/order_items": "order_id, sku_id",
    "crm/customers": "customer_id",
    "raw/facebook_ads": "date, account_id, campaign_id, ad_id, loaded_at",
    "raw/google_ads": "segments_date, customer_id, campaign_id, ad_id, loaded_at",
    "raw/tiktok_ads": "stat_time_day, advertiser_id, campaign_id, ad_id, loaded_at",
    "raw/offline_conversions": "conversion_id",
    "raw/identity_links": "identifier_type_a, identifier_a, identifier_type_b, identifier_b, observed_at",
    "warehouse/inventory_hourly_snapshot": "sku_id, snapshot_at",
    "privacy/consent_log": "identifier_type, identifier, purpose, recorded_at, granted",
    "finance/fx_rates": "date, currency",
    "marketing/campaign_config": "campaign_id, platform, sku_id",
    "marketing/promo_calendar": "promo_id",
}
TIMES = {
    "raw/clickstream_events": "event_ts",
    "crm/orders": "updated_at",
    "raw/offline_conversions": "occurred_at",
    "raw/identity_links": "observed_at",
    "warehouse/inventory_hourly_snapshot": "snapshot_at",
    "privacy/consent_log": "recorded_at",
    "finance/fx_rates": "date",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("world"), seed=11)


@pytest.fixture(scope="module")
def ask(world):
    """Rows of a query in which {table} stands for the files of a raw table."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")

    def rows(query: str, table: str = "raw/clickstream_events") -> list[tuple]:
        return con.execute(query.replace("{table}", f"read_parquet('{world}/raw/{table}{files(world, table)}')")).fetchall()

    return rows


def written(folder: Path, seed: int) -> Path:
    make_world(EVENTS, DAYS, folder, seed, progress=lambda text: None)
    return folder


def files(world: Path, table: str) -> str:
    return "/*.parquet" if (world / "raw" / table).is_dir() else ".parquet"


def contents(world: Path) -> dict[str, tuple]:
    """Rows of every file, and a hash of their values."""
    con = duckdb.connect()
    return {
        str(file.relative_to(world)): con.execute(
            f"select count(*), sum(hash(content)) from read_parquet('{file}') as content"
        ).fetchone()
        for file in sorted(world.glob("raw/**/*.parquet"))
    }


def test_a_seed_always_makes_the_same_world(world, tmp_path):
    first = contents(world)
    assert len(first) > 11 * DAYS
    assert contents(written(tmp_path / "again", seed=11)) == first
    other = contents(written(tmp_path / "other", seed=12))
    events = [file for file in first if "clickstream_events" in file]
    assert all(other[file] != first[file] for file in events)


def test_the_world_has_about_the_events_it_was_asked_for(ask):
    assert ask("select count(*) from {table}")[0][0] == pytest.approx(EVENTS, rel=0.1)


@pytest.mark.parametrize("table", KEYS)
def test_keys_are_unique(ask, table):
    rows, keys = ask(f"select count(*), count(distinct ({KEYS[table]})) from {{table}}", table)[0]
    assert rows == keys > 0


def test_about_one_event_in_seventy_is_delivered_again_later(ask):
    """A retry repeats everything but the time of reception, which is later."""
    rows, events, told, received = ask(
        "select count(*), count(distinct event_id), "
        "count(distinct (event_id, event_ts, event_name, anonymous_id, page_url, value)), count(distinct (event_id, received_at)) "
        "from {table}"
    )[0]
    assert 0.008 < 1 - events / rows < 0.025
    assert told == events
    assert received == rows


@pytest.mark.parametrize("table", TIMES)
def test_a_file_holds_what_happened_on_its_day(ask, table):
    held = ask(
        f"select parse_filename(filename, true), min({TIMES[table]}::date), max({TIMES[table]}::date) "
        "from (select *, filename from {table}) group by 1",
        table,
    )
    assert {name for name, _, _ in held} <= {day_name(day) for day in range(DAYS)}
    assert all(name == str(first) == str(last) for name, first, last in held)
    if table in ("raw/clickstream_events", "warehouse/inventory_hourly_snapshot"):
        assert len(held) == DAYS


def test_every_purchase_has_its_order_and_few_orders_lack_their_purchase(ask, world):
    orders = f"(select distinct order_id, ordered_at, revenue, currency from '{world}/raw/crm/orders/*.parquet')"
    purchases, matched = ask(
        f"""
        select count(*), count(*) filter (
            orders.revenue = events.value and orders.currency = events.currency and orders.ordered_at = events.event_ts
        )
        from (select distinct on (event_id) * from {{table}} where event_name = 'purchase') as events
        left join {orders} as orders using (order_id)
        """
    )[0]
    placed = ask(f"select count(*) from {orders}")[0][0]
    assert purchases == matched > 10
    assert purchases <= placed <= 1.15 * purchases


def test_items_add_up_to_the_order(ask, world):
    wrong = ask(
        f"""
        select count(*)
        from (select order_id, sum(quantity * unit_price) as total from {{table}} group by order_id) as items
        full join (select distinct order_id, revenue from '{world}/raw/crm/orders/*.parquet') as orders using (order_id)
        where abs(total - revenue) > 0.001 or total is null or revenue is null
        """,
        "crm/order_items",
    )
    assert wrong == [(0,)]


def test_devices_come_back_and_some_lose_their_cookie(ask):
    visits, cookies, logins, users, user_cookies = ask(
        "select count(distinct session_id), count(distinct anonymous_id), "
        "count(distinct session_id) filter (user_id is not null), count(distinct user_id), "
        "count(distinct (user_id, anonymous_id)) filter (user_id is not null) from {table}"
    )[0]
    assert 1.05 < visits / cookies < 3
    assert 0.1 < logins / visits < 0.22
    assert user_cookies > users


def test_a_day_is_added_by_its_files(ask, world, tmp_path):
    events = dict(ask("select event_ts::date::varchar, count(*) from {table} group by 1"))
    whole = {file.relative_to(world / "raw") for file in world.glob("raw/**/*.parquet")}

    def linked() -> set[Path]:
        return {file.relative_to(tmp_path) for file in tmp_path.glob("**/*.parquet")}

    assert link_days(world / "raw", tmp_path, DAYS - 2) == sum(events[day_name(day)] for day in range(DAYS - 2))
    late = {day_name(DAYS - 2), day_name(DAYS - 1)}
    assert whole - linked() == {file for file in whole if file.stem in late}
    assert link_days(world / "raw", tmp_path, DAYS - 2) == 0
    assert link_days(world / "raw", tmp_path, DAYS - 1) == events[day_name(DAYS - 2)]
    assert whole - linked() == {file for file in whole if file.stem == day_name(DAYS - 1)}


def test_the_floor_loses_nothing(ask, world, tmp_path):
    """Retries are dropped, every event is in a session, every session is a touch of one journey, and steps are counted."""
    assert all(seconds > 0 for seconds in run_steps(world / "raw", tmp_path / "floor.duckdb", "1GB").values())
    expected = ask("select count(distinct event_id), count(distinct event_id) filter (coalesce(consent, true)) from {table}")[0]
    with duckdb.connect(str(tmp_path / "floor.duckdb"), read_only=True) as con:
        counted = con.execute(
            "select (select count(*) from events), (select sum(event_count) from sessions), (select count(*) from sessions), "
            "(select count(*) from touches), (select sum(touch_count) from journeys), (select sum(step_count) from channel_counts)"
        ).fetchone()
        converted, conversions = con.execute(
            "select (select count(*) from journeys where order_id is not null), (select count(*) from conversions)"
        ).fetchone()
    assert counted[:2] == expected
    assert len(set(counted[2:])) == 1
    assert 0.7 * conversions < converted <= conversions
