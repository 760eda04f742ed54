"""The demo world: same bytes for the same seed, the contract's tables, laws of the causal truth, faults in the data."""

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tools.demo.build import build  # noqa: E402
from tools.demo.catalogue import HERO  # noqa: E402
from tools.demo.chance import ByRow  # noqa: E402
from tools.demo.faults import FAULTS  # noqa: E402
from tools.demo.inventory import HERO_SELL_OUT, Inventory  # noqa: E402
from tools.demo.people import make_people  # noqa: E402
from tools.demo.plan import faults_of  # noqa: E402
from tools.demo.purchases import draw_fates, purchases, resolve, standard_regimes  # noqa: E402
from tools.demo.traffic import make_touches  # noqa: E402
from tools.demo.world import CHANNEL, CHANNELS, World  # noqa: E402

SMALL = World(100_000)  # two blocks of people, the second one short
ADS = "impressions clicks"
# The columns of the data contract, section 2, in its order.
CONTRACT = {
    "raw/clickstream_events": "event_id event_ts received_at event_name anonymous_id user_id email_hash session_id "
    "source utm_source utm_medium utm_campaign utm_content utm_term gclid fbclid ttclid page_url referrer sku_id "
    "order_id value currency user_agent os device_type country ip_hash consent",
    "raw/facebook_ads": f"date account_id campaign_id campaign_name ad_id {ADS} spend currency conversions "
    "conversion_value loaded_at",
    "raw/google_ads": f"segments_date customer_id campaign_id campaign_name ad_group_id ad_id {ADS} cost_micros "
    "currency_code conversions conversions_value loaded_at",
    "raw/tiktok_ads": f"stat_time_day advertiser_id campaign_id campaign_name ad_id {ADS} spend currency conversion "
    "total_purchase_value loaded_at",
    "raw/offline_conversions": "conversion_id occurred_at uploaded_at conversion_type customer_id email phone value "
    "currency",
    "raw/identity_links": "identifier_type_a identifier_a identifier_type_b identifier_b observed_at link_source",
    "crm/orders": "order_id customer_id anonymous_id email ordered_at updated_at status revenue currency "
    "refund_amount refunded_at sales_channel",
    "crm/order_items": "order_id sku_id quantity unit_price",
    "crm/customers": "customer_id email phone account_id created_at",
    "warehouse/inventory_hourly_snapshot": "snapshot_at sku_id stock_quantity",
    "marketing/campaign_config": "campaign_id platform campaign_name channel sku_id is_brand starts_on ends_on",
    "marketing/promo_calendar": "promo_id promo_name starts_at ends_at tier",
    "privacy/consent_log": "identifier_type identifier purpose granted recorded_at",
    "privacy/erasure_requests": "identifier_type identifier requested_at",
    "experiments/holdout_results": "experiment_id channel started_on ended_on treated_users treated_conversions "
    "control_users control_conversions",
    "finance/fx_rates": "date currency rate_to_reporting",
    "ops/known_incidents": "incident_id starts_at ends_at component planned",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small world, written once."""
    folder = tmp_path_factory.mktemp("demo") / "small"
    build(SMALL, folder, progress=False)
    return folder


@pytest.fixture(scope="module")
def without_social(tmp_path_factory):
    """The same world without paid social."""
    folder = tmp_path_factory.mktemp("demo") / "without"
    build(World(SMALL.events, SMALL.seed, frozenset({"paid_social"})), folder, progress=False)
    return folder


@pytest.fixture(scope="module")
def with_faults(tmp_path_factory):
    """The small world with none of the faults, with drawn ones, and with the planted ones as a twin; by choice."""
    folder = tmp_path_factory.mktemp("faults")
    for faults in ("none", "drawn", "replanted"):
        build(World(SMALL.events, SMALL.seed, faults=faults), folder / faults, progress=False)
    return folder


@pytest.fixture(scope="module")
def shop(small):
    """The small world in DuckDB: `events` without retries, and the other tables by `read(name)`."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        f"""create table events as
        select * from '{small}/raw/raw/clickstream_events/*.parquet'
        where event_id is not null and event_ts is not null
        qualify row_number() over (partition by event_id order by received_at) = 1"""
    )
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def resolved():
    """One block of people with its touches and purchases in every regime."""
    people = make_people(SMALL, 0)
    inventory = Inventory(SMALL)
    touches = make_touches(SMALL, 0, people)
    draws = draw_fates(SMALL, 0, people, touches, inventory)
    regimes = standard_regimes(SMALL)
    happens, channel, wants = resolve(people, touches, draws, regimes)
    return touches, regimes, happens, channel, purchases(draws, wants)


def digests(folder):
    """SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def count(shop, condition):
    """Events for which the condition holds."""
    return shop.execute(f"select count(*) from events where {condition}").fetchall()[0][0]


def during(fault):
    """SQL condition: the event lies within the fault."""
    return f"event_ts >= '{fault.starts_at}' and event_ts < '{fault.ends_at}'"


# --- Files ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    build(SMALL, tmp_path / "again", progress=False)
    assert digests(tmp_path / "again") == digests(small)


def test_another_seed_gives_another_world(tmp_path):
    for seed in (12, 13):
        build(World(10_000, seed), tmp_path / str(seed), progress=False)
    one, other = digests(tmp_path / "12"), digests(tmp_path / "13")
    # Items carry what was drawn, customers and cookies what was derived from the seed.
    for name in ("raw/crm/order_items.parquet", "raw/raw/identity_links.parquet"):
        assert one[name] != other[name]


def test_the_size_of_a_part_changes_no_row(small, tmp_path):
    build(SMALL, tmp_path / "parts", blocks_per_part=1, progress=False)
    parts, whole = digests(tmp_path / "parts"), digests(small)
    clickstream = "raw/raw/clickstream_events"
    assert len([name for name in parts if name.startswith(clickstream)]) == len(SMALL.blocks) == 2
    assert {k: v for k, v in parts.items() if not k.startswith(clickstream)} == {
        k: v for k, v in whole.items() if not k.startswith(clickstream)
    }
    assert pq.read_table(tmp_path / "parts" / clickstream).equals(pq.read_table(small / clickstream))


@pytest.mark.parametrize("table", CONTRACT)
def test_every_table_has_the_columns_of_the_contract(small, shop, table):
    path = small / "raw" / table
    if path.is_dir():
        columns = pq.read_schema(next(path.iterdir())).names
    elif path.with_suffix(".parquet").exists():
        columns = pq.read_schema(path.with_suffix(".parquet")).names
    else:
        columns = [row[0] for row in shop.execute(f"describe select * from '{path}.csv.gz'").fetchall()]
    assert columns == CONTRACT[table].split()


def test_no_other_raw_table_is_written(small):
    written = {str(path.relative_to(small / "raw")).split(".")[0] for path in (small / "raw").glob("*/*")}
    assert written == set(CONTRACT)


def test_every_column_carries_something(shop, small):
    names = CONTRACT["raw/clickstream_events"].split()
    filled = shop.execute(f"select {', '.join(f'count({name})' for name in names)} from events").fetchall()[0]
    assert [name for name, rows in zip(names, filled, strict=True) if rows == 0] == []


def test_an_interrupted_run_leaves_the_old_world(small, tmp_path, monkeypatch):
    target = tmp_path / "world"
    build(World(10_000), target, progress=False)
    before = digests(target)
    monkeypatch.setattr("tools.demo.build.fx_rates", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(World(10_000, seed=12), target, progress=False)
    assert digests(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--size", "tiny"], "size 'tiny' is none of small, default, or a number of events such as 5M"),
        (["--size", "900M"], "is outside 10K to 200M events"),
        (["--out", "."], "holds something else than a demo world"),
    ],
)
def test_a_user_error_is_one_line(arguments, says, tmp_path):
    (tmp_path / "thesis.txt").write_text("not a demo world")
    code = f"import sys; sys.path.insert(0, {str(PROJECT_ROOT)!r}); from tools.demo.__main__ import main; sys.exit(main())"
    run = subprocess.run([sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 2
    assert says in run.stderr and run.stderr.count("\n") == 1
    assert (tmp_path / "thesis.txt").exists()


# --- The causal truth -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANNELS)
def test_people_without_a_channel_do_the_same_without_it(resolved, name):
    touches, regimes, _, _, bought = resolved
    row = [regime.name for regime in regimes].index(name)
    met = np.isin(touches.person, touches.person[touches.channel == CHANNEL[name]])
    assert 0 < met.mean() < 1
    assert np.array_equal(bought[0][~met], bought[row][~met])


@pytest.mark.parametrize("name", CHANNELS)
def test_nothing_happens_through_a_removed_channel(resolved, name):
    _, regimes, happens, channel, _ = resolved
    row = [regime.name for regime in regimes].index(name)
    assert np.any(happens[0] & (channel[0] == CHANNEL[name]))
    assert not np.any(happens[row] & (channel[row] == CHANNEL[name]))


def test_a_touch_happens_only_after_the_one_that_set_it_off(resolved):
    touches, _, happens, _, _ = resolved
    child = np.flatnonzero(touches.parent >= 0)
    assert np.all(touches.seconds[child] > touches.seconds[touches.parent[child]])
    assert np.all(touches.person[child] == touches.person[touches.parent[child]])
    assert not np.any(happens[:, child] & ~happens[:, touches.parent[child]])


def test_all_marketing_causes_more_than_any_channel(shop, small):
    rows = dict(
        shop.execute(
            f"select channel, incremental_conversions from '{small}/truth/channel_contribution.parquet'"
        ).fetchall()
    )
    assert set(rows) == {*CHANNELS, "all_marketing"}
    assert rows["all_marketing"] > max(rows[name] for name in CHANNELS)
    assert min(rows.values()) > 0


def test_the_world_written_without_a_channel_is_the_one_the_truth_counted(shop, small, without_social):
    counted = shop.execute(
        f"select conversions_without from '{small}/truth/channel_contribution.parquet' where channel = 'paid_social'"
    ).fetchall()
    written = shop.execute(f"select count(*) from '{without_social}/truth/orders.parquet'").fetchall()
    assert counted == written
    clicks = f"select count(*) from '{without_social}/raw/raw/clickstream_events/*.parquet' where fbclid is not null"
    assert shop.execute(clicks).fetchall() == [(0,)]


def test_truth_and_shop_agree_on_the_orders(shop, small):
    assert shop.execute(
        f"""select count(*) from
        (select distinct order_id, ordered_at from '{small}/raw/crm/orders.parquet'
         where sales_channel = 'web' and order_id is not null and ordered_at is not null) as shop
        full join '{small}/truth/orders.parquet' as truth using (order_id, ordered_at)
        where shop.order_id is null or truth.order_id is null"""
    ).fetchall() == [(0,)]


def test_items_add_up_to_the_order(shop, small):
    assert shop.execute(
        f"""select count(*) from
        (select order_id, sum(quantity * unit_price) as total from '{small}/raw/crm/order_items.parquet'
         where sku_id is not null group by order_id) as items
        join '{small}/raw/crm/orders.parquet' as orders using (order_id)
        where abs(total - revenue) > 0.005
          and order_id not in (select order_id from '{small}/raw/crm/order_items.parquet'
                               group by order_id, sku_id having count(*) > 1)"""
    ).fetchall() == [(0,)]


# --- The faults, in the data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gateway_2h", "gateway_1h", "gateway_3h", "gateway_silent_4h"])
def test_nobody_buys_while_payment_is_down(shop, name):
    assert count(shop, f"event_name = 'purchase' and {during(FAULTS[name])}") == 0


def test_the_closed_site_records_nothing(shop):
    on_site = "event_name not in ('ad_impression', 'email_open')"
    assert count(shop, f"{on_site} and {during(FAULTS['maintenance'])}") == 0


def test_a_silent_gateway_answers_nothing(shop):
    window = during(FAULTS["gateway_silent_4h"])
    assert count(shop, f"event_name = 'payment_attempt' and {window}") > 0
    assert count(shop, f"event_name = 'payment_failed' and {window}") == 0


def test_the_form_fails_in_silence(shop):
    window = during(FAULTS["form_silent"])
    assert count(shop, f"event_name = 'form_start' and {window}") > 0
    assert count(shop, f"event_name in ('form_submit', 'generate_lead') and {window}") == 0


def test_ads_for_the_hero_go_on_while_it_is_sold_out(shop):
    start, end = HERO_SELL_OUT
    hero = f"sku_id = 'SKU-0001' and event_ts >= '{start}' and event_ts < '{end}'"
    assert count(shop, f"{hero} and utm_campaign = 'gads-shop-2001'") > 0
    assert count(shop, f"{hero} and event_name = 'purchase'") == 0


def test_the_stock_feed_shows_the_sell_out_and_misses_hours(shop, small):
    stock = f"'{small}/raw/warehouse/inventory_hourly_snapshot.parquet'"
    hero = f"from {stock} where sku_id = 'SKU-0001' and stock_quantity is not null and snapshot_at"
    assert shop.execute(f"select min(stock_quantity) > 0 {hero} = '2025-11-11 11:00'").fetchall() == [(True,)]
    assert shop.execute(f"select max(stock_quantity) {hero} = '2025-11-11 12:00'").fetchall() == [(0,)]
    gap = FAULTS["inventory_gap"]
    assert shop.execute(
        f"select count(*) from {stock} where snapshot_at >= '{gap.starts_at}' and snapshot_at < '{gap.ends_at}'"
    ).fetchall() == [(0,)]


def test_the_broken_campaign_has_clicks_and_no_tracked_session(shop, small):
    campaign = FAULTS["broken_utm"].campaign_id
    clicks = f"select sum(clicks) from '{small}/raw/raw/facebook_ads.parquet' where campaign_id = '{campaign}'"
    assert shop.execute(clicks).fetchall()[0][0] > 100
    # Impressions are tagged by the ad server; only the landing page loses its tags.
    assert count(shop, f"utm_campaign = '{campaign}' and event_name <> 'ad_impression'") == 0


def test_ios_loses_clicks_from_the_day_on(shop):
    def per_impression(when):
        clicks = count(shop, f"os = 'iOS' and fbclid is not null and event_name = 'page_view' and {when}")
        shown = f"os = 'iOS' and utm_medium = 'paid_social' and event_name = 'ad_impression' and {when}"
        return clicks / count(shop, shown)

    day = FAULTS["ios_loss"].starts_at
    crash = f"not ({during(FAULTS['site_crash'])})"
    assert per_impression(f"event_ts >= '{day}'") < 0.5 * per_impression(f"event_ts < '{day}' and {crash}")


def test_one_day_of_one_campaign_costs_a_hundredfold(shop, small):
    fault = FAULTS["cost_x100"]
    per_click = f"""select segments_date = '{fault.starts_at[:10]}', sum(cost_micros) / sum(clicks) / 1e6
        from '{small}/raw/raw/google_ads.parquet' where campaign_id = '{fault.campaign_id}' and cost_micros is not null
          and segments_date is not null group by 1"""
    prices = dict(shop.execute(per_click).fetchall())
    assert 80 < prices[True] / prices[False] < 120


def test_a_crash_makes_reload_storms(shop, small):
    start, end = FAULTS["site_crash"].starts_at, FAULTS["site_crash"].ends_at
    storm = f"""select count(*) filter (event_ts >= '{start}' and event_ts < timestamptz '{end}' + interval 2 minute),
            count(*)
        from events join '{small}/truth/event_labels.parquet' using (event_id)
        where label = 'phantom' and event_ts < '2025-11-01'"""
    within, everywhere = shop.execute(storm).fetchall()[0]
    assert within == everywhere > 500


def test_retries_share_the_event_id_and_arrive_later(shop, small):
    raw = f"'{small}/raw/raw/clickstream_events/*.parquet'"
    retried = shop.execute(
        f"""select count(*), count(*) filter (first_at < last_at and moments = 1 and names = 1) from
        (select event_id, min(received_at) as first_at, max(received_at) as last_at,
                count(distinct event_ts) as moments, count(distinct event_name) as names
         from {raw} where event_id is not null and event_ts is not null and event_name is not null
           and anonymous_id is not null
         group by event_id having count(*) > 1)"""
    ).fetchall()[0]
    total = count(shop, "true")
    assert 0.006 * total < retried[0] < 0.015 * total
    assert retried[0] - retried[1] <= 36  # copies made to be malformed share the moment of receipt


def test_some_rows_cannot_be_typed_or_lack_a_value(shop, small):
    raw = f"'{small}/raw/raw/clickstream_events/*.parquet'"
    for column in ("event_id", "event_ts", "event_name", "anonymous_id"):
        assert shop.execute(f"select count(*) from {raw} where {column} is null").fetchall()[0][0] > 0
    offline = f"read_csv('{small}/raw/raw/offline_conversions.csv.gz', all_varchar = true)"
    unreadable = f"select count(*) from {offline} where try_cast(occurred_at as timestamptz) is null"
    assert shop.execute(unreadable).fetchall()[0][0] >= 3


def test_a_known_customer_email_hashes_to_the_clickstream(shop, small):
    matched = shop.execute(
        f"""select count(distinct email_hash) from events where email_hash in
        (select sha256(lower(trim(email))) from '{small}/raw/crm/customers.parquet')"""
    ).fetchall()[0][0]
    assert matched > 100


def test_a_kiosk_is_shared_by_dozens(shop):
    most = "select max(users) from (select count(distinct user_id) as users from events group by anonymous_id)"
    assert shop.execute(most).fetchall()[0][0] >= 24


# --- The choice of faults ---------------------------------------------------------------------------------------------


def truth(world, query):
    """Rows of a query over truth tables of a written world, named by {world}."""
    return duckdb.sql(f"set timezone = 'UTC'; {query.format(world=world / 'truth')}").fetchall()


def events_before(world, moment):
    """The event rows of people before a moment, as received, in a fixed order."""
    return duckdb.sql(
        f"""set timezone = 'UTC';
        select * from '{world}/raw/raw/clickstream_events/*.parquet'
        where event_ts < '{moment}' and event_id is not null and event_name is not null and anonymous_id is not null
          and event_id not in (select event_id from '{world}/truth/event_labels.parquet' where label = 'bot')
        qualify count(*) over (partition by event_id, received_at) = 1
        order by event_id, received_at"""
    ).fetchall()


def test_the_planted_world_is_the_one_it_always_was(shop, small):
    row = "concat_ws('|', event_id, event_ts, anonymous_id, user_id, utm_campaign, value)"
    digest = f"select left(sha256(string_agg({row}, ';' order by event_id)), 16) from events"
    assert shop.execute(digest).fetchall() == [("a54131027e99c77b",)]
    orders = f"select count(*), round(sum(revenue), 2) from '{small}/raw/crm/orders.parquet'"
    assert shop.execute(orders).fetchall() == [(2893, 393318.74)]


@pytest.mark.parametrize("faults", ["drawn", "replanted"])
def test_twins_are_alike_until_the_first_fault(with_faults, faults):
    first = "select min(starts_at)::text from '{world}/faults.parquet' where starts_at > '2025-09-01'"
    moment = truth(with_faults / faults, first)[0][0]
    events = events_before(with_faults / faults, moment)
    assert len(events) > 1_000
    assert events == events_before(with_faults / "none", moment)
    assert events_before(with_faults / faults, "2025-12-01") != events_before(with_faults / "none", "2025-12-01")


@pytest.mark.parametrize("faults", ["drawn", "replanted"])
def test_people_whom_nothing_stopped_buy_the_same_without_faults(with_faults, faults):
    differs = f"""select person_id in (select person_id from '{{world}}/blocked_purchases.parquet'), count(*)
        from '{{world}}/person_outcomes.parquet' as faulty
        join '{with_faults}/none/truth/person_outcomes.parquet' as twin using (person_id)
        where faulty.base <> twin.base group by 1"""
    ((was_blocked, people),) = truth(with_faults / faults, differs)
    assert was_blocked and people > 5


def test_the_replanted_world_has_the_orders_of_the_planted_one(small, with_faults):
    orders = "select order_id, ordered_at, channel from '{world}/orders.parquet' order by 1"
    assert truth(small, orders) == truth(with_faults / "replanted", orders)


def test_without_faults_nothing_stands_in_the_way(with_faults):
    world = with_faults / "none"
    assert truth(world, "select * from '{world}/blocked_purchases.parquet'") == []
    labels = "select distinct label from '{world}/event_labels.parquet' order by 1"
    assert truth(world, labels) == [("duplicate",), ("late",), ("lost",)]
    assert truth(world, "select sum(out_of_stock_minutes) from '{world}/stock.parquet'") == [(0,)]
    assert truth(world, "select count(*) from '{world}/../raw/ops/known_incidents.parquet'") == [(0,)]
    snapshots = "select count(distinct (sku_id, snapshot_at)) from '{world}/../raw/warehouse/*.parquet'"
    assert truth(world, snapshots)[0][0] >= 40 * 91 * 24
    kinds = {fault.kind for fault in faults_of(World(faults="none"))}
    assert kinds == {"duplicate_events", "late_events", "lost_events", "malformed_rows"}


def test_drawn_faults_are_of_the_planted_kinds_and_differ_by_seed():
    one, other = (faults_of(World(seed=seed, faults="drawn")) for seed in (12, 13))
    assert one != other
    for faults in (one, other):
        assert {fault.kind for fault in faults} == {fault.kind for fault in FAULTS.values()}
        assert len({fault.fault_id for fault in faults}) == len(faults)
        assert all("2025-09-01 00:00" <= fault.starts_at < fault.ends_at <= "2025-12-01 00:00" for fault in faults)
        assert 2 <= sum(fault.kind == "gateway_outage" for fault in faults) <= 4
    assert {(fault.kind, fault.campaign_id) for fault in one} != {(fault.kind, fault.campaign_id) for fault in other}
    sold_out = Inventory(World(seed=12, faults="drawn")).sell_outs
    assert sum(sku == HERO for sku, _, _ in sold_out) == 2
    assert sold_out != Inventory(World(seed=13, faults="drawn")).sell_outs


def test_nobody_buys_while_a_drawn_outage_lasts(with_faults):
    outages = f"from '{with_faults}/drawn/truth/faults.parquet' where kind in ('gateway_outage', 'planned_maintenance')"
    orders = f"""select count(*) from '{{world}}/orders.parquet'
        join (select starts_at, ends_at {outages}) on ordered_at >= starts_at and ordered_at < ends_at"""
    assert truth(with_faults / "drawn", orders) == [(0,)]
    assert truth(with_faults / "none", orders)[0][0] > 0


def test_a_row_keeps_its_numbers_whatever_rows_stand_beside_it():
    keys, part = np.arange(20_000), np.arange(20_000)[::-7]
    for draw in (
        lambda rng, n: rng.random(n),
        lambda rng, n: rng.integers(3, 9, n),
        lambda rng, n: rng.poisson(0.85, n),
        lambda rng, n: rng.binomial(2, 0.35, n),
        lambda rng, n: rng.choice(3, n, p=[0.5, 0.2, 0.3]),
        lambda rng, n: rng.exponential(2.5, n),
        lambda rng, n: rng.lognormal(3.8, 0.6, n),
    ):
        whole = draw(ByRow(np.random.default_rng(1), keys), len(keys))
        assert np.array_equal(draw(ByRow(np.random.default_rng(1), part), len(part)), whole[part])
        expected = draw(np.random.default_rng(2), len(keys))
        assert abs(whole.mean() - expected.mean()) < 5 * expected.std() / np.sqrt(len(keys) / 2)


def test_every_call_draws_anew():
    rng = ByRow(np.random.default_rng(1), np.arange(10_000))
    assert abs(np.corrcoef(rng.random(), rng.random())[0, 1]) < 0.05
