"""What a user can get wrong: one clear line that names it, an exit code that is not zero, and nothing published is touched.

Every case starts from a copy of one finished build and breaks one file or one switch.
"""

import re
import shutil

import pytest

EVENTS, ORDERS, ADS = "raw/clickstream_events.csv", "crm/orders.csv", "raw/facebook_ads.csv"
WITHOUT_DBT_TESTS = ["--exclude-resource-type", "test", "unit_test"]


def make_world():
    at = "2025-03-01T10:00:00Z"
    return {
        "raw.clickstream_events": [
            {"event_id": f"e{number}", "event_ts": at, "event_name": "page_view", "anonymous_id": "cookie", "utm_source": "google",
             "utm_medium": "cpc"}
            for number in range(3)
        ],
        "crm.orders": [
            {"order_id": "o", "anonymous_id": "cookie", "ordered_at": at, "updated_at": at, "status": "paid", "revenue": "10", "currency": "USD"}
        ],
        "raw.facebook_ads": [
            {"date": "2025-03-01", "campaign_id": "c", "impressions": "1", "clicks": "1", "spend": "1", "currency": "USD", "loaded_at": at}
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def good(write_raw, tmp_path_factory, dbt_build):
    """(raw folder, finished build)"""
    raw = write_raw(tmp_path_factory.mktemp("good"), make_world(), format="csv")
    build = dbt_build(raw, flags=WITHOUT_DBT_TESTS)
    assert build.exit_code == 0, build.output[-2000:]
    return raw, build


def gold(build):
    tables = build.rows("select table_name from information_schema.tables where table_schema = 'gold' order by all")
    return {row["table_name"]: build.rows(f"select * from gold.{row['table_name']} order by all") for row in tables}


def lines_of(output):
    """What dbt printed, without times and colours."""
    plain = re.sub(r"\x1b\[\d+m", "", output)
    return [re.sub(r"^\d\d:\d\d:\d\d\s+", "", line).strip() for line in plain.splitlines()]


def expect_error(good, tmp_path, dbt_build, named, break_raw=None, vars=None):
    """Builds once more over a copy of the good build; one line must hold every word of `named`."""
    raw, before = good
    broken = tmp_path / "raw files"
    shutil.copytree(raw, broken)
    if break_raw:
        break_raw(broken)
    after = dbt_build(broken, db=before.copy_db(tmp_path), vars=vars, flags=WITHOUT_DBT_TESTS)
    assert after.exit_code != 0, "the build went on"
    assert "Traceback" not in after.output
    lines = lines_of(after.output)
    assert any(all(word in line for word in named) for line in lines), "\n".join(lines[-25:])
    assert gold(after) == gold(before)


def drop_column(column):
    def edit(path):
        header, *rows = [line.split(",") for line in path.read_text().splitlines()]
        place = header.index(column)
        path.write_text("".join(",".join(row[:place] + row[place + 1 :]) + "\n" for row in [header, *rows]))

    return edit


@pytest.mark.parametrize(("file", "table"), [(EVENTS, "raw.clickstream_events"), (ORDERS, "crm.orders")])
def test_a_required_table_is_missing(good, tmp_path, dbt_build, file, table):
    expect_error(good, tmp_path, dbt_build, [table], lambda raw: (raw / file).unlink())


@pytest.mark.parametrize(
    ("file", "table", "column"),
    [(ORDERS, "crm.orders", "updated_at"), (ADS, "raw.facebook_ads", "loaded_at")],
)
def test_a_required_column_is_missing(good, tmp_path, dbt_build, file, table, column):
    expect_error(good, tmp_path, dbt_build, [table, column], lambda raw: drop_column(column)(raw / file))


def test_raw_dir_does_not_exist(good, tmp_path, dbt_build):
    def remove_all(raw):
        shutil.rmtree(raw)

    expect_error(good, tmp_path, dbt_build, ["raw files"], remove_all)


def test_one_table_in_two_formats(good, tmp_path, dbt_build):
    def add_json(raw):
        (raw / EVENTS).with_suffix(".json").write_text("[]")

    expect_error(good, tmp_path, dbt_build, ["raw.clickstream_events", "csv", "json"], add_json)


def test_a_parquet_file_is_cut_off(good, tmp_path, dbt_build, write_raw):
    def cut_off(raw):
        (raw / ORDERS).unlink()
        whole = write_raw(raw, {"crm.orders": make_world()["crm.orders"]}) / "crm" / "orders.parquet"
        whole.write_bytes(whole.read_bytes()[:-100])

    expect_error(good, tmp_path, dbt_build, ["crm/orders.parquet"], cut_off)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of", "the day before yesterday"),
        ("reporting_timezone", "Mars/Olympus_Mons"),
        ("reporting_currency", "bitcoin"),
        ("attribution_window_days", -7),
        ("attribution_window_days", "a month"),
        ("session_timeout_minutes", 0),
        ("journey_reset", "sometimes"),
        ("markov_order", 0),
    ],
)
def test_a_switch_that_cannot_be_read(good, tmp_path, dbt_build, name, value):
    expect_error(good, tmp_path, dbt_build, [name, str(value)], vars={name: value})
