"""The worked examples of "bring your own data": what is mapped equals the source, and the store can read it.

The data sets are found by AFS_DATASETS (default ../shared/datasets beside the project); without them these tests are skipped.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "examples" / "map_raw.py"
EXAMPLES = ["complete_journey", "cookie_touches"]

spec = importlib.util.spec_from_file_location("map_raw", SCRIPT)
map_raw = importlib.util.module_from_spec(spec)
spec.loader.exec_module(map_raw)


@pytest.fixture(scope="session")
def datasets() -> Path:
    folder = map_raw.datasets_folder()
    if not all((folder / name).is_dir() for name in EXAMPLES):
        pytest.skip(f"the data sets {' and '.join(EXAMPLES)} are not below {folder}: set AFS_DATASETS")
    return folder


@pytest.fixture(scope="session")
def raw_dirs(datasets, tmp_path_factory) -> dict[str, Path]:
    """Each example, mapped once: {name: raw_dir}."""
    folders = {name: tmp_path_factory.mktemp(name) / "raw" for name in EXAMPLES}
    for name, folder in folders.items():
        map_raw.map_example(PROJECT / "examples" / name, datasets, folder)
    return folders


@pytest.fixture(scope="session")
def declared() -> dict[str, dict]:
    """The raw tables as the store declares them: {schema.table: declaration}."""
    sources = yaml.safe_load(map_raw.DECLARATIONS.read_text())["sources"]
    return {f"{source['name']}.{table['name']}": table for source in sources for table in source["tables"]}


@pytest.fixture
def journey(raw_dirs, datasets):
    """A query on complete_journey: {raw} is the mapped folder, {source} the original one; returns the rows."""
    return querying(raw=raw_dirs["complete_journey"], source=datasets / "complete_journey")


@pytest.fixture
def cookies(raw_dirs, datasets):
    """A query on cookie_touches, as `journey`."""
    return querying(raw=raw_dirs["cookie_touches"], source=datasets / "cookie_touches")


def querying(**folders: Path):
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return lambda query: connection.execute(query.format(**folders)).fetchall()


def run_script(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, env={**os.environ, **environment}, cwd=PROJECT
    )


# Every example against the declaration of the raw tables


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_required_tables_are_mapped(name, raw_dirs, declared):
    for table, declaration in declared.items():
        if declaration["config"]["meta"].get("required"):
            assert (raw_dirs[name] / f"{table.replace('.', '/')}.parquet").exists(), table


@pytest.mark.parametrize("name", EXAMPLES)
def test_columns_are_declared_and_required_ones_are_filled(name, raw_dirs, declared):
    for file in raw_dirs[name].glob("*/*.parquet"):
        table = f"{file.parent.name}.{file.stem}"
        columns = declared[table]["columns"]
        found = {row[0] for row in duckdb.execute(f"describe from '{file}'").fetchall()}
        assert found <= {column["name"] for column in columns}, table
        for column in columns:
            if column.get("config", {}).get("meta", {}).get("required"):
                ((missing,),) = duckdb.execute(f"select count(*) from '{file}' where {column['name']} is null").fetchall()
                assert missing == 0, f"{table}.{column['name']}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_declared_keys_are_unique(name, raw_dirs, declared):
    for file in raw_dirs[name].glob("*/*.parquet"):
        table = f"{file.parent.name}.{file.stem}"
        found = {row[0] for row in duckdb.execute(f"describe from '{file}'").fetchall()}
        key = ", ".join(column for column in declared[table]["config"]["meta"]["key"] if column in found)
        ((rows, keys),) = duckdb.execute(f"select count(*), count(distinct ({key})) from '{file}'").fetchall()
        assert rows == keys, f"{table}: {key}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_input_gives_the_same_bytes(name, raw_dirs, datasets, tmp_path):
    map_raw.map_example(PROJECT / "examples" / name, datasets, tmp_path)
    for file in raw_dirs[name].glob("*/*.parquet"):
        assert (tmp_path / file.relative_to(raw_dirs[name])).read_bytes() == file.read_bytes(), file.name


# complete_journey: baskets, mailings, coupons


def test_every_basket_is_an_order_and_no_cent_is_lost(journey):
    assert journey("select count(*), sum(revenue)::varchar from '{raw}/crm/orders.parquet'") == [(47_243, "233935.24")]


def test_every_line_is_kept_and_lines_add_up_to_their_basket(journey):
    assert journey(
        """
        with baskets as (
            select order_id, count(*) as lines, sum(quantity * unit_price) as value
            from '{raw}/crm/order_items.parquet'
            group by order_id
        )
        select sum(lines), count(*), max(abs(value - revenue)) < 1e-6
        from baskets full join '{raw}/crm/orders.parquet' as orders using (order_id)
        """
    ) == [(75_000, 47_243, True)]


def test_lines_of_zero_quantity_stay_and_carry_no_money(journey):
    lines = "from '{raw}/crm/order_items.parquet' where quantity = 0"
    assert journey(f"select count(*), max(unit_price) {lines}") == [(416, 0)]


def test_the_week_of_the_source_turns_at_midnight_in_new_york(journey):
    """Why till times are read as UTC and mailings start at midnight in New York: the source's own week number says so."""
    weeks_per_monday = """
        select max(weeks) from (
            select count(distinct week) as weeks
            from '{source}/transactions_sample.parquet' as lines
            inner join '{raw}/crm/orders.parquet' as orders on lines.basket_id = orders.order_id
            group by date_trunc('week', ordered_at at time zone '$zone')
        )
    """
    assert journey(weeks_per_monday.replace("$zone", "America/New_York")) == [(1,)]
    assert journey(weeks_per_monday.replace("$zone", "UTC")) == [(2,)]


def test_every_mailing_is_one_impression_and_nothing_else_is_a_touch(journey):
    assert journey(
        """
        select
            event_name,
            count(*),
            count(distinct (utm_campaign, user_id)),
            count(distinct user_id),
            count(distinct anonymous_id)
        from '{raw}/raw/clickstream_events.parquet'
        group by event_name
        """
    ) == [("ad_impression", 6_589, 6_589, 1_559, 1_559)]


def test_a_mailing_starts_on_the_first_day_of_its_campaign(journey):
    assert journey(
        """
        select count(*)
        from '{raw}/raw/clickstream_events.parquet' as mailings
        inner join '{source}/campaign_descriptions.parquet' as campaigns on mailings.utm_campaign = campaigns.campaign_id
        where mailings.event_ts at time zone 'America/New_York' = campaigns.start_date
        """
    ) == [(6_589,)]


def test_coupons_do_not_fan_out(journey):
    assert journey("select count(*) from '{raw}/marketing/campaign_config.parquet'") == journey(
        "select count(distinct (campaign_id, product_id)) from '{source}/coupons.parquet'"
    )
    assert journey(
        """
        with campaigns as (select distinct campaign_id, channel from '{raw}/marketing/campaign_config.parquet')
        select channel, count(*)
        from '{raw}/raw/clickstream_events.parquet' as mailings
        inner join campaigns on mailings.utm_campaign = campaigns.campaign_id
        group by channel
        order by channel
        """
    ) == [("mail_type_a", 3_647), ("mail_type_b", 2_368), ("mail_type_c", 574)]


# cookie_touches: impressions, conversions, costs


def test_every_touch_is_one_event_of_a_configured_campaign(cookies):
    assert cookies(
        """
        select event_name, count(*)
        from '{raw}/raw/clickstream_events.parquet' as events
        inner join '{raw}/marketing/campaign_config.parquet' as campaigns on events.utm_campaign = campaigns.campaign_id
        group by event_name
        order by event_name
        """
    ) == [("ad_impression", 60_645), ("purchase", 1_838)]


def test_every_conversion_is_an_order_with_its_click_at_the_same_second(cookies):
    assert cookies(
        """
        select count(*), count(clicks.order_id), sum(revenue)::varchar
        from '{raw}/crm/orders.parquet' as orders
        left join '{raw}/raw/clickstream_events.parquet' as clicks
            on orders.order_id = clicks.order_id
            and orders.customer_id = clicks.user_id
            and orders.ordered_at = clicks.event_ts
        """
    ) == [(1_838, 1_838, "11423.50")]


def test_spend_and_impressions_of_the_platforms_equal_the_cost_file(cookies):
    assert cookies(
        """
        select campaign_name, sum(impressions), round(sum(spend), 3)
        from (
            select campaign_name, impressions, spend from '{raw}/raw/facebook_ads.parquet'
            union all
            select campaign_name, impressions, cost_micros / 1e6 from '{raw}/raw/google_ads.parquet'
        ) group by campaign_name order by campaign_name
        """
    ) == cookies(
        """
        select channel, sum(impressions), round(sum(cost), 3)
        from '{source}/channel_costs_daily.csv' group by channel order by channel
        """
    )


# End to end: the whole store built from each example (one dbt build each, the slow part of this file)


@pytest.fixture(scope="module", params=EXAMPLES)
def store(request, raw_dirs, dbt_build):
    """The store built from an example with every data test: (raw_dir, Build). Unit tests bring rows of their own."""
    raw_dir = raw_dirs[request.param]
    build = dbt_build(raw_dir, flags=["--exclude-resource-type", "unit_test"])
    assert build.exit_code == 0, build.output
    return raw_dir, build


def test_store_takes_every_mapped_row(store):
    raw_dir, build = store
    mapped = {
        f"{file.parent.name}.{file.stem}": duckdb.execute(f"select count(*) from '{file}'").fetchone()[0]
        for file in raw_dir.glob("*/*.parquet")
    }
    in_bronze = build.rows("select source_table, rows_in_bronze from bronze.load_audit where rows_read > 0")
    assert {row["source_table"]: row["rows_in_bronze"] for row in in_bronze} == mapped


def test_store_conserves_credit_and_revenue(store):
    """Within every conversion, model and policy: credits sum to 1, attributed revenue to the order's revenue."""
    raw_dir, build = store
    unequal = f"""
        with attributed as (
            select conversion_id, sum(credit) as credit, sum(attributed_revenue) as revenue
            from gold.attribution_credits
            group by conversion_id, attribution_model, context_policy
        )
        select * from attributed
        full join '{raw_dir}/crm/orders.parquet' as orders on attributed.conversion_id = orders.order_id
        where abs(attributed.credit - 1) > 1e-9
            or abs(attributed.revenue - orders.revenue) > 1e-9
            or attributed.conversion_id is null
            or orders.order_id is null
    """
    assert build.rows(unequal) == []
    assert len(build.rows("select distinct attribution_model from gold.attribution_credits")) >= 8


def test_store_finds_the_touches_an_independent_query_finds(store):
    """Of the 30 days before an order, and since the customer's order before it: the same pairs of order and touch time."""
    raw_dir, build = store
    expected = f"""
        with orders as (
            select *, lag(ordered_at) over (partition by customer_id order by ordered_at, order_id) as previous_at
            from '{raw_dir}/crm/orders.parquet'
        )
        select orders.order_id as conversion_id, timezone('UTC', events.event_ts) as touched_at
        from orders
        inner join '{raw_dir}/raw/clickstream_events.parquet' as events
            on orders.customer_id = events.user_id
            and events.event_ts > orders.ordered_at - interval 30 days
            and events.event_ts > coalesce(orders.previous_at, '-infinity')
            and events.event_ts <= orders.ordered_at
    """
    found = """
        select journeys.conversion_id, touches.touched_at
        from gold.journeys as journeys
        inner join gold.journey_touchpoints as touches using (journey_id)
        where journeys.journey_status = 'converted'
    """
    assert build.rows(f"select count(*) as n from ({found})") == build.rows(f"select count(*) as n from ({expected})")
    assert build.rows(f"({found}) except ({expected})") == []


# The script: one clear line per table, one clear line per mistake


def test_tables_whose_mapping_is_gone_are_removed(tmp_path):
    example, raw_dir = tmp_path / "shop", tmp_path / "raw"
    example.mkdir()
    (example / "crm.orders.sql").write_text("select 1 as order_id")
    (example / "crm.customers.sql").write_text("select 1 as customer_id;")
    assert map_raw.map_example(example, tmp_path, raw_dir) == {"crm.customers": 1, "crm.orders": 1}
    (example / "crm.customers.sql").unlink()
    map_raw.map_example(example, tmp_path, raw_dir)
    assert [file.name for file in raw_dir.glob("*/*.parquet")] == ["orders.parquet"]


@pytest.mark.parametrize(
    ("file", "query", "message"),
    [
        ("crm.order.sql", "select 1", "crm.order.sql: the contract has no table crm.order "),
        ("crm.orders.sql", "select nonsense", 'crm.orders.sql: Binder Error: Referenced column "nonsense"'),
        ("crm.orders.sql", "drop table x", "crm.orders.sql: Parser Error"),
        ("crm.orders.sql", "from '{datasets}/gone.csv'", "crm.orders.sql: IO Error: No files found"),
    ],
    ids=["a table the contract does not have", "a column that is not there", "not a select", "a file that is not there"],
)
def test_a_mistake_in_a_mapping_is_one_line(file, query, message, tmp_path):
    (tmp_path / file).write_text(query)
    with pytest.raises(map_raw.MappingError) as error:
        map_raw.map_example(tmp_path, tmp_path, tmp_path / "raw")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nobody", "map_raw: no mapping found: examples/nobody holds no <schema>.<table>.sql\n"),
        ("cookie_touches", "map_raw: no such folder: /nowhere (set AFS_DATASETS to the folder that holds the data sets)\n"),
    ],
)
def test_a_mistake_in_the_call_is_one_line(name, message):
    result = run_script(name, AFS_DATASETS="/nowhere")
    assert (result.returncode, result.stdout, result.stderr) == (1, "", message)
