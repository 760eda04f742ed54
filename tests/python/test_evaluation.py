"""The evaluation: worlds repeat and hold what their truth says, scores know a perfect detector from a useless one."""

import argparse
import hashlib
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import stats

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tools.demo.schemas import RAW  # noqa: E402
from tools.evaluation import run  # noqa: E402
from tools.evaluation.__main__ import first_seed  # noqa: E402
from tools.evaluation.charts import charts  # noqa: E402
from tools.evaluation.draw import inside, place  # noqa: E402
from tools.evaluation.measures import Measure, measures  # noqa: E402
from tools.evaluation.report import page, terminal, write_docs  # noqa: E402
from tools.evaluation.scores import discrepancy, losses, outages, sessions, spend, stock  # noqa: E402
from tools.evaluation.shop.campaigns import make_campaigns  # noqa: E402
from tools.evaluation.shop.faults import draw_faults  # noqa: E402
from tools.evaluation.shop.machines import DECLARED_AGENTS  # noqa: E402
from tools.evaluation.shop.shape import make_shape  # noqa: E402
from tools.evaluation.shop.stock import Stock  # noqa: E402
from tools.evaluation.shop.world import make_shop  # noqa: E402
from tools.evaluation.spend.anomalies import FACTORS  # noqa: E402
from tools.evaluation.spend.world import make_spend  # noqa: E402
from tools.evaluation.statistics import bootstrap, f1, poisson, wilson  # noqa: E402

NOON = datetime(2024, 5, 6, 12)
HOUR = timedelta(hours=1)


def planted(seed):
    """Shape and faults of a shop without making it."""
    shape = make_shape(seed)
    return shape, draw_faults(shape, make_campaigns(shape, Stock(seed)))


def a_seed(suits):
    """The first seed whose shape and faults suit."""
    return next(seed for seed in range(1_000) if suits(*planted(seed)))


def kinds(faults):
    return {outage.kind for outage in faults.outages}


def loud_and_complete(shape, faults):
    """A shop with payment events, every kind of outage, and full outages both loud and silent."""
    silent = {outage.is_silent for outage in faults.outages if outage.kind == "full_gateway"}
    return shape.has_payment_events and silent == {True, False} and {"site_down", "ingestion_gap"} <= kinds(faults)


@pytest.fixture(scope="module")
def shop_folders(tmp_path_factory):
    """A shop with every kind of fault, and its twin without any."""
    folder, seed = tmp_path_factory.mktemp("shop"), a_seed(loud_and_complete)
    make_shop(seed, folder / "faulty")
    make_shop(seed, folder / "twin", faults=False)
    return seed, folder / "faulty", folder / "twin"


@pytest.fixture(scope="module")
def shop(shop_folders):
    """The raw tables as events, orders, snapshots (twin_ for the twin's) and the truth's tables by their names."""
    _, faulty, twin = shop_folders
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for prefix, folder in (("", faulty), ("twin_", twin)):
            for name, path in (("events", "raw/clickstream_events"), ("orders", "crm/orders"),
                               ("snapshots", "warehouse/inventory_hourly_snapshot")):  # fmt: skip
                connection.execute(f"create view {prefix}{name} as select * from '{folder}/raw/{path}.parquet'")
        for file in (faulty / "truth").glob("*.parquet"):
            connection.execute(f"create view {file.stem} as select * from '{file}'")
        yield connection


@pytest.fixture(scope="module")
def spending(tmp_path_factory):
    """Last versions of the ad rows (`rows`, `twin_rows`), every version (`versions`, …), and `spend_days`."""
    folder = tmp_path_factory.mktemp("spend")
    with duckdb.connect() as connection:
        for prefix, faults in (("", True), ("twin_", False)):
            make_spend(3, folder / str(faults), faults)
            google, others = ("segments_date as date, customer_id as account_id", "cost_micros / 1e6 as spend"), []
            others.append(f"select {google[0]}, campaign_id, ad_id, clicks, {google[1]}, currency_code as currency, "
                          f"loaded_at from '{folder}/{faults}/raw/raw/google_ads.parquet'")  # fmt: skip
            for name, day, account in (
                ("facebook", "date", "account_id"),
                ("tiktok", "stat_time_day", "advertiser_id"),
            ):
                others.append(f"select {day}, {account}, campaign_id, ad_id, clicks, spend, currency, loaded_at "
                              f"from '{folder}/{faults}/raw/raw/{name}_ads.parquet'")  # fmt: skip
            connection.execute(f"create view {prefix}versions as {' union all '.join(others)}")
            connection.execute(f"""create view {prefix}rows as select * from {prefix}versions
                qualify row_number() over (partition by date, account_id, campaign_id, ad_id
                                           order by loaded_at desc) = 1""")  # fmt: skip
        connection.execute(f"create view spend_days as select * from '{folder}/True/truth/spend_days.parquet'")
        yield connection


def ask(connection, sql):
    """All rows of a query."""
    return connection.execute(sql).fetchall()


def digests(folder):
    """SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


# --- Worlds -----------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(shop_folders, tmp_path):
    seed, faulty, _ = shop_folders
    make_shop(seed, tmp_path / "shop")
    assert digests(tmp_path / "shop") == digests(faulty)
    for name in ("one", "two"):
        make_spend(3, tmp_path / name)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_every_seed_has_faults_of_its_own():
    windows = [
        tuple((outage.kind, outage.start, outage.end) for outage in planted(seed)[1].outages) for seed in range(8)
    ]
    assert len(set(windows)) == 8
    assert len({planted(seed)[0].orders_per_hour for seed in range(8)}) == 8


def test_outages_keep_apart_and_spare_the_first_weeks():
    for seed in range(12):
        shape, faults = planted(seed)
        for kind in kinds(faults):
            spans = sorted(faults.windows(kind))
            assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert min(outage.start for outage in faults.outages) >= shape.quiet_days * 86_400 >= 14 * 86_400


def test_the_world_has_the_tables_of_the_contract(shop_folders):
    _, faulty, _ = shop_folders
    for file in (faulty / "raw").glob("*/*.parquet"):
        name = f"{file.parent.name}.{file.stem}"
        columns = [row[0] for row in duckdb.sql(f"describe select * from '{file}'").fetchall()]
        assert columns == RAW[name].names
    assert (faulty / "raw/raw/clickstream_events.parquet").exists() and (faulty / "raw/crm/orders.parquet").exists()


def test_nobody_pays_while_all_payments_fail(shop):
    within = "from outages where kind = 'full_gateway' and e.event_ts >= started_at and e.event_ts < ended_at"
    seen = dict(ask(shop, f"select event_name, count(*) from events as e where exists ({within}) group by all"))
    twin = dict(ask(shop, f"select event_name, count(*) from twin_events as e where exists ({within}) group by all"))
    assert "purchase" not in seen and twin["purchase"] > 50
    assert seen["payment_attempt"] > 0.9 * twin["payment_attempt"]
    orders = """select count(*) from {} join outages on ordered_at >= started_at and ordered_at < ended_at
        where kind = 'full_gateway'"""
    assert ask(shop, orders.format("orders")) == [(0,)]
    assert ask(shop, orders.format("twin_orders"))[0][0] > 50


def test_a_silent_outage_refuses_nobody(shop):
    failed = """select is_silent, count(e.event_id) / sum(e.attempts) from (
            select outage_id, is_silent, event_id, 0 as attempts from outages join events
                on event_ts >= started_at and event_ts < ended_at and event_name = 'payment_failed'
            where kind = 'full_gateway'
            union all
            select outage_id, is_silent, null, 1 from outages join events
                on event_ts >= started_at and event_ts < ended_at and event_name = 'payment_attempt'
            where kind = 'full_gateway'
        ) as e group by is_silent"""
    shares = dict(ask(shop, failed))
    assert shares[True] < 0.15 and shares[False] > 0.8


def test_a_partial_outage_stops_its_share_of_orders(shop):
    kept, wanted = ask(shop, """select
            (select count(*) from orders join outages on ordered_at >= started_at and ordered_at < ended_at
             where kind = 'partial_gateway'),
            (select count(*) from twin_orders join outages on ordered_at >= started_at and ordered_at < ended_at
             where kind = 'partial_gateway')""")[0]  # fmt: skip
    assert stats.binomtest(kept, wanted, 0.4).pvalue > 1e-4


def test_a_site_that_is_down_leaves_nothing_and_a_gap_leaves_orders(shop):
    count = """select count(*) from {} join outages on {} >= started_at and {} < ended_at where kind = '{}'"""
    for kind, orders_stay in (("site_down", False), ("ingestion_gap", True)):
        assert ask(shop, count.format("events", "event_ts", "event_ts", kind)) == [(0,)]
        assert (ask(shop, count.format("orders", "ordered_at", "ordered_at", kind))[0][0] > 0) == orders_stay


def test_expected_orders_are_those_of_the_twin(shop):
    told, counted = ask(shop, """select sum(expected_orders), (select count(*) from twin_orders join outages
        on ordered_at >= started_at and ordered_at < ended_at) from outages""")[0]  # fmt: skip
    assert told == counted


def test_a_broken_form_sends_nothing(shop):
    count = """select count(*) from {} join outages on event_ts >= started_at and event_ts < ended_at
        where kind = '{}' and event_name = '{}'"""
    for kind, name in (
        ("form_failure", "generate_lead"),
        ("form_failure", "form_submit"),
        ("sign_up_failure", "sign_up"),
    ):
        assert ask(shop, count.format("events", kind, name)) == [(0,)]
        assert ask(shop, count.format("twin_events", kind, name))[0][0] > 20
    assert ask(shop, count.format("events", "form_failure", "form_start"))[0][0] > 20


def test_a_snapshot_is_zero_exactly_when_the_product_is_out(shop, shop_folders):
    steady = "not ran_out_within_hour and not came_back_within_hour and is_observed"
    wrong = f"""select count(*) from touches join snapshots
        on touches.sku_id = snapshots.sku_id and date_trunc('hour', touched_at) = snapshot_at
        where {steady} and is_out <> (stock_quantity = 0)"""
    assert ask(shop, wrong) == [(0,)]
    assert ask(shop, f"select count(*) from touches where {steady} and is_out")[0][0] > 100
    world = Stock(shop_folders[0])
    for sku, start, end in world.sell_outs:
        hours = slice(int(-(-start // 3_600)), int(end // 3_600))
        assert (world.level[sku, hours] == 0).all()


def test_a_loss_takes_its_share_of_the_sessions(shop):
    """Tagged arrivals in the faulty world against the twin, over the losses of single campaigns."""
    rows = ask(shop, """select loss_id, share, kind,
            (select count(distinct event_id) from events where utm_campaign = campaign_id
             and event_ts >= started_at and event_ts < ended_at),
            (select count(distinct event_id) from twin_events where utm_campaign = campaign_id
             and event_ts >= started_at and event_ts < ended_at)
        from losses where campaign_id is not null and kind <> 'surplus'""")  # fmt: skip
    assert len(rows) > 5
    for _, lost, _, seen, wanted in rows:
        assert seen == 0 if lost == 1.0 else stats.binomtest(seen, wanted, 1 - lost).pvalue > 1e-5


def test_labels_are_of_events_that_exist_and_agents_fit_them(shop):
    assert ask(shop, "select count(*) from labels anti join events using (event_id)") == [(0,)]
    agents = dict(ask(shop, "select user_agent, min(kind) from labels join events using (event_id) group by all"))
    assert {agent for agent, kind in agents.items() if kind == "declared_bot"} <= set(DECLARED_AGENTS)
    assert ask(
        shop, f"select count(*) from events anti join labels using (event_id) where user_agent in {DECLARED_AGENTS}"
    ) == [(0,)]


def test_a_factor_is_a_factor_of_the_twin(spending):
    rows = ask(spending, """select spend_days.kind, rows.spend, twin_rows.spend, rows.clicks, twin_rows.clicks,
            rows.currency, twin_rows.currency
        from rows join twin_rows using (date, account_id, campaign_id, ad_id)
        join spend_days using (date, campaign_id)""")  # fmt: skip
    assert {row[0] for row in rows} >= {None, *FACTORS}
    for kind, seen, true, clicks, true_clicks, currency, true_currency in rows:
        assert clicks == true_clicks
        if kind in FACTORS:
            assert seen == pytest.approx(FACTORS[kind] * true, rel=1e-3, abs=1e-3)
        elif kind == "zero_spend":
            assert seen == 0 and true_clicks > 0
        elif kind in ("yen_as_dollars", "dollars_as_yen"):
            assert seen == true and (true_currency, currency) == {
                "yen_as_dollars": ("JPY", "USD"), "dollars_as_yen": ("USD", "JPY")}[kind]  # fmt: skip
        else:
            assert (seen, currency) == (true, true_currency)


def test_a_duplicate_export_is_all_there_twice(spending):
    rows = ask(spending, """select kind, seen.clicks, twin.clicks from spend_days
        join (select date, campaign_id, sum(clicks) as clicks from rows group by all) as seen using (date, campaign_id)
        join (select date, campaign_id, sum(clicks) as clicks from twin_rows group by all) as twin
            using (date, campaign_id)""")  # fmt: skip
    assert {seen / true for kind, seen, true in rows if kind == "duplicate"} == {2.0}
    assert all(seen == true for kind, seen, true in rows if kind != "duplicate")


def test_some_anomalies_are_corrected_by_a_later_load(spending):
    corrected = """select count(*) from versions
        join twin_versions using (date, account_id, campaign_id, ad_id, loaded_at)
        join spend_days using (date, campaign_id)
        where kind is null and versions.spend > 50 * twin_versions.spend"""
    assert ask(spending, corrected)[0][0] > 0


# --- Chance and statistics --------------------------------------------------------------------------------------------


def test_windows_keep_apart_and_know_what_is_inside():
    rng, taken = np.random.default_rng(1), []
    for _ in range(5):
        taken.append(place(rng, 600.0, (0.0, 20_000.0), taken, 900.0))
    spans = sorted(taken)
    assert all(start - end >= 900 for (_, end), (start, _) in pairwise(spans))
    assert place(rng, 600.0, (0.0, 500.0), [], 0.0) is None
    first, last = taken[2]
    assert inside(taken, np.array([first, last - 1e-6, last, -1.0, np.nan])).tolist() == [2, 2, -1, -1, -1]


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (5, 5), (3, 10), (97, 100), (1, 1_000)])
def test_wilson_is_scipys(hits, trials):
    low, high = stats.binomtest(hits, trials).proportion_ci(method="wilson")
    assert wilson(hits, trials) == pytest.approx((low, high))


def test_intervals_at_the_edges():
    assert wilson(0, 0) == (0.0, 1.0)
    assert poisson(0, 1.0) == pytest.approx((0.0, 3.6889), abs=1e-4)
    assert poisson(10, 2.0) == pytest.approx((2.3977, 9.1952), abs=1e-3)
    assert bootstrap([3, 3, 3], lambda worlds: sum(worlds) / len(worlds)) == (3.0, 3.0)
    assert f1(8, 2, 2) == pytest.approx(0.8) and np.isnan(f1(0, 0, 0))


@pytest.mark.parametrize(
    ("value", "low", "high", "at_least", "met"),
    [(0.97, 0.96, 0.98, True, "yes"), (0.96, 0.9, 0.98, True, "likely"), (0.9, 0.8, 0.97, True, "no"),
     (0.5, 0.3, 0.9, False, "yes"), (0.9, 0.5, 1.2, False, "likely"), (float("nan"), 0, 1, True, "–")],
)  # fmt: skip
def test_a_target_is_met_for_certain_perhaps_or_not(value, low, high, at_least, met):
    assert Measure("g", "n", value, low, high, 10, 0.95, at_least).met == met


# --- Scores -----------------------------------------------------------------------------------------------------------


def an_outage(start=NOON, hours=3.0, kind="full_gateway"):
    return {"outage_id": "o", "kind": kind, "started_at": start, "ended_at": start + hours * HOUR, "share": 1.0,
            "is_silent": False, "is_known": False, "in_promotion": False, "expected_orders": 90}  # fmt: skip


def an_alarm(start=NOON, hours=3.0, step="payment", after=1.0):
    return {"started_at": start, "ended_at": start + hours * HOUR, "detected_at": start + after * HOUR, "step": step}


def an_hour(number, tag, step=None):
    return {"hour_at": NOON + number * HOUR, "system_health_tag": tag, "suspected_step": step}


def test_a_perfect_alarm_finds_the_outage_at_the_end_of_its_first_hour():
    outage = an_outage(start=NOON + timedelta(minutes=20))
    (event,) = outages.judge_events([outage], [an_alarm(hours=4)])
    assert event["is_found"] and event["delay_hours"] == pytest.approx(2 / 3) and event["covered_hours"] == 3
    assert outages.false_alarms([outage], [an_alarm()]) == []


def test_a_useless_alarm_finds_nothing_and_is_false():
    elsewhere = an_alarm(start=NOON + 30 * HOUR)
    (event,) = outages.judge_events([an_outage()], [elsewhere])
    assert not event["is_found"] and event["delay_hours"] is None
    assert len(outages.false_alarms([an_outage()], [elsewhere])) == 1


def test_an_alarm_within_two_hours_is_not_false_but_finds_nothing():
    late = an_alarm(start=NOON + 4.5 * HOUR, hours=1)
    assert outages.false_alarms([an_outage()], [late]) == []
    assert not outages.judge_events([an_outage()], [late])[0]["is_found"]


def test_an_alarm_that_began_before_tells_no_delay():
    (event,) = outages.judge_events([an_outage()], [an_alarm(start=NOON - 9 * HOUR, hours=12)])
    assert event["is_found"] and event["delay_hours"] is None


def test_forms_are_found_by_alarms_of_forms_only():
    broken = an_outage(kind="form_failure", hours=30)
    assert not outages.judge_events([broken], [an_alarm()])[0]["is_found"]
    assert outages.judge_events([broken], [an_alarm(step="form")])[0]["is_found"]
    assert not outages.judge_events([an_outage()], [an_alarm(step="lead")])[0]["is_found"]


def test_hours_less_than_half_inside_do_not_count():
    outage = an_outage(start=NOON + timedelta(minutes=45), hours=1.5)  # 12:45 to 14:15
    tags = ["NORMAL", "POTENTIAL_OUTAGE", "NORMAL", "POTENTIAL_OUTAGE", "NORMAL"]
    hours = [an_hour(number, tag) for number, tag in enumerate(tags)]
    assert outages.judge_hours([outage], hours) == {"hits": 1, "misses": 0, "false": 1, "quiet": 1}


def test_hours_of_a_broken_form_that_is_flagged_as_such_do_not_count():
    form = an_outage(kind="form_failure")
    hours = [an_hour(0, "OUTAGE", "form"), an_hour(1, "OUTAGE", "payment"), an_hour(2, "NORMAL")]
    assert outages.judge_hours([form], hours) == {"hits": 0, "misses": 0, "false": 1, "quiet": 1}


def test_the_articles_rule_is_judged_by_the_day():
    days = [{"date": datetime(2024, 5, day), "z_score": z} for day, z in ((5, -4.0), (6, -3.5), (7, None), (8, 0.1))]
    judged = outages.judge_days([an_outage(), an_outage(kind="form_failure")], days)
    assert judged == {"events": [{"kind": "full_gateway", "is_found": True}], "false_days": 1, "source_days": 4}


@pytest.fixture
def tables():
    """`tables({"schema.table": "select …"})` gives a connection that has them."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")

        def make(queries):
            for name, query in queries.items():
                connection.execute(f"create schema if not exists {name.split('.')[0]}")
                connection.execute(f"create or replace table {name} as {query}")
            return connection

        yield make


SESSIONS = {
    "silver.session_events": """select * from (values ('e1', 'a', 1), ('e2', 'b', 1), ('e3', 'c', 1), ('e4', 'c', 1))
        as t(event_id, anonymous_id, session_number)""",
    "truth.labels": "select * from (values ('e2', 'fast_bot'), ('e4', 'reload_storm')) as t(event_id, kind)",
}


@pytest.mark.parametrize(("flag", "value"), [("anonymous_id = 'b'", 1.0), ("anonymous_id = 'a'", 0.0)])
def test_sessions_are_scored_by_what_their_events_are(tables, flag, value):
    connection = tables(
        SESSIONS
        | {"silver.sessions": f"""select anonymous_id, 1 as session_number, {flag} as is_bot, false as is_phantom
            from (values ('a'), ('b'), ('c')) as t(anonymous_id)"""}
    )  # fmt: skip
    rows = sessions.score(connection)
    assert {row["kind"]: row["sessions"] for row in rows} == {"human": 1, "fast_bot": 1, "mixed": 1}
    assert by_name([shop_result(sessions=rows)])["F1, bots and phantoms joined"].value == value


@pytest.mark.parametrize(("flag", "precision", "recall"), [("n = 1", 1.0, 1.0), ("n = 2", 0.0, 0.0)])
def test_out_of_stock_is_scored_where_it_was_observed(tables, flag, precision, recall):
    connection = tables(
        {
            "truth.touches": f"""select 'e' || n as event_id, timestamptz '{NOON}+00' as touched_at, n = 1 as is_out,
                n < 3 as is_observed, false as ran_out_within_hour, false as came_back_within_hour
                from range(1, 4) as t(n)""",
            "silver.session_events": """select 'e' || n as event_id, 'a' || n as anonymous_id, 1 as session_number
                from range(1, 4) as t(n)""",
            "silver.sessions": """select 'a' || n as anonymous_id, 1 as session_number, 's' || n as session_key
                from range(1, 4) as t(n)""",
            "silver.touchpoints": f"""select 's' || n as touchpoint_id, timestamp '{NOON}' as touched_at,
                {flag} as is_out_of_stock from range(1, 4) as t(n)""",
        }
    )  # fmt: skip
    found = by_name([shop_result(stock=stock.score(connection))])
    for where in ("hours without a change", "all hours with a snapshot"):
        assert (found[f"precision, {where}"].value, found[f"recall, {where}"].value) == (precision, recall)
    assert found["right without the hour's snapshot"].cases == 1


def campaign_days(flag_of_loss, flag_of_rest):
    """Three days of a campaign with 400 clicks, the second of which loses 30 %."""
    return {
        "truth.campaign_days": """select date '2024-05-05' + day::int as date, 'c' as campaign_id, 'google' as platform,
            400 as clicks, 380 as arrived, case when day = 1 then 114 else 0 end as missing,
            case when day = 1 then 0.3 else 0 end::double as share, case when day = 1 then 'lost' end as kind,
            case when day = 1 then 'loss-1' end as loss_id, false as is_platform_wide,
            case when day = 1 then 'affected' else 'clear' end as state from range(3) as t(day)""",
        "silver.campaign_discrepancy": f"""select date '2024-05-05' + day::int as date, 'c' as campaign_id,
            400 as platform_clicks, case when day = 1 then 266 else 380 end as tracked_sessions,
            case when day = 1 then '{flag_of_loss}' else '{flag_of_rest}' end as data_quality_flag
            from range(3) as t(day)""",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "precision", "recall", "false"),
    [(("LOW_CONFIDENCE", "HIGH_CONFIDENCE"), 1.0, 1.0, 0.0), (("HIGH_CONFIDENCE", "LOW_CONFIDENCE"), 0.0, 0.0, 30.0)],
)
def test_discrepancy_is_scored_by_the_day(tables, flags, precision, recall, false):
    found = by_name([shop_result(discrepancy=discrepancy.score(tables(campaign_days(*flags))))])
    assert found["precision of days, 300 clicks and more"].value == precision
    assert found["recall of days, 30 % lost, 300 clicks and more"].value == recall
    assert found["false days per campaign-month"].value == false
    assert found["article's rule: recall of days, 30 % lost, 300 clicks and more"].value == 1.0


@pytest.mark.parametrize(("low", "high", "covered"), [(0.2, 0.4, 1.0), (0.31, 0.4, 0.0)])
def test_an_interval_covers_the_share_that_went_missing(tables, low, high, covered):
    queries = campaign_days("", "")
    queries["truth.campaign_days"] = queries["truth.campaign_days"].replace("false as is_", "day = 1 as is_")
    queries["silver.tracking_loss_daily"] = f"""select date '2024-05-05' + day::int as date, 'google' as platform,
        0.3 as loss_rate, {low} as loss_rate_low, {high} as loss_rate_high from range(3) as t(day)"""  # fmt: skip
    found = by_name([shop_result(losses=losses.score(tables(queries)))])
    assert found["coverage, whole platform loses 15 to 50 %"].value == covered
    assert found["coverage of the interval, no loss"].value == 0.0


@pytest.mark.parametrize(("flag", "recall", "false"), [("day = 1", 1.0, 0.0), ("day = 2", 0.0, 1.0)])
def test_cost_anomalies_are_scored_against_the_twin_as_well(tables, flag, recall, false):
    connection = tables(
        {
            "truth.spend_days": """select date '2024-05-05' + day::int as date, 'c' as campaign_id, 40 as clicks,
                8.0 as spend, case when day = 1 then 'x100' end as kind from range(365) as t(day)""",
            "silver.spend_anomalies": f"""select date '2024-05-05' + day::int as date, 'c' as campaign_id,
                {flag} as is_cost_anomaly, null::text as anomaly_kind from range(365) as t(day)""",
        }
    )  # fmt: skip
    rows = spend.score(connection)
    twin = [row | {"kind": None} for row in rows if row["kind"] is None]
    found = by_name([{"world": "spend", "seed": 1, "scores": {"spend": rows, "twin": twin}}])
    assert found["recall, single campaigns"].value == recall
    assert found["false days per campaign-year, without anomalies"].value == pytest.approx(false, rel=0.01)


def shop_result(**scores):
    """The result of a shop world in which only some scores were possible."""
    names = dict.fromkeys(run.SHOP_SCORES)
    return {"world": "shop", "seed": 1, "timeline": None, "scores": names | scores}


def by_name(results):
    return {measure.name: measure for measure in measures(results)}


# --- Runs and reports -------------------------------------------------------------------------------------------------


def an_example():
    """The result of one world with outages found, missed and invented."""
    planted_here = [
        an_outage(),
        an_outage(NOON + 40 * HOUR, kind="partial_gateway"),
        an_outage(NOON + 80 * HOUR, 30, "form_failure"),
    ]
    alarms = [an_alarm() | {"is_alarm": True}, an_alarm(NOON + 60 * HOUR) | {"is_alarm": True}]
    hours = [an_hour(number, "POTENTIAL_OUTAGE" if number < 3 else "NORMAL") for number in range(72)]
    scores = {
        "events": outages.judge_events(planted_here, alarms),
        "false_alarms": outages.false_alarms(planted_here, alarms),
        "days": 30.0,
        "hours": outages.judge_hours(planted_here, hours),
        "article": outages.judge_days(planted_here, []),
    }
    picture = {"first_hour_at": "2024-05-06T00:00", "purchases": [3] * 200, "outages": planted_here, "alarms": alarms,
               "promotions": []}  # fmt: skip
    result = shop_result(outages=scores) | {"timeline": picture}
    return json.loads(json.dumps(result, default=str))


def test_counts_of_other_code_are_not_used(tmp_path):
    file = run.result_file(tmp_path, "shop", 3)
    assert run.read_result(file, "mark") is None
    file.write_text(json.dumps({"fingerprint": "mark"}))
    assert run.read_result(file, "mark") == {"fingerprint": "mark"}
    assert run.read_result(file, "another") is None
    file.write_text("{half a fi")
    assert run.read_result(file, "mark") is None


def test_an_interrupted_run_goes_on_with_its_seeds_and_a_finished_one_does_not(tmp_path):
    fresh, repeat = (argparse.Namespace(out=tmp_path, first_seed=seed) for seed in (None, 41))
    drawn, says = first_seed(fresh)
    assert f"--first-seed {drawn}" in says
    assert first_seed(fresh)[0] == drawn
    assert first_seed(repeat)[0] == 41 == first_seed(fresh)[0]
    (tmp_path / "run.json").write_text(json.dumps({"first_seed": 41, "is_finished": True}))
    assert "fresh" in first_seed(fresh)[1]


def test_finished_worlds_are_not_made_again(tmp_path):
    run.result_file(tmp_path, "shop", 3).write_text(json.dumps({"fingerprint": "mark"}))
    assert list(run.run_all([("shop", 3)], tmp_path, tmp_path, 1, "mark")) == [None]


def test_the_report_needs_no_network_and_no_script(tmp_path):
    results = [an_example()]
    found = measures(results)
    text = page(results, found, tmp_path)
    assert "<script" not in text and "currentColor" in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert set(charts(results, found)) == {"outage_recall", "timeline", "precision_recall"}
    assert "false alarms of the shop per month" in terminal(found)


def test_the_documents_show_the_table_and_its_pictures(tmp_path):
    results = [an_example()]
    write_docs(results, measures(results), tmp_path)
    text = (tmp_path / "evaluation.md").read_text()
    assert "| recall, full payment outages of 1 to 6 h | ≥ 98.0 % | 100.0 % | 20.7 % to 100.0 % | 1 | likely |" in text
    for file in (tmp_path / "evaluation").iterdir():
        assert f"(evaluation/{file.name})" in text and "prefers-color-scheme:dark" in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--worlds", "moon"], "'moon' names other worlds than shop and spend"),
        (["--seeds", "0"], "is not a whole number"),
        (["--out", "README.md"], "evaluation: "),
    ],
)
def test_a_user_error_is_one_line(arguments, says):
    ended = subprocess.run(
        [sys.executable, "-m", "tools.evaluation", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 2 and says in ended.stderr and "Traceback" not in ended.stderr


def test_dates_of_campaign_days_are_dates(shop):
    assert isinstance(ask(shop, "select min(date) from campaign_days")[0][0], date)
