"""What the shop was going through, from outside: one invented shop of four weeks, its raw tables and what must be said of them.

Every hour ten visitors arrive from each of two platforms, eight of ten check out and pay, nine of ten payments succeed; no
chance is involved, so that every flag below has exactly one cause. Sessions have cookies of their own, so that a test asks
for one and is not disturbed by the others. The window is three days, so that journeys end before "now".
"""

import datetime as dt

import pytest
from conftest import TABLES_ALONE

START = dt.datetime(2025, 3, 1)
DAYS = 28
NOW = START + dt.timedelta(days=DAYS)
OUTAGE = dt.datetime(2025, 3, 25, 14), dt.datetime(2025, 3, 25, 17)
KNOWN = dt.datetime(2025, 3, 22, 9), dt.datetime(2025, 3, 22, 12)
SOLD_OUT = dt.datetime(2025, 3, 10, 10), dt.datetime(2025, 3, 10, 14)
FEED_GAP = dt.datetime(2025, 3, 12, 2), dt.datetime(2025, 3, 12, 14)
PROMOTION = dt.datetime(2025, 3, 14, 18), dt.datetime(2025, 3, 16)
LOST_TAGS_FROM = dt.date(2025, 3, 21)
COST_BUG, COPIED, FREE = dt.date(2025, 3, 18), dt.date(2025, 3, 19), dt.date(2025, 3, 20)
SURPLUS = dt.date(2025, 3, 23)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
VARS = {"attribution_window_days": 3}


def within(moment, span):
    return span[0] <= moment < span[1]


class Shop:
    """The raw rows, collected visit by visit."""

    def __init__(self):
        self.events, self.orders = [], []

    def event(self, cookie, moment, name, **values):
        self.events.append({
            "event_id": f"e{len(self.events):06}", "event_ts": moment, "event_name": name, "anonymous_id": cookie,
            "user_agent": BROWSER, **values,
        })

    def visit(self, cookie, moment, steps=(), campaign=None, source=None, **values):
        tags = {"utm_campaign": campaign, "utm_source": source, "utm_medium": "cpc"} if campaign else {}
        self.event(cookie, moment, "page_view", page_url="https://shop.example/", **tags, **values)
        for number, name in enumerate(steps, start=1):
            at, order_id = moment + dt.timedelta(minutes=number), f"o-{cookie}" if name == "purchase" else None
            self.event(cookie, at, name, page_url=f"https://shop.example/{name}", order_id=order_id)
            if order_id:
                self.orders.append({
                    "order_id": order_id, "anonymous_id": cookie, "ordered_at": at, "updated_at": at, "status": "paid",
                    "revenue": 50.0, "currency": "USD",
                })


def steady_traffic(shop):
    """Ten visitors an hour from each platform; the number of the visitor decides what they do."""
    for hour in range(DAYS * 24):
        begin = START + dt.timedelta(hours=hour)
        fails = within(begin, OUTAGE) or within(begin, KNOWN)
        for platform in ("google", "facebook"):
            campaign = "shoes" if platform == "google" else "everything"
            if campaign == "everything" and begin.date() >= LOST_TAGS_FROM:
                campaign = None
            for number in range(10):
                steps = ["begin_checkout", "payment_attempt"] if number < 8 else []
                pays = (hour * 10 + number) % 10 if number < 8 else 9
                if steps and pays != 7 - hour % 8 and not fails:
                    steps.append("purchase")
                moment = begin + dt.timedelta(minutes=5 * number)
                shop.visit(f"{platform}-{hour}-{number}", moment, steps, campaign, platform, ip_hash=f"ip-{hour}-{number}")


def special_visits(shop):
    """Visitors at the edges of a stock-out and of a promotion, machines, and people who look like them."""
    for name, moment in [
        ("before", SOLD_OUT[0] - dt.timedelta(seconds=1)), ("sold out", SOLD_OUT[0]),
        ("still out", SOLD_OUT[1] - dt.timedelta(seconds=1)), ("back", SOLD_OUT[1]),
        ("early in the gap", FEED_GAP[0] + dt.timedelta(hours=3)), ("late in the gap", FEED_GAP[1] - dt.timedelta(minutes=1)),
    ]:
        shop.visit(f"own product {name}", moment, campaign="pair", source="google", sku_id="shoe")
        shop.visit(f"campaign's product {name}", moment, campaign="shoes", source="google")
        shop.visit(f"either product {name}", moment, campaign="pair", source="google")
    for name, moment in [("before", PROMOTION[0] - dt.timedelta(seconds=1)), ("first", PROMOTION[0]),
                         ("last", PROMOTION[1] - dt.timedelta(seconds=1)), ("after", PROMOTION[1])]:
        shop.visit(f"promotion {name}", moment, campaign="shoes", source="google")
    noon = dt.datetime(2025, 3, 17, 12)
    for second in range(0, 60, 2):
        shop.event("reloads", noon + dt.timedelta(seconds=second), "page_view", page_url="https://shop.example/slow")
        shop.event("script", noon + dt.timedelta(seconds=second), "product_view", page_url=f"https://shop.example/p/{second}")
        shop.event("reads on", noon + dt.timedelta(seconds=second**2), "page_view", page_url=f"https://shop.example/{second}")
    for second in range(0, 20, 2):
        shop.event("buys at last", noon + dt.timedelta(seconds=second), "page_view", page_url="https://shop.example/slow")
    shop.event("buys at last", noon + dt.timedelta(minutes=1), "purchase", order_id="o-at-last")
    for number in range(12):
        shop.visit(f"fraud {number}", noon + dt.timedelta(minutes=number), campaign="shoes", source="google", ip_hash="farm")
        shop.visit(f"office {number}", noon + dt.timedelta(minutes=number), ["add_to_cart"] if number % 2 else [],
                   campaign="shoes", source="google", ip_hash="office")  # fmt: skip


def ads():
    """Platform rows: clicks 15 % above sessions, 0.40 a click, and one day of each kind of trouble."""
    google, facebook = [], []
    for day in range(DAYS):
        date = (START + dt.timedelta(days=day)).date()
        loaded = dt.datetime.combine(date, dt.time(23))
        clicks = 100 if date == SURPLUS else 282
        factor = {COST_BUG: 100.0, FREE: 0.0}.get(date, 1.0)
        for campaign, count, price in [("shoes", clicks, factor), ("pair", 12, 1.0), ("nobody comes", 150, 1.0)]:
            for account in ["a1", "a2"] if campaign == "shoes" and date == COPIED else ["a1"]:
                google.append({
                    "segments_date": date, "customer_id": account, "campaign_id": campaign, "ad_id": f"{campaign} {account}",
                    "impressions": count * 20, "clicks": count, "cost_micros": int(count * price * 400_000),
                    "currency_code": "USD", "loaded_at": loaded,
                })  # fmt: skip
        facebook.append({
            "date": date, "campaign_id": "everything", "ad_id": "x", "impressions": 9000, "clicks": 282, "spend": 112.8,
            "currency": "USD", "loaded_at": loaded,
        })
    return google, facebook


def stock():
    rows = []
    for hour in range(DAYS * 24):
        moment = START + dt.timedelta(hours=hour)
        if within(moment, FEED_GAP):
            continue
        rows.append({"snapshot_at": moment, "sku_id": "shoe", "stock_quantity": 0 if within(moment, SOLD_OUT) else 5})
        rows.append({"snapshot_at": moment, "sku_id": "hat", "stock_quantity": 7})
    return rows


def make_world():
    shop = Shop()
    steady_traffic(shop)
    special_visits(shop)
    google, facebook = ads()
    return {
        "raw.clickstream_events": shop.events,
        "crm.orders": shop.orders,
        "raw.google_ads": google,
        "raw.facebook_ads": facebook,
        "warehouse.inventory_hourly_snapshot": stock(),
        "marketing.campaign_config": [
            {"campaign_id": "shoes", "platform": "google", "sku_id": "shoe"},
            {"campaign_id": "pair", "platform": "google", "sku_id": "shoe"},
            {"campaign_id": "pair", "platform": "google", "sku_id": "hat"},
            {"campaign_id": "everything", "platform": "facebook", "sku_id": None},
        ],
        "marketing.promo_calendar": [
            {"promo_id": "p1", "starts_at": PROMOTION[0], "ends_at": PROMOTION[1], "tier": "major"},
            {"promo_id": "p2", "starts_at": PROMOTION[0], "ends_at": PROMOTION[0] + dt.timedelta(hours=2), "tier": "major"},
        ],
        "ops.known_incidents": [
            {"incident_id": "i1", "starts_at": KNOWN[0], "ends_at": KNOWN[1], "component": "payment", "planned": True},
        ],
    }


@pytest.fixture(scope="module")
def built(dbt_build, write_raw, tmp_path_factory):
    raw_dir = write_raw(tmp_path_factory.mktemp("context"), make_world())
    build = dbt_build(raw_dir, vars=VARS, flags=TABLES_ALONE)
    assert build.exit_code == 0, build.output[-2000:]
    return build


def touches_of(build, prefix):
    """{cookie without the prefix: its only touch}"""
    found = build.rows("""
        select sessions.anonymous_id, touches.*
        from silver.touchpoints as touches join silver.sessions as sessions on touches.touchpoint_id = sessions.session_key
        where starts_with(sessions.anonymous_id, $1)
    """, [prefix])  # fmt: skip
    assert len({row["anonymous_id"] for row in found}) == len(found)
    return {row["anonymous_id"].removeprefix(prefix): row for row in found}


# --- Stock and promotions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["own product ", "campaign's product "])
def test_a_touch_knows_the_stock_of_its_second(built, whose):
    flags = {name: touch["is_out_of_stock"] for name, touch in touches_of(built, whose).items()}
    assert flags == {"before": False, "sold out": True, "still out": True, "back": False,
                     "early in the gap": False, "late in the gap": None}  # fmt: skip


def test_of_two_products_one_sold_out_says_nothing(built):
    flags = {name: touch["is_out_of_stock"] for name, touch in touches_of(built, "either product ").items()}
    assert flags == {"before": False, "sold out": None, "still out": None, "back": False,
                     "early in the gap": False, "late in the gap": None}  # fmt: skip


def test_availability_counts_observed_hours_only(built):
    found = {row["date"]: row for row in built.rows("select * from silver.sku_availability_daily where sku_id = 'shoe'")}
    assert (found[SOLD_OUT[0].date()]["availability_rate"], found[SOLD_OUT[0].date()]["observed_hours"]) == (20 / 24, 24)
    gap = found[FEED_GAP[0].date()]
    assert (gap["availability_rate"], gap["observed_hours"], gap["out_of_stock_hours"]) == (1, 12, 0)


def test_a_missing_hour_is_unknown(built):
    found = built.rows("select * from silver.sku_availability_hourly where sku_id = 'shoe' and not is_observed")
    assert [row["hour_at"] for row in found if within(row["hour_at"], FEED_GAP)] and all(
        row["stock_quantity"] is None and row["is_out_of_stock"] is None for row in found
    )


def test_campaigns_have_one_row_a_day_whatever_they_advertise(built):
    day = SOLD_OUT[0].date()
    found = built.rows("select * from gold.campaign_daily_features where date = $1", [day])
    features = {row["campaign_id"]: row for row in found}
    assert len(features) == len(found)
    assert {name: features[name]["avg_sku_availability"] for name in ("shoes", "pair", "everything")} == {
        "shoes": pytest.approx(20 / 24), "pair": pytest.approx(22 / 24), "everything": pytest.approx(22 / 24),
    }  # fmt: skip
    hours = {name: (features[name]["is_out_of_stock"], features[name]["out_of_stock_hours"]) for name in features}
    assert (hours["shoes"], hours["pair"], hours["everything"]) == ((True, 4), (True, 4), (False, 0))
    assert features["nobody comes"]["avg_sku_availability"] is None


def test_a_promotion_ends_with_its_last_second(built):
    flags = {name: touch["is_major_promo"] for name, touch in touches_of(built, "promotion ").items()}
    assert flags == {"before": False, "first": True, "last": True, "after": False}
    days = built.rows("select distinct date from gold.campaign_daily_features where is_major_promo order by 1")
    assert [row["date"] for row in days] == [dt.date(2025, 3, 14), dt.date(2025, 3, 15)]


# --- Machines ---------------------------------------------------------------------------------------------------------


def test_machines_and_storms_are_told_from_people(built):
    found = built.rows("select anonymous_id, visitor_tag, is_bot, is_phantom from silver.sessions")
    tags = {row["anonymous_id"]: (row["visitor_tag"], row["is_bot"], row["is_phantom"]) for row in found}
    person = ("PERSON", False, False)
    assert tags["reloads"] == ("RELOAD_STORM", False, True)
    assert tags["script"] == ("SCRIPT", True, False)
    assert {tags[f"fraud {number}"] for number in range(12)} == {("CLICK_FRAUD", False, True)}
    assert {tags[name] for name in ("reads on", "buys at last", *(f"office {number}" for number in range(12)))} == {person}
    steady = {tag for cookie, tag in tags.items() if cookie.startswith(("google-", "facebook-"))}
    assert steady == {person}


def test_machines_and_storms_never_become_touches(built):
    machines = built.rows("""
        select count(*) as touches from silver.touchpoints as touches
        join silver.sessions as sessions on touches.touchpoint_id = sessions.session_key
        where sessions.is_bot or sessions.is_phantom
    """)
    assert machines == [{"touches": 0}]
    assert not touches_of(built, "reloads") and not touches_of(built, "script") and not touches_of(built, "fraud ")


# --- Clicks and costs -------------------------------------------------------------------------------------------------


def flags_of(build, campaign):
    found = build.rows("select * from silver.campaign_discrepancy where campaign_id = $1 order by date", [campaign])
    return {row["date"]: row for row in found}


def test_a_steady_gap_is_no_news_and_a_surplus_is(built):
    flags = flags_of(built, "shoes")
    low = [date for date, row in flags.items() if row["data_quality_flag"] == "LOW_CONFIDENCE"]
    assert low == [COPIED, SURPLUS]  # a second copy of the rows doubles the clicks too
    assert flags[SURPLUS]["discrepancy_rate"] < -1
    usual = flags[dt.date(2025, 3, 8)]
    assert usual["data_quality_flag"] == "HIGH_CONFIDENCE"
    assert usual["discrepancy_rate"] == pytest.approx(1 - 240 / 282)


def test_clicks_without_any_session_are_not_trusted(built):
    assert {row["data_quality_flag"] for row in flags_of(built, "nobody comes").values()} == {"LOW_CONFIDENCE"}
    lost = {date for date, row in flags_of(built, "everything").items() if row["data_quality_flag"] == "LOW_CONFIDENCE"}
    assert lost == {LOST_TAGS_FROM + dt.timedelta(days=day) for day in range((NOW.date() - LOST_TAGS_FROM).days)}


def test_small_campaigns_are_not_judged(built):
    assert {row["data_quality_flag"] for row in flags_of(built, "pair").values()} == {"INSUFFICIENT_DATA"}


def test_tracking_loss_is_estimated_with_an_interval(built):
    found = built.rows("select * from silver.tracking_loss_daily where platform = 'facebook' and date > '2025-03-05'")
    for row in found:
        truth = 1 if row["date"] >= LOST_TAGS_FROM else 0
        assert row["loss_rate_low"] - 0.01 <= truth <= row["loss_rate_high"] + 0.01


def test_costs_are_believed_unless_something_went_wrong(built):
    found = built.rows("select date, campaign_id, anomaly_kind, spend_ratio from silver.spend_anomalies where is_cost_anomaly")
    kinds = {(row["date"], row["campaign_id"]): row["anomaly_kind"] for row in found}
    assert kinds == {
        (COST_BUG, "shoes"): "unit", (COPIED, "shoes"): "duplicate_export", (FREE, "shoes"): "zero_spend",
    }  # fmt: skip
    [ratio] = [row["spend_ratio"] for row in found if row["date"] == COST_BUG]
    assert ratio == pytest.approx(100)


# --- Outages ----------------------------------------------------------------------------------------------------------


def test_an_outage_is_found_within_its_first_hour_and_named(built):
    outages = built.rows("select * from silver.outages where scope = 'all' order by started_at")
    spans = [(row["started_at"], row["ended_at"], row["step"], row["is_alarm"], row["is_planned"]) for row in outages]
    assert spans == [(*KNOWN, "payment", False, True), (*OUTAGE, "payment", True, False)]
    assert [row["detected_at"] - row["started_at"] for row in outages] == [dt.timedelta(hours=1)] * 2


def test_a_known_incident_keeps_its_flag(built):
    for span in (KNOWN, OUTAGE):
        hours = built.rows(
            "select * from gold.system_health_hourly where hour_at >= $1 and hour_at < $2 order by scope, hour_at", span
        )
        assert len(hours) >= 9 and {row["scope"] for row in hours} >= {"all", "google", "facebook"}
        assert {row["system_health_tag"] for row in hours} == {"POTENTIAL_OUTAGE"}
        assert {row["suspected_step"] for row in hours} == {"payment"}
        assert all(row["system_health_score"] < 0.2 for row in hours if row["scope"] == "all")


def test_all_other_hours_are_healthy(built):
    tags = built.rows("select hour_at, system_health_tag from gold.system_health_hourly where scope = 'all'")
    named = {row["hour_at"] for row in tags if row["system_health_tag"] == "POTENTIAL_OUTAGE"}
    assert all(within(hour, KNOWN) or within(hour, OUTAGE) for hour in named)
    normal = [row for row in tags if row["system_health_tag"] == "NORMAL"]
    assert len(normal) > (DAYS - 5) * 24


def test_hours_add_up_to_the_day(built):
    hourly = built.rows("""
        select cast(hour_at as date) as date, sum(sessions) as sessions, sum(transactions) as transactions
        from gold.system_health_hourly where scope = 'all' group by 1 order by 1
    """)
    daily = built.rows("select date, sum(sessions) as sessions, sum(transactions) as transactions from gold.traffic_summary"
                       " group by 1 order by 1")  # fmt: skip
    assert [row for row in hourly if row["sessions"]] == daily


def test_the_hardened_tag_stands_beside_the_rule_of_thumb(built):
    found = built.rows("select * from gold.traffic_summary where source = 'google' order by date")
    outage_days = {row["date"] for row in found if row["hardened_health_tag"] == "POTENTIAL_OUTAGE"}
    assert outage_days == {KNOWN[0].date(), OUTAGE[0].date()}
    assert {row["outage_hours"] for row in found} == {0, 3}
    assert {row["system_health_tag"] for row in found[:14]} == {"INSUFFICIENT_HISTORY"}


# --- Credit -----------------------------------------------------------------------------------------------------------


def journeys_of(build, cookies):
    return build.rows("""
        select sessions.anonymous_id, journeys.*
        from gold.journeys as journeys
        join gold.journey_touchpoints as touches using (journey_id)
        join silver.sessions as sessions on touches.touchpoint_id = sessions.session_key
        where journeys.conversion_type = 'purchase' and list_contains($1, sessions.anonymous_id)
    """, [cookies])  # fmt: skip


def test_a_journey_that_ended_at_a_wall_is_blocked(built):
    during = [f"google-{hour}-0" for hour in range(24 * 24 + 14, 24 * 24 + 17)]
    reasons = {row["anonymous_id"]: (row["journey_status"], row["is_blocked"], row["blocked_reason"])
               for row in journeys_of(built, ["own product before", "own product sold out", *during])}  # fmt: skip
    assert reasons["own product before"] == ("lost", False, None)
    assert reasons["own product sold out"] == ("lost", True, "out_of_stock")
    assert {reasons[cookie][1:] for cookie in during} == {(True, "outage")}


def test_blocked_and_open_journeys_are_not_losses(built):
    [counts] = built.rows("""
        select count(*) filter (journey_status = 'converted' and touch_count > 0) as converted,
            count(*) filter (journey_status <> 'converted') as others,
            count(*) filter (journey_status = 'lost' and not is_blocked) as losses
        from gold.journeys where conversion_type = 'purchase'
    """)
    ends = {
        (row["context_policy"], row["to_state"]): row["steps"]
        for row in built.rows("""
            select context_policy, to_state, sum(transition_count) as steps from gold.transition_counts
            where conversion_type = 'purchase' and to_state in ('(conversion)', '(null)') group by 1, 2
        """)
    }
    assert counts["losses"] < counts["others"]
    assert ends == {
        ("naive", "(conversion)"): counts["converted"], ("naive", "(null)"): counts["others"],
        ("context_aware", "(conversion)"): counts["converted"], ("context_aware", "(null)"): counts["losses"],
    }  # fmt: skip


# --- Confidence -------------------------------------------------------------------------------------------------------


def test_confidence_is_the_product_of_its_parts_and_falls_with_each(built):
    parts = [f"{part}_confidence_score" for part in ("tracking", "stock", "health", "spend", "traffic")]
    rows = built.rows("select * from gold.campaign_daily_features where campaign_id = 'shoes'")
    features = {row["date"]: row for row in rows}
    for row in rows:
        product = 1.0
        for part in parts:
            product *= row[part]
        assert row["confidence_score"] == pytest.approx(product) and 0 <= row["confidence_score"] <= 1
    calm = features[dt.date(2025, 3, 8)]
    assert calm["confidence_score"] == 1
    for date, part in [
        (COST_BUG, "spend"), (SURPLUS, "tracking"), (SOLD_OUT[0].date(), "stock"), (OUTAGE[0].date(), "health"),
    ]:
        assert features[date][f"{part}_confidence_score"] < 1
        assert features[date]["confidence_score"] < calm["confidence_score"]


# --- Time -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def as_it_was(dbt_build, built, write_raw, tmp_path_factory):
    """The same shop built a week earlier, without tests."""
    raw_dir = write_raw(tmp_path_factory.mktemp("before"), make_world())
    build = dbt_build(raw_dir, vars={**VARS, "as_of": "2025-03-20T23:59:59Z"},
                      select=["+campaign_daily_features", "+system_health_hourly"],
                      flags=TABLES_ALONE)  # fmt: skip
    assert build.exit_code == 0, build.output[-2000:]
    return build


@pytest.mark.parametrize("query", [
    "select sku_id, hour_at, is_out_of_stock, known_stock_quantity from silver.sku_availability_hourly where hour_at < $1",
    "select date, campaign_id, data_quality_flag, z_score from silver.campaign_discrepancy where date < $1",
    "select date, campaign_id, anomaly_kind, expected_spend from silver.spend_anomalies where date < $1",
    "select session_key, visitor_tag from silver.sessions where ended_at < $1",
    "select touchpoint_id, is_out_of_stock, is_major_promo from silver.touchpoints where touched_at < $1",
    "select hour_at, scope, system_health_tag, suspected_step from gold.system_health_hourly where hour_at < $1",
])  # fmt: skip
def test_what_comes_later_does_not_change_flags_of_the_past(built, as_it_was, query):
    until = [dt.datetime(2025, 3, 19)]
    assert as_it_was.rows(f"{query} order by all", until) == built.rows(f"{query} order by all", until)
