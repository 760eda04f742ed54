"""What is understood: sessions, channels, conversions and their value, consent, and erasure, case by case.

One shop reports in euros on Los Angeles days. It is built twice: as it is, and with requests to forget five of its people.
Each case has cookies of its own, so that a test asks for one and is not disturbed by the others.
"""

import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from conftest import TABLES_ALONE

DAY = "2025-03-02"  # 08:00 UTC of it begins the day in Los Angeles


def at(time, day=DAY):
    return f"{day}T{time}Z"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Events(list):
    def add(self, anonymous_id, time, event_name="page_view", **values):
        self.append({
            "event_id": f"e{len(self):04}", "event_ts": time if "T" in time else at(time), "event_name": event_name,
            "anonymous_id": anonymous_id, **values,
        })


def order(order_id, time="20:00:00", **values):
    return {
        "order_id": order_id, "ordered_at": time if "T" in time else at(time), "updated_at": at("23:00:00"),
        "status": "paid", "revenue": 100.0, "currency": "EUR", **values,
    }


ARRIVALS = {
    "nothing said": ({}, "direct"),
    "own site": ({"referrer": "https://shop.example/cart", "page_url": "https://www.shop.example/"}, "direct"),
    "google cpc": ({"utm_source": "google", "utm_medium": "cpc"}, "paid_search"),
    "Google CPC": ({"utm_source": "Google", "utm_medium": "CPC"}, "paid_search"),
    "bing ppc": ({"utm_source": "bing", "utm_medium": "ppc"}, "paid_search"),
    "facebook cpc": ({"utm_source": "facebook", "utm_medium": "cpc"}, "paid_social"),
    "tiktok paid": ({"utm_source": "tiktok", "utm_medium": "paid_social"}, "paid_social"),
    "youtube cpv": ({"utm_source": "youtube", "utm_medium": "cpv"}, "paid_video"),
    "banner": ({"utm_source": "news.example", "utm_medium": "display"}, "display"),
    "newsletter": ({"utm_source": "newsletter", "utm_medium": "email"}, "email"),
    "partner": ({"utm_source": "partner", "utm_medium": "affiliate"}, "affiliates"),
    "text message": ({"utm_source": "crm", "utm_medium": "sms"}, "sms"),
    "push": ({"utm_source": "crm", "utm_medium": "push"}, "mobile_push"),
    "google organic": ({"utm_source": "google", "utm_medium": "organic"}, "organic_search"),
    "google click": ({"gclid": "x"}, "paid_search"),
    "facebook click": ({"fbclid": "x"}, "paid_social"),
    "tiktok click": ({"ttclid": "x"}, "paid_social"),
    "click before tags": ({"gclid": "x", "utm_source": "newsletter", "utm_medium": "email"}, "paid_search"),
    "search engine": ({"referrer": "https://www.google.co.uk/"}, "organic_search"),
    "social network": ({"referrer": "https://l.facebook.com/l.php?u=x"}, "organic_social"),
    "another site": ({"referrer": "https://blog.example/post"}, "referral"),
    "unknown medium": ({"utm_source": "somewhere", "utm_medium": "smoke signal"}, "unassigned"),
    "campaign says": ({"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "tv"}, "audio"),
}

ERASED = {"mail": "email", "login": "customer_id", "cookie": "anonymous_id", "phone": "phone"}


def make_world():
    events, orders, customers, calls, consents, links = Events(), [], [], [], [], []

    # Sessions.
    for time in ["10:00:00", "10:29:59", "10:59:58", "11:29:59"]:
        events.add("patient visitor", time)
    for time, campaign in [
        ("10:00:00", "a"),
        ("10:01:00", "a"),
        ("10:05:00", "b"),
        ("10:06:00", None),
        ("10:07:00", "a"),
    ]:
        tags = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": campaign} if campaign else {}
        events.add("many campaigns", time, **tags)
    for time, name in [
        ("10:00:00", "page_view"),
        ("10:01:00", "add_to_cart"),
        ("10:02:00", "begin_checkout"),
        ("10:03:00", "purchase"),
    ]:
        events.add("funnel", time, name, order_id="funnel" if name == "purchase" else None)
    events.add(
        "crawler", "10:00:00", user_agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    )
    events.add("elsewhere", "10:00:00", "ad_impression", utm_source="facebook", utm_medium="cpc")
    events.add("elsewhere", "10:01:00", "email_open", utm_source="newsletter", utm_medium="email")
    events.add("late at night", at("07:59:59"))  # still the day before in Los Angeles
    for number, (values, _) in enumerate(ARRIVALS.values()):
        events.add(f"arrival {number}", "12:00:00", **values)

    # Orders and their value.
    orders += [
        order("funnel", "10:03:00", anonymous_id="funnel"),
        order("euro"),
        order("dollar", currency="USD"),
        order("dollar next day", "2025-03-03T20:00:00Z", currency="usd"),  # no rate of that day: the last one before
        order("dollar last night", at("07:59:59"), currency="USD"),  # the rate of the Los Angeles day
        order("cancelled", status="cancelled"),
        order("refunded", status="refunded", refund_amount=100.0),
        order("partly refunded", status="partially_refunded", refund_amount=30.0, currency="USD"),
        order("placed", status="placed"),
        order("nobody's", revenue=1.0),
        order("Bestellung № 7 > \"x\" | 'y'", anonymous_id='a cookie | with > spaces, and "quotes"'),
        order("same id"),
    ]
    events.add('a cookie | with > spaces, and "quotes"', "19:00:00", utm_source="google", utm_medium="cpc")
    events.add("lead", "10:00:00", "generate_lead", value=20.0, currency="USD")
    events.add("signs up", "10:00:00", "sign_up")
    calls += [
        {"conversion_id": "same id", "occurred_at": at("21:00:00"), "conversion_type": "phone_call", "value": 10.0,
         "currency": "USD"},
        {"conversion_id": "caller", "occurred_at": at("21:00:00"), "conversion_type": "phone_call", "phone": "0049-30-1234"},
        {"conversion_id": "writer", "occurred_at": at("21:00:00"), "conversion_type": "store_visit",
         "email": " Writer@Example.ORG "},
    ]
    customers += [
        {
            "customer_id": "caller",
            "email": "caller@example.org",
            "phone": "0049 (30) 1234",
            "created_at": at("00:00:00"),
        },
        {"customer_id": "writer", "email": "writer@example.org", "created_at": at("00:00:00")},
    ]
    for person in ["caller", "writer"]:
        events.add(f"{person}'s phone", "09:00:00", user_id=person, utm_source="google", utm_medium="cpc")

    # Consent.
    def decide(identifier_type, identifier, purpose, granted, time):
        consents.append({
            "identifier_type": identifier_type, "identifier": identifier, "purpose": purpose, "granted": granted,
            "recorded_at": at(time),
        })

    for consent, time in [(True, "09:00:00"), (False, "11:00:00"), (None, "13:00:00")]:
        events.add("banner", time, consent=consent)
    for purpose in ["analytics", "marketing", "identity_linking"]:
        decide("anonymous_id", f"refuses {purpose}", purpose, False, "10:00:00")
        decide("anonymous_id", f"refuses {purpose}", purpose, True, "12:00:00")
        for time in ["09:00:00", "11:00:00", "13:00:00"]:
            events.add(f"refuses {purpose}", time)
    events.add("unlinkable", "09:00:00", utm_source="google", utm_medium="cpc")
    decide("customer_id", "private", "identity_linking", False, "10:00:00")
    events.add("unlinkable", "11:00:00", user_id="private")
    orders.append(order("private", customer_id="private"))
    links.append({
        "identifier_type_a": "anonymous_id", "identifier_a": "unlinkable", "identifier_type_b": "customer_id",
        "identifier_b": "private", "observed_at": at("14:00:00"),
    })

    # An address that is only known as the hash some other system made of it.
    for time in ["09:00:00", "11:00:00"]:
        events.add("reader", time, email_hash=sha256("reader@example.org"))
        events.add("subscriber", time, email_hash=sha256("subscriber@example.org"))
    decide("email", " Reader@Example.org", "analytics", False, "10:00:00")

    # A tablet in the hall, used by one who will be forgotten and one who will not.
    events.add("hall tablet", "20:30:00", user_id="forget-login")
    events.add("hall tablet", "21:30:00", user_id="forget-stays")

    # People who will ask to be forgotten, by four kinds of identifier, and one who will not.
    for person in [*ERASED, "stays"]:
        name = f"forget-{person}"
        customers.append({
            "customer_id": name, "email": f"{name}@example.org", "phone": f"+1 555 {len(customers):04}",
            "created_at": at("00:00:00"),
        })
        events.add(f"{name}-phone", "15:00:00", utm_source="google", utm_medium="cpc", user_id=name)
        events.add(
            f"{name}-laptop",
            "16:00:00",
            utm_source="facebook",
            utm_medium="cpc",
            email_hash=sha256(f"{name}@example.org"),
        )
        events.add(f"{name}-laptop", "16:01:00", "generate_lead", value=5.0, currency="EUR")
        events.add(f"{name}-tablet", "16:30:00", "ad_impression", utm_source="facebook", utm_medium="cpc")
        links.append({
            "identifier_type_a": "anonymous_id", "identifier_a": f"{name}-tablet", "identifier_type_b": "email",
            "identifier_b": f"{name}@example.org", "observed_at": at("16:40:00"),
        })
        orders.append(order(f"order of {person}", "18:00:00", customer_id=name))
        calls.append({
            "conversion_id": f"call of {person}", "occurred_at": at("19:00:00"), "conversion_type": "phone_call",
            "email": f"{name}@example.org", "value": 7.0, "currency": "EUR",
        })

    return {
        "raw.clickstream_events": events,
        "crm.orders": orders,
        "crm.customers": customers,
        "raw.offline_conversions": calls,
        "raw.identity_links": links,
        "privacy.consent_log": consents,
        "finance.fx_rates": [
            {"date": "2025-03-01", "currency": "USD", "rate_to_reporting": 0.5},
            {"date": DAY, "currency": "USD", "rate_to_reporting": 0.9},
        ],
        "marketing.campaign_config": [{"campaign_id": "tv", "platform": "radio", "channel": "audio"}],
        "raw.google_ads": [
            {"segments_date": DAY, "campaign_id": "0", "impressions": 0, "clicks": 0, "cost_micros": 2_500_000,
             "currency_code": "USD", "loaded_at": at("23:00:00")},
        ],
        "raw.facebook_ads": [
            {"date": DAY, "campaign_id": "1", "impressions": 10, "clicks": 1, "spend": 3.0, "currency": "EUR",
             "loaded_at": at("23:00:00")},
        ],
        "raw.tiktok_ads": [
            {"stat_time_day": DAY, "campaign_id": "2", "impressions": 10, "clicks": 1, "spend": 10.0, "currency": "USD",
             "loaded_at": at("23:00:00")},
        ],
    }


WORLD = make_world()
CUSTOMER = {row["customer_id"].removeprefix("forget-"): row for row in WORLD["crm.customers"]}
REQUESTS = [
    {"identifier_type": "email", "identifier": " Forget-Mail@EXAMPLE.org ", "requested_at": at("22:00:00")},
    {"identifier_type": "customer_id", "identifier": "forget-login", "requested_at": at("22:00:00")},
    {"identifier_type": "anonymous_id", "identifier": "forget-cookie-tablet", "requested_at": at("22:00:00")},
    {
        "identifier_type": "phone",
        "identifier": CUSTOMER["phone"]["phone"].replace(" ", "-"),
        "requested_at": at("22:00:00"),
    },
    {"identifier_type": "email", "identifier": "subscriber@example.org", "requested_at": at("22:00:00")},
]
SHOP = {
    "reporting_timezone": "America/Los_Angeles",
    "reporting_currency": "EUR",
    "attribution_window_days": 45,
    "markov_order": 2,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def build(write_raw, shop, tmp_path_factory, dbt_build):
    """The shop as it is, with every dbt test of the project: they hold under any switches."""
    finished = dbt_build(write_raw(shop, WORLD), db=shop / "feature_store.duckdb", vars=SHOP)
    assert finished.exit_code == 0, finished.output[-2000:]
    return replace(finished, db=finished.copy_db(tmp_path_factory.mktemp("as it was")))


@pytest.fixture(scope="module")
def forgetful(write_raw, shop, build, dbt_build):
    """The shop after requests to be forgotten."""
    raw = write_raw(shop, {"privacy.erasure_requests": REQUESTS})
    finished = dbt_build(raw, db=shop / "feature_store.duckdb", vars=SHOP, flags=TABLES_ALONE)
    assert finished.exit_code == 0, finished.output[-2000:]
    return finished


def sessions(build, anonymous_id):
    return build.rows("select * from silver.sessions where anonymous_id = $1 order by started_at", [anonymous_id])


def touches(build, anonymous_id):
    """The touches of the person who owns a cookie."""
    return build.rows(
        "select touchpoints.* from silver.touchpoints inner join silver.identity_map using (person_id)"
        " where identifier_type = 'anonymous_id' and identifier_value = $1 order by touched_at",
        [anonymous_id],
    )


def person(build, identifier_type, identifier_value):
    [row] = build.rows(
        "select person_id from silver.identity_map where identifier_type = $1 and identifier_value = $2",
        [identifier_type, identifier_value],
    )
    return row["person_id"]


def test_a_pause_of_thirty_minutes_ends_a_session_and_a_shorter_one_does_not(build):
    # 11:29:59 follows 10:59:58 by thirty minutes and one second.
    assert [row["event_count"] for row in sessions(build, "patient visitor")] == [3, 1]
    [first, second] = sessions(build, "patient visitor")
    assert (first["started_at"].time(), first["ended_at"].time()) == (dt.time(10), dt.time(10, 59, 58))


def test_another_campaign_starts_a_session_and_an_untagged_page_does_not(build):
    rows = sessions(build, "many campaigns")
    assert [(row["campaign_id"], row["event_count"]) for row in rows] == [("a", 2), ("b", 2), ("a", 1)]


def test_a_session_knows_how_far_it_went(build):
    [row] = sessions(build, "funnel")
    assert row["has_add_to_cart"] and row["has_checkout"] and row["has_transaction"] and row["event_count"] == 4
    [row] = sessions(build, "late at night")
    assert not (row["has_add_to_cart"] or row["has_checkout"] or row["has_transaction"])


def test_a_crawler_has_a_session_and_no_touch(build):
    assert [row["is_bot"] for row in sessions(build, "crawler")] == [True]
    assert touches(build, "crawler") == []


def test_impressions_and_opened_mails_are_touches_and_no_sessions(build):
    assert sessions(build, "elsewhere") == []
    rows = touches(build, "elsewhere")
    assert [row["channel"] for row in rows] == ["paid_social", "email"]
    assert rows[0]["interaction_type"] == "view" and all(row["interaction_type"] != "click" for row in rows)


@pytest.mark.parametrize("case", ARRIVALS)
def test_an_arrival_has_its_channel(build, case):
    cookie = f"arrival {list(ARRIVALS).index(case)}"
    [session], [touch] = sessions(build, cookie), touches(build, cookie)
    assert session["channel"] == touch["channel"] == ARRIVALS[case][1]
    assert touch["interaction_type"] == "click" and touch["touched_at"] == session["started_at"]


@pytest.mark.parametrize(
    ("conversion_type", "conversion_id", "gross", "net"),
    [
        ("purchase", "euro", 100, 100),
        ("purchase", "dollar", 90, 90),
        ("purchase", "dollar next day", 90, 90),
        ("purchase", "dollar last night", 50, 50),
        ("purchase", "partly refunded", 90, 63),
        ("purchase", "placed", 100, 100),
        ("purchase", "nobody's", 1, 1),
        ("purchase", "same id", 100, 100),
        ("phone_call", "same id", 9, 9),
        ("phone_call", "caller", 0, 0),
    ],
)
def test_a_conversion_is_worth_its_amount_in_the_reporting_currency_less_what_went_back(
    build, conversion_type, conversion_id, gross, net
):
    [row] = build.rows(
        "select * from silver.conversions where conversion_type = $1 and conversion_id = $2",
        [conversion_type, conversion_id],
    )
    assert row["gross_revenue"] == pytest.approx(gross, rel=1e-12)
    assert row["net_revenue"] == pytest.approx(net, rel=1e-12)
    assert row["gross_revenue"] - row["refund_amount"] == pytest.approx(net, rel=1e-12)


def test_cancelled_orders_are_no_conversions_and_refunded_ones_bring_nothing(build):
    rows = build.rows("select * from silver.conversions where conversion_id in ('cancelled', 'refunded')")
    assert all(row["conversion_id"] == "refunded" and row["net_revenue"] == 0 for row in rows)


def test_leads_and_sign_ups_are_conversions(build):
    rows = build.rows(
        "select net_revenue from silver.conversions where conversion_type = 'lead' and person_id = $1",
        [person(build, "anonymous_id", "lead")],
    )
    assert rows == [{"net_revenue": 18}]
    assert build.rows("select count(*) as sign_ups from silver.conversions where conversion_type = 'sign_up'") == [
        {"sign_ups": 1}
    ]


@pytest.mark.parametrize("caller", ["caller", "writer"])
def test_an_offline_conversion_finds_its_person_however_the_contact_is_spelled(build, caller):
    [row] = build.rows(
        "select person_id, channel_path from gold.journeys where conversion_id = $1 and journey_status = 'converted'",
        [caller],
    )
    assert row == {"person_id": person(build, "anonymous_id", f"{caller}'s phone"), "channel_path": ["paid_search"]}


def test_ids_with_separators_and_quotes_keep_their_touch(build):
    [row] = build.rows(
        "select channel_path from gold.journeys where conversion_id = $1", ["Bestellung № 7 > \"x\" | 'y'"]
    )
    assert row == {"channel_path": ["paid_search"]}


def test_business_days_are_those_of_the_reporting_timezone(build):
    night = build.rows(
        "select date, sum(sessions) as sessions from gold.traffic_summary where date < '2025-03-02' group by all"
    )
    assert night == [{"date": dt.date(2025, 3, 1), "sessions": 1}]


def test_spend_of_three_platforms_is_in_one_currency(build):
    rows = build.rows(
        "select campaign_id, platform, clicks, spend, channel from gold.campaign_daily_features where spend > 0 order by 1"
    )
    assert rows == [
        {"campaign_id": "0", "platform": "google", "clicks": 0, "spend": pytest.approx(2.25), "channel": "paid_search"},
        {"campaign_id": "1", "platform": "facebook", "clicks": 1, "spend": pytest.approx(3), "channel": "paid_social"},
        {"campaign_id": "2", "platform": "tiktok", "clicks": 1, "spend": pytest.approx(9), "channel": "paid_social"},
    ]


def test_a_banner_answered_with_no_keeps_the_event_out(build):
    assert [row["started_at"].hour for row in sessions(build, "banner")] == [9, 13]
    assert [row["touched_at"].hour for row in touches(build, "banner")] == [9, 13]


@pytest.mark.parametrize(
    ("purpose", "in_sessions", "in_touches"),
    [
        ("analytics", [9, 13], [9, 13]),
        ("marketing", [9, 11, 13], [9, 13]),
        ("identity_linking", [9, 11, 13], [9, 11, 13]),
    ],
)
def test_the_latest_decision_before_an_event_rules_it(build, purpose, in_sessions, in_touches):
    assert [row["started_at"].hour for row in sessions(build, f"refuses {purpose}")] == in_sessions
    assert [row["touched_at"].hour for row in touches(build, f"refuses {purpose}")] == in_touches


def test_a_decision_by_address_rules_events_that_hold_its_hash(build):
    assert [row["started_at"].hour for row in sessions(build, "reader")] == [9]


def test_refused_linking_joins_nobody(build):
    assert person(build, "anonymous_id", "unlinkable") != person(build, "customer_id", "private")
    [row] = build.rows("select touch_count from gold.journeys where conversion_id = 'private'")
    assert row == {"touch_count": 0}


SILVER = ["identity_map", "sessions", "touchpoints", "conversions", "marketing_performance"]


@pytest.mark.parametrize("name", ["mail", "login", "cookie", "phone", "stays"])
def test_the_people_to_forget_were_whole_before(build, name):
    assert (
        len({person(build, "anonymous_id", f"forget-{name}-{device}") for device in ["phone", "laptop", "tablet"]}) == 1
    )
    [row] = build.rows("select channel_path from gold.journeys where conversion_id = $1", [f"order of {name}"])
    assert row["channel_path"] == ["paid_search", "paid_social", "paid_social"]


@pytest.mark.parametrize("name", ERASED)
def test_an_erased_person_is_nowhere_in_silver_and_gold(build, forgetful, name):
    secrets = build.rows("select identifier_value from silver.identity_map where person_id = $1",
                         [person(build, "customer_id", f"forget-{name}")])
    secrets = [row["identifier_value"] for row in secrets] + [person(build, "customer_id", f"forget-{name}")]
    assert len(secrets) >= 7
    tables = forgetful.rows(
        "select table_schema, table_name from information_schema.tables where table_schema = 'gold'"
    )
    tables = [f"gold.{row['table_name']}" for row in tables] + [f"silver.{name}" for name in SILVER]
    texts = {table: repr(forgetful.rows(f"select * from {table}")) for table in tables}
    assert [table for table, text in texts.items() if any(repr(secret) in text for secret in secrets)] == []


def test_a_request_by_address_finds_the_cookie_that_holds_its_hash(build, forgetful):
    assert len(sessions(build, "subscriber")) == 2
    assert sessions(forgetful, "subscriber") == []


def test_what_was_sold_to_erased_people_still_counts_and_is_nobodys(build, forgetful):
    total = (
        "select conversion_type, count(*) as conversions, sum(net_revenue) as revenue from silver.conversions"
        " group by all order by all"
    )
    assert forgetful.rows(total) == build.rows(total)
    for name in ERASED:
        rows = forgetful.rows(
            "select distinct channel from gold.attribution_credits where conversion_id = $1", [f"order of {name}"]
        )
        assert rows == [{"channel": "unattributed"}]


@pytest.mark.parametrize("table", ["identity_map", "sessions", "touchpoints"])
def test_everybody_else_stays_as_they_were(build, forgetful, table):
    gone = {person(build, "customer_id", f"forget-{name}") for name in ERASED} | {
        person(build, "anonymous_id", "subscriber")
    }
    before = [row for row in build.rows(f"select * from silver.{table} order by all") if row["person_id"] not in gone]
    assert forgetful.rows(f"select * from silver.{table} order by all") == before


def test_rule_credits_of_everybody_else_stay_as_they_were(build, forgetful):
    credits = (
        "select * from gold.attribution_credits where attribution_model not in ('markov', 'shapley')"
        " and conversion_id in (select conversion_id from gold.journeys where person_id = $1) order by all"
    )
    stays = person(build, "customer_id", "forget-stays")
    assert forgetful.rows(credits, [stays]) == build.rows(credits, [stays]) != []
