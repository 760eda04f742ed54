"""The same rows give the same gold, byte for byte: in every file format, in any order of arrival, and when built twice.

The reference is one Parquet file per table. The rows are made to be hard to carry: upper-case UUIDs, texts that look like
dates and numbers, quotes, line breaks, names with the separators that paths are usually glued with, and no zone twice.
"""

import datetime as dt
import json
import random
import shutil

import pytest
from conftest import TABLES_ALONE

UTC = dt.UTC
START = dt.datetime(2025, 3, 1, 8, tzinfo=UTC)
CAMPAIGNS = ["2025-03-01", "007", "1e3", 'Spring "Sale", 50% > all | new', "Größe → 中文 🎉", "two\nlines"]
CHANNELS = ["paid_search", "display", "a > b", "b > c", "a | b", "email"]


def device(number):
    return f"A0B1C2D3-E4F5-4A6B-8C7D-{number:012X}"


def world():
    """Thirty people with up to six touches each, their orders in three currencies, ads, and a decision or two."""
    draw = random.Random(20250301)
    events, orders, stock = [], [], []
    for person in range(30):
        at = START + dt.timedelta(minutes=draw.randrange(10_000))
        for touch in range(draw.randrange(1, 7)):
            at += dt.timedelta(minutes=draw.randrange(1, 3_000), microseconds=draw.choice([0, 250_000]))
            events.append({
                "event_id": f"{person}-{touch}",
                "event_ts": at,
                "received_at": at + dt.timedelta(seconds=2),
                "event_name": draw.choice(["page_view", "ad_impression", "email_open", "add_to_cart", "generate_lead"]),
                "anonymous_id": device(person),
                "user_id": f"000{person}" if draw.random() < 0.4 else None,
                "utm_source": draw.choice(["google", "newsletter", None]),
                "utm_medium": draw.choice(["cpc", "email", None]),
                "utm_campaign": draw.choice([*CAMPAIGNS, None]),
                "page_url": "https://shop.example/?q=" + "x" * draw.choice([3, 4_000]),
                "value": draw.choice([None, 0.1, 19.99]),
                "currency": "EUR",
                "consent": draw.choice([True, True, True, None, False]),
            })
        if draw.random() < 0.7:
            orders.append({
                "order_id": f"{person:05}",
                "customer_id": f"000{person}",
                "anonymous_id": device(person),
                "email": f"Person{person}@Example.org",
                "ordered_at": at + dt.timedelta(seconds=1),
                "updated_at": at + dt.timedelta(days=1),
                "status": draw.choice(["paid", "shipped", "cancelled", "partially_refunded"]),
                "revenue": draw.choice([0.1, 0.2, 33.33, 1000.0]),
                "currency": draw.choice(["USD", "EUR", "JPY"]),
                "refund_amount": draw.choice([None, 0.05]),
            })
    for hour in range(24):
        stock.append({"snapshot_at": START + dt.timedelta(hours=hour), "sku_id": "s", "stock_quantity": hour % 3})
    days = [START.date() + dt.timedelta(days=day) for day in range(5)]
    return {
        "raw.clickstream_events": events,
        "crm.orders": orders,
        "warehouse.inventory_hourly_snapshot": stock,
        "raw.google_ads": [
            {"segments_date": day, "campaign_id": campaign, "impressions": 1000, "clicks": 0 if campaign == "007" else 10,
             "cost_micros": 12_345_678, "currency_code": "EUR", "loaded_at": START + dt.timedelta(days=6)}
            for day in days for campaign in CAMPAIGNS
        ],
        "marketing.campaign_config": [
            {"campaign_id": campaign, "platform": "google", "channel": channel}
            for campaign, channel in zip(CAMPAIGNS, CHANNELS)
        ],
        "finance.fx_rates": [
            {"date": day, "currency": currency, "rate_to_reporting": rate}
            for day in days for currency, rate in [("EUR", 1.1), ("JPY", 0.0067)]
        ],
        "privacy.consent_log": [
            {"identifier_type": "anonymous_id", "identifier": device(3), "purpose": "marketing", "granted": False,
             "recorded_at": START},
        ],
    }


def gold(build):
    """Every gold table as its sorted rows."""
    tables = build.rows("select table_name from information_schema.tables where table_schema = 'gold' order by all")
    return {
        table["table_name"]: build.rows(f"select * from gold.{table['table_name']} order by all") for table in tables
    }


@pytest.fixture(scope="module")
def build_gold(tmp_path_factory, dbt_build):
    """Build from what a function writes into a folder; the same folder each time, so that dbt parses the project once."""
    folder = tmp_path_factory.mktemp("formats")
    raw, db = folder / "it's raw", folder / "feature_store.duckdb"

    def build_gold(write):
        shutil.rmtree(raw, ignore_errors=True)
        db.unlink(missing_ok=True)
        write(raw)
        build = dbt_build(raw, db=db, flags=TABLES_ALONE)
        assert build.exit_code == 0, build.output[-2000:]
        return gold(build)

    return build_gold


@pytest.fixture(scope="module")
def reference(write_raw, build_gold):
    return build_gold(lambda raw: write_raw(raw, world(), format="parquet"))


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    assert [table for table in expected if repr(found[table]) != repr(expected[table])] == []


def test_the_reference_has_something_to_compare(reference):
    assert len(reference["attribution_credits"]) > 100
    assert {row["channel"] for row in reference["channel_credits"]} >= {"a > b", "b > c", "a | b", "unattributed"}
    assert {row["journey_status"] for row in reference["journeys"]} == {"converted", "open"}


def test_the_same_input_twice_gives_the_same_gold(write_raw, build_gold, reference):
    assert_same(build_gold(lambda raw: write_raw(raw, world(), format="parquet")), reference)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_every_format_gives_the_same_gold(write_raw, build_gold, reference, format):
    assert_same(build_gold(lambda raw: write_raw(raw, world(), format=format)), reference)


def test_json_arrays_give_the_same_gold(build_gold, reference):
    def write_arrays(raw):
        for name, rows in world().items():
            path = raw / f"{name.replace('.', '/')}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(rows, default=str, ensure_ascii=False))

    assert_same(build_gold(write_arrays), reference)


def test_shuffled_parts_in_a_folder_with_columns_of_their_own_give_the_same_gold(write_raw, build_gold, reference):
    """Rows arrive late and in any order; a part leaves out columns it has no value for, and another brings unknown ones."""

    def write_parts(raw):
        shuffled = random.Random(7)
        for number, (name, rows) in enumerate(world().items()):
            shuffled.shuffle(rows)
            middle = len(rows) // 2
            sparse = [{key: value for key, value in row.items() if value is not None} for row in rows[:middle]]
            wide = [{**row, "new_column": number, "weird name'": "x"} for row in rows[middle:]]
            parts = {f"{name}/part-1": sparse, f"{name}/2025/part-0": wide}
            write_raw(raw, {part: rows for part, rows in parts.items() if rows}, format="csv.gz")

    assert_same(build_gold(write_parts), reference)
