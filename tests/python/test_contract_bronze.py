"""What comes in, as the data contract promises it: typed, deduplicated, counted, and bounded by "now".

One raw world holds a case per id; every table of it has rows that must not pass. Expected numbers are counted by hand.
"""

import datetime as dt
import json
import shutil

import pytest
from conftest import TABLES_ALONE



def event(event_id, event_ts, **values):
    return {
        "event_id": event_id,
        "event_ts": event_ts,
        "event_name": "page_view",
        "anonymous_id": f"cookie of {event_id}",
        **values,
    }


def order(order_id, ordered_at, **values):
    usual = {"updated_at": ordered_at, "status": "paid", "revenue": "10.00", "currency": "USD"}
    return {"order_id": order_id, "ordered_at": ordered_at, **usual, **values}


def ad(date, ad_id, clicks, spend, loaded_at, **values):
    usual = {"account_id": "a", "campaign_id": "restated", "impressions": "100", "currency": "USD"}
    return {"date": date, "ad_id": ad_id, "clicks": clicks, "spend": spend, "loaded_at": loaded_at, **usual, **values}


EVENTS = [
    event("offset", "2025-03-01T10:00:00+05:30"),
    event("offset without colon", "2025-03-01T10:00:00-0800"),
    event("zulu", "2025-03-01T10:00:00.250Z"),
    event("without zone", "2025-03-01 10:00:00"),
    event("without seconds", "2025-03-01T10:00+02:00"),
    event("retried", "2025-03-01T12:00:00Z", received_at="2025-03-01T12:00:09Z", page_url="second delivery"),
    event("retried", "2025-03-01T12:00:00Z", received_at="2025-03-01T12:00:01Z", page_url="first delivery"),
    event("retried", "2025-03-01T12:00:00Z", received_at="2025-03-01T12:00:09Z", page_url="second delivery"),
    event("no time", None),
    event("no name", "2025-03-01T10:00:00Z", event_name=""),
    event("blank device", "2025-03-01T10:00:00Z", anonymous_id="   "),
    event(None, "2025-03-01T10:00:00Z", anonymous_id="cookie of nothing"),
    event("not a time", "yesterday"),
    event("no such day", "2025-02-30T10:00:00Z"),
    event("end of time", "infinity"),
    event("not a value", "2025-03-01T10:00:00Z", value="12,50 EUR"),
    event("huge value", "2025-03-01T10:00:00Z", event_name="generate_lead", value="1e200", currency="USD"),
    event("not a consent", "2025-03-01T10:00:00Z", consent="perhaps"),
    event("own name", "2025-03-01T10:00:00Z", event_name="wishlist_share"),
]
ORDERS = [
    order("versions", "2025-03-01T09:00:00Z", status="placed", revenue="50"),
    order("versions", "2025-03-01T09:00:00Z", updated_at="2025-03-03T09:00:00Z", status="shipped", revenue="70"),
    order("versions", "2025-03-01T09:00:00Z", updated_at="2025-03-02T09:00:00Z", status="paid", revenue="60"),
    order("same version twice", "2025-03-01T09:00:00Z"),
    order("same version twice", "2025-03-01T09:00:00Z"),
    order("latest", "2025-03-05T09:00:00Z"),
    order("no revenue", "2025-03-01T09:00:00Z", revenue=None),
    order("free", "2025-03-01T09:00:00Z", revenue="free"),
    order("no currency", "2025-03-01T09:00:00Z", currency=""),
]
ADS = [
    ad("2025-03-01", "1", "10", "5.00", "2025-03-02T03:00:00Z"),
    ad("2025-03-01", "1", "12", "6.50", "2025-03-04T03:00:00Z"),
    ad("2025-03-01", "1", "11", "6.00", "2025-03-03T03:00:00Z"),
    ad("2025-03-01", "2", "3", "1.25", "2025-03-02T03:00:00Z"),
    ad("2025-03-01", "3", "3.5", "1", "2025-03-02T03:00:00Z"),
    ad("2025-13-01", "4", "3", "1", "2025-03-02T03:00:00Z"),
    ad("2025-03-01", "5", "3", "1", None),
    ad("2025-03-01", "a|b", "1", "100", "2025-03-02T03:00:00Z", account_id="c"),
    ad("2025-03-01", "b", "1", "100", "2025-03-02T03:00:00Z", account_id="c", campaign_id="restated|a"),
]
ITEMS = [
    {"order_id": "latest", "sku_id": "s|t", "quantity": "1", "unit_price": "4"},
    {"order_id": "latest|s", "sku_id": "t", "quantity": "1", "unit_price": "6"},
    {"order_id": "latest", "sku_id": "s", "quantity": "many", "unit_price": "6"},
]
LINKS = [
    {
        "identifier_type_a": "email",
        "identifier_a": " Known@Shop.example ",
        "identifier_type_b": "customer_id",
        "identifier_b": "known",
        "observed_at": "2025-03-01T10:00:00Z",
    },
    {
        "identifier_type_a": "mail",
        "identifier_a": "typo@leak.example",
        "identifier_type_b": "customer_id",
        "identifier_b": "typo",
        "observed_at": "2025-03-01T10:00:00Z",
    },
    {
        "identifier_type_a": None,
        "identifier_a": "untyped@leak.example",
        "identifier_type_b": "customer_id",
        "identifier_b": "untyped",
        "observed_at": "2025-03-01T10:00:00Z",
    },
]
CONSENTS = [
    {
        "identifier_type": "user_id",
        "identifier": "u",
        "purpose": "marketing",
        "granted": "false",
        "recorded_at": "2025-03-01T10:00:00Z",
    },
    {
        "identifier_type": "user_id",
        "identifier": "u",
        "purpose": "marketing",
        "granted": "maybe",
        "recorded_at": "2025-03-01T10:00:00Z",
    },
]
FUTURE = "2025-03-20T00:00:00Z"  # after every event, order and snapshot
OFFLINE = [
    {
        "conversion_id": "call",
        "occurred_at": "2025-03-02T10:00:00Z",
        "conversion_type": "phone_call",
        "value": "7",
        "currency": "USD",
    },
    {"conversion_id": "call of the future", "occurred_at": FUTURE, "conversion_type": "phone_call"},
]
STOCK = [
    {"snapshot_at": "2025-03-01T10:00:00Z", "sku_id": "s", "stock_quantity": "0"},
    {"snapshot_at": "2025-03-01T11:00:00Z", "sku_id": "s", "stock_quantity": None},
]
CUSTOMERS = [
    {
        "customer_id": "known",
        "email": "known@shop.example",
        "phone": "+49 (30) 123",
        "created_at": "2025-01-01T00:00:00Z",
    },
    {"customer_id": "", "email": "nobody@leak.example"},
]

WORLD = {
    "raw.clickstream_events": EVENTS,
    "raw.facebook_ads": ADS,
    "raw.identity_links": LINKS,
    "raw.offline_conversions": OFFLINE,
    "crm.orders": ORDERS,
    "crm.order_items": ITEMS,
    "crm.customers": CUSTOMERS,
    "privacy.consent_log": CONSENTS,
    "warehouse.inventory_hourly_snapshot": STOCK,
}
QUARANTINED = {
    "raw.clickstream_events": 10,
    "raw.facebook_ads": 3,
    "raw.identity_links": 2,
    "raw.offline_conversions": 1,
    "crm.orders": 3,
    "crm.order_items": 1,
    "crm.customers": 1,
    "privacy.consent_log": 1,
    "warehouse.inventory_hourly_snapshot": 1,
}
REPEATED = {"raw.clickstream_events": 2, "raw.facebook_ads": 2, "crm.orders": 3}


@pytest.fixture(scope="module")
def world(write_raw, tmp_path_factory):
    raw = write_raw(tmp_path_factory.mktemp("bronze"), WORLD, format="csv")
    # An earlier export left beside the table is not the table.
    (raw / "raw" / "clickstream_events.old.csv").write_text("event_id\nforgotten\n")
    return raw


@pytest.fixture(scope="module")
def build(world, dbt_build):
    finished = dbt_build(world, flags=TABLES_ALONE)
    assert finished.exit_code == 0, finished.output[-2000:]
    return finished


@pytest.mark.parametrize("table", WORLD)
def test_every_row_is_in_bronze_or_quarantined_or_counted_as_repeated(build, table):
    [audit] = build.rows("select * from bronze.load_audit where source_table = $1", [table])
    assert audit["rows_read"] == len(WORLD[table])
    assert audit["rows_quarantined"] == QUARANTINED[table]
    assert audit["rows_duplicate"] + audit["rows_superseded"] == REPEATED.get(table, 0)
    assert audit["rows_in_bronze"] == len(WORLD[table]) - QUARANTINED[table] - REPEATED.get(table, 0)


@pytest.mark.parametrize("table", WORLD)
def test_the_quarantine_holds_as_many_rows_as_the_audit_says(build, table):
    rows = build.rows("select reason, raw_row from bronze.quarantine where source_table = $1", [table])
    assert len(rows) == QUARANTINED[table]
    assert all(row["reason"] and isinstance(json.loads(row["raw_row"]), dict) for row in rows)


@pytest.mark.parametrize(
    ("table", "key", "value", "named"),
    [
        ("raw.clickstream_events", "event_id", "no time", "event_ts"),
        ("raw.clickstream_events", "event_id", "no name", "event_name"),
        ("raw.clickstream_events", "event_id", "blank device", "anonymous_id"),
        ("raw.clickstream_events", "anonymous_id", "cookie of nothing", "event_id"),
        ("raw.clickstream_events", "event_id", "not a time", "event_ts"),
        ("raw.clickstream_events", "event_id", "no such day", "event_ts"),
        ("raw.clickstream_events", "event_id", "end of time", "event_ts"),
        ("raw.clickstream_events", "event_id", "not a value", "value"),
        ("raw.clickstream_events", "event_id", "huge value", "value"),
        ("raw.clickstream_events", "event_id", "not a consent", "consent"),
        ("raw.facebook_ads", "ad_id", "3", "clicks"),
        ("raw.facebook_ads", "ad_id", "4", "date is"),
        ("raw.facebook_ads", "ad_id", "5", "loaded_at"),
        ("raw.identity_links", "identifier_b", "typo", "identifier_type_a"),
        ("raw.identity_links", "identifier_b", "untyped", "identifier_type_a"),
        ("raw.offline_conversions", "conversion_id", "call of the future", "as_of"),
        ("crm.orders", "order_id", "no revenue", "revenue"),
        ("crm.orders", "order_id", "free", "revenue"),
        ("crm.orders", "order_id", "no currency", "currency"),
        ("crm.order_items", "quantity", "many", "quantity"),
    ],
)
def test_the_reason_names_the_column(build, table, key, value, named):
    rows = build.rows("select reason, raw_row from bronze.quarantine where source_table = $1", [table])
    [reason] = [row["reason"] for row in rows if json.loads(row["raw_row"])[key] == value]
    assert named in reason


@pytest.mark.parametrize(
    ("event_id", "instant"),
    [
        ("offset", dt.datetime(2025, 3, 1, 4, 30)),
        ("offset without colon", dt.datetime(2025, 3, 1, 18)),
        ("zulu", dt.datetime(2025, 3, 1, 10, 0, 0, 250_000)),
        ("without zone", dt.datetime(2025, 3, 1, 10)),
        ("without seconds", dt.datetime(2025, 3, 1, 8)),
    ],
)
def test_times_become_utc(build, event_id, instant):
    [session] = build.rows("select started_at from silver.sessions where anonymous_id = $1", [f"cookie of {event_id}"])
    assert session["started_at"] == instant


def test_a_retry_is_one_event_and_the_first_delivery_stays(build):
    assert build.rows("select event_count from silver.sessions where anonymous_id = 'cookie of retried'") == [
        {"event_count": 1}
    ]
    assert build.rows("select page_url from bronze.clickstream_events where event_id = 'retried'") == [
        {"page_url": "first delivery"}
    ]


def test_other_event_names_are_kept_as_they_are(build):
    assert build.rows("select event_name from bronze.clickstream_events where event_id = 'own name'") == [
        {"event_name": "wishlist_share"}
    ]


def test_the_latest_version_of_an_order_rules(build):
    rows = build.rows("select net_revenue from silver.conversions where order_id = 'versions'")
    assert rows == [{"net_revenue": 70}]


def test_the_latest_load_of_an_ad_rules_and_the_ads_add_up(build):
    [row] = build.rows(
        "select clicks, spend from gold.campaign_daily_features where date = '2025-03-01' and campaign_id = 'restated'"
    )
    assert row == {"clicks": 12 + 3 + 1, "spend": 6.5 + 1.25 + 100}


def test_keys_with_a_bar_in_them_are_not_taken_for_each_other(build):
    assert build.rows("select count(*) as items, sum(unit_price) as price from bronze.order_items") == [
        {"items": 2, "price": 10}
    ]
    [other] = build.rows("select spend from gold.campaign_daily_features where campaign_id = 'restated|a'")
    assert other == {"spend": 100}


def test_now_is_the_latest_event_order_or_snapshot(build):
    assert build.rows("select as_of from bronze.clock") == [{"as_of": dt.datetime(2025, 3, 5, 9)}]


def test_no_table_holds_a_raw_address_or_number(build):
    with build.connect() as connection:
        columns = connection.execute(
            "select columns.table_schema, columns.table_name, column_name from information_schema.columns"
            " inner join information_schema.tables using (table_schema, table_name)"
            " where table_type = 'BASE TABLE' and data_type = 'VARCHAR' and columns.table_schema <> 'reference'"
        ).fetchall()
        found = [
            f"{schema}.{table}.{column}"
            for schema, table, column in columns
            if connection.execute(
                f'select count(*) from {schema}."{table}" where regexp_matches("{column}", \'(?i)@(shop|leak)|\\(30\\)\')'
            ).fetchone()[0]
        ]
    assert found == []


# A given "now": nothing later is used.

EARLY, NOW, LATE = "2025-03-01T10:00:00Z", "2025-03-02T00:00:00Z", "2025-03-03T10:00:00Z"


@pytest.fixture(scope="module")
def past(write_raw, tmp_path_factory, dbt_build):
    """Three days of data, seen from the end of the first."""
    link = {"identifier_type_a": "anonymous_id", "identifier_type_b": "customer_id"}
    tables = {
        "raw.clickstream_events": [
            event("before", EARLY, anonymous_id="known"),
            event("now", NOW, anonymous_id="known"),
            event("after", LATE, anonymous_id="known"),
            event("stranger", EARLY, anonymous_id="stranger"),
        ],
        "crm.orders": [
            order("stands", EARLY, anonymous_id="known", revenue="100"),
            order("stands", EARLY, anonymous_id="known", revenue="100", updated_at=LATE, status="cancelled"),
            order("after", LATE, anonymous_id="known"),
        ],
        "raw.facebook_ads": [
            ad("2025-03-01", "1", "10", "5", NOW),
            ad("2025-03-01", "1", "10", "500", LATE),
            ad("2025-03-03", "1", "10", "5", LATE),
        ],
        "raw.offline_conversions": [
            {"conversion_id": "call", "occurred_at": LATE, "conversion_type": "phone_call", "customer_id": "c"},
        ],
        "raw.identity_links": [{**link, "identifier_a": "stranger", "identifier_b": "c", "observed_at": LATE}],
        "crm.customers": [
            {"customer_id": "old", "created_at": EARLY},
            {"customer_id": "new", "created_at": LATE},
        ],
        "privacy.consent_log": [
            {
                "identifier_type": "anonymous_id",
                "identifier": "known",
                "purpose": "analytics",
                "granted": "false",
                "recorded_at": LATE,
            },
        ],
    }
    raw = write_raw(tmp_path_factory.mktemp("past"), tables, format="csv")
    finished = dbt_build(raw, vars={"as_of": NOW}, flags=TABLES_ALONE)
    assert finished.exit_code == 0, finished.output[-2000:]
    return finished


def test_events_up_to_now_are_used_and_later_ones_are_not(past):
    assert past.rows("select event_id from bronze.clickstream_events order by all") == [
        {"event_id": "before"},
        {"event_id": "now"},
        {"event_id": "stranger"},
    ]


def test_versions_written_after_now_are_not_known_yet(past):
    assert past.rows("select conversion_id, net_revenue from silver.conversions") == [
        {"conversion_id": "stands", "net_revenue": 100}
    ]
    assert past.rows("select date, spend from gold.campaign_daily_features") == [
        {"date": dt.date(2025, 3, 1), "spend": 5}
    ]


def test_people_and_links_seen_after_now_are_not_known_yet(past):
    known = past.rows("select identifier_type, identifier_value, match_type from silver.identity_map order by all")
    assert known == [
        {"identifier_type": "anonymous_id", "identifier_value": "known", "match_type": "single"},
        {"identifier_type": "anonymous_id", "identifier_value": "stranger", "match_type": "single"},
        {"identifier_type": "customer_id", "identifier_value": "old", "match_type": "single"},
    ]


def test_what_lies_after_now_is_quarantined_with_that_reason(past):
    rows = past.rows("select source_table, reason from bronze.quarantine")
    assert len(rows) == 9 and all("as_of" in row["reason"] for row in rows)


# The least a user can bring.


@pytest.fixture(scope="module")
def build_little(tmp_path_factory, dbt_build):
    """Build from what a function writes into a folder; the same folder each time, so that dbt parses the project once."""
    folder = tmp_path_factory.mktemp("little")

    def build_little(write):
        shutil.rmtree(folder / "raw files", ignore_errors=True)
        write(folder / "raw files")
        finished = dbt_build(folder / "raw files", db=folder / "feature_store.duckdb", flags=TABLES_ALONE)
        assert finished.exit_code == 0, finished.output[-2000:]
        return finished

    return build_little


def test_two_tables_with_their_required_columns_are_enough(write_raw, build_little):
    tables = {"raw.clickstream_events": [event("e", EARLY)], "crm.orders": [order("o", EARLY)]}
    build = build_little(lambda raw: write_raw(raw, tables))
    assert build.rows("select count(*) as sessions from silver.sessions") == [{"sessions": 1}]
    assert build.rows("select distinct channel, credit from gold.attribution_credits") == [
        {"channel": "unattributed", "credit": 1}
    ]


def test_tables_without_rows_build_and_stay_empty(write_raw, build_little):
    """A header is all there is of the required tables; the optional ones are what exporters write for nothing."""

    def write(raw):
        write_raw(raw, {"raw.clickstream_events": [], "crm.orders": []}, format="csv")
        (raw / "raw" / "identity_links.json").write_text("[]")
        (raw / "raw" / "google_ads.jsonl").write_text("")

    build = build_little(write)
    for table in ["journeys", "journey_touchpoints", "attribution_credits", "channel_credits", "traffic_summary"]:
        assert build.rows(f"select * from gold.{table}") == []


def test_lines_that_are_not_json_are_quarantined(write_raw, build_little):
    def write(raw):
        good = [event(f"e{number}", EARLY) for number in range(3)]
        write_raw(raw, {"raw.clickstream_events": good, "crm.orders": [order("o", EARLY)]}, format="jsonl")
        file = raw / "raw" / "clickstream_events.jsonl"
        first, second, third = file.read_text().splitlines()
        file.write_text("\n".join([first, second[:-1] + " oops", third, '{"event_id": {"nested": 1}}', third[:-9]]))

    build = build_little(write)
    [audit] = build.rows("select * from bronze.load_audit where source_table = 'raw.clickstream_events'")
    assert (audit["rows_read"], audit["rows_in_bronze"], audit["rows_quarantined"]) == (5, 2, 3)
