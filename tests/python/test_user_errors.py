"""What a user can get wrong: one clear line that names it, an exit code that is not zero, and nothing published is touched.

Every case starts from one finished build and breaks one file or one switch.
"""

import re
import shutil

import pytest
from conftest import TABLES_ALONE

EVENTS, ORDERS, ADS = "raw/clickstream_events.csv", "crm/orders.csv", "raw/facebook_ads.csv"


def make_world():
    at = "2025-03-01T10:00:00Z"
    return {
        "raw.clickstream_events": [
            {"event_id": f"e{number}", "event_ts": at, "event_name": "page_view", "anonymous_id": "cookie",
             "utm_source": "google", "utm_medium": "cpc"}
            for number in range(3)
        ],
        "crm.orders": [
            {"order_id": "o", "anonymous_id": "cookie", "ordered_at": at, "updated_at": at, "status": "paid",
             "revenue": "10", "currency": "USD"}
        ],
        "raw.facebook_ads": [
            {"date": "2025-03-01", "campaign_id": "c", "impressions": "1", "clicks": "1", "spend": "1",
             "currency": "USD", "loaded_at": at}
        ],
    }


@pytest.fixture(scope="module")
def good(write_raw, tmp_path_factory, dbt_build):
    """(folder with the raw files, the finished build and a copy of both, gold as it was)"""
    folder = tmp_path_factory.mktemp("user")
    raw = write_raw(folder / "raw files", make_world(), format="csv")
    build = dbt_build(raw, db=folder / "feature_store.duckdb", flags=TABLES_ALONE)
    assert build.exit_code == 0, build.output[-2000:]
    shutil.copytree(raw, folder / "raw copy")
    shutil.copy(build.db, folder / "copy.duckdb")
    return folder, gold(build)


def gold(build):
    tables = build.rows("select table_name from information_schema.tables where table_schema = 'gold' order by all")
    return {row["table_name"]: build.rows(f"select * from gold.{row['table_name']} order by all") for row in tables}


def lines_of(output):
    """What dbt printed, without times and colours."""
    plain = re.sub(r"\x1b\[\d+m", "", output)
    return [re.sub(r"^\d\d:\d\d:\d\d\s+", "", line).strip() for line in plain.splitlines()]


@pytest.fixture
def expect_error(good, dbt_build):
    """Build again after something broke: some line of the output must hold every word of `named`, and gold must stay."""
    folder, before = good
    raw, db = folder / "raw files", folder / "feature_store.duckdb"

    def expect_error(named, break_raw=None, vars=None):
        shutil.rmtree(raw, ignore_errors=True)
        shutil.copytree(folder / "raw copy", raw)
        shutil.copy(folder / "copy.duckdb", db)
        if break_raw:
            break_raw(raw)
        build = dbt_build(raw, db=db, vars=vars, flags=TABLES_ALONE)
        assert build.exit_code != 0, "the build went on"
        assert "Traceback" not in build.output
        lines = lines_of(build.output)
        assert any(all(word in line for word in named) for line in lines), "\n".join(lines[-25:])
        assert gold(build) == before

    return expect_error


def drop_column(column):
    def edit(path):
        header, *rows = [line.split(",") for line in path.read_text().splitlines()]
        place = header.index(column)
        path.write_text("".join(",".join(row[:place] + row[place + 1 :]) + "\n" for row in [header, *rows]))

    return edit


@pytest.mark.parametrize(("file", "table"), [(EVENTS, "raw.clickstream_events"), (ORDERS, "crm.orders")])
def test_a_required_table_is_missing(expect_error, file, table):
    expect_error([table], lambda raw: (raw / file).unlink())


@pytest.mark.parametrize(
    ("file", "table", "column"),
    [(ORDERS, "crm.orders", "updated_at"), (ADS, "raw.facebook_ads", "loaded_at")],
)
def test_a_required_column_is_missing(expect_error, file, table, column):
    expect_error([table, column], lambda raw: drop_column(column)(raw / file))


def test_raw_dir_does_not_exist(expect_error):
    def remove_all(raw):
        shutil.rmtree(raw)

    expect_error(["raw files"], remove_all)


def test_one_table_in_two_formats(expect_error):
    def add_json(raw):
        (raw / EVENTS).with_suffix(".json").write_text("[]")

    expect_error(["raw.clickstream_events", "csv", "json"], add_json)


def test_a_parquet_file_is_cut_off(expect_error, write_raw):
    def cut_off(raw):
        (raw / ORDERS).unlink()
        whole = write_raw(raw, {"crm.orders": make_world()["crm.orders"]}) / "crm" / "orders.parquet"
        whole.write_bytes(whole.read_bytes()[:-100])

    expect_error(["crm/orders.parquet"], cut_off)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of", "the day before yesterday"),
        ("reporting_timezone", "Mars/Olympus_Mons"),
        ("attribution_window_days", -7),
        ("attribution_window_days", "a month"),
        ("journey_reset", "sometimes"),
        ("markov_order", 0),
    ],
)
def test_a_switch_that_cannot_be_read(expect_error, name, value):
    expect_error([name, str(value)], vars={name: value})
