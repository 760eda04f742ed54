"""The debug page, in a browser on the golden build: what it shows is what SQL says, and it names nobody."""

import re
import shutil
from collections import Counter
from itertools import groupby
from pathlib import Path

import duckdb
import pytest
from test_dashboards import CONTRASTS, DESKTOP, PHONE, browser, overflow  # noqa: F401 (browser is a fixture)

from tools.dashboards import build, debug, debug_features, debug_journeys, debug_people, debug_versions, store
from tools.dashboards.page import embedded, file_of, frame
from tools.stores import Refused

MODULES = [debug, debug_features, debug_journeys, debug_people, debug_versions]
READ = re.compile(r"\b(?:from|join) \(?((?:reference|silver|gold|ledger|published)\.[a-z_]+)")


@pytest.fixture(scope="module")
def asked(golden_build):
    """A converted journey that somebody asks for, and that the sample would not hold: of two touches."""
    return golden_build.rows("""
        select journey_id from gold.journeys where journey_status = 'converted' and touch_count = 2
        order by journey_id desc limit 1
    """)[0]["journey_id"]


def written(folder, connection, asked=()):
    """The debug page of a store in a folder, as the build of all pages leaves it; it has no chart that needs Vega."""
    pages = [(module.NAME, module.TITLE) for module in build.PAGES]
    html = frame(debug.page(connection, asked), pages, store.status(connection))
    (folder / file_of(debug.NAME)).write_text(html)
    shutil.copytree(build.STATIC, folder / "assets")
    (folder / "assets" / "vega.js").write_text("")
    return html


@pytest.fixture(scope="module")
def site(golden_build, asked, tmp_path_factory):
    """The folder of the page, with one journey asked for."""
    folder = tmp_path_factory.mktemp("dashboards")
    with golden_build.connect() as connection:
        written(folder, connection, [asked])
    return folder


@pytest.fixture(scope="module")
def opened(browser, site):
    """The page on a desktop, with what it asked the network for and complained about."""
    page = browser.new_page(viewport=DESKTOP)
    page.asked_for, page.complaints = [], []
    page.on("request", lambda request: page.asked_for.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto((site / "debug.html").as_uri())
    yield page
    page.close()


@pytest.fixture
def show(opened):
    """Open a journey by the address of the page: `show(journey_id)`."""

    def open_journey(journey_id):
        opened.evaluate("journey => { location.hash = `journey=${journey}` }", journey_id)
        opened.wait_for_function("journey => place('story').textContent.includes(journey)", arg=journey_id)
        return opened

    return open_journey


def sampled(page, kind):
    """The first journey of a kind that the page holds."""
    return page.evaluate("kind => dashboard.data.journeys.find((journey) => journey.kinds.includes(kind)).id", kind)


def test_it_loads_without_a_complaint_and_asks_nobody_outside(opened):
    assert opened.complaints == []
    assert {url.split(":")[0] for url in opened.asked_for} <= {"file", "data"}
    assert opened.locator("h1").first.text_content() == "Why this credit?"


@pytest.mark.parametrize("kind", ["policy", "longest", "refunded", "unattributed"])
@pytest.mark.parametrize("policy", ["naive", "context_aware"])
def test_the_credits_of_a_journey_are_those_of_the_store_and_sum_to_one(show, opened, golden_build, kind, policy):
    journey = sampled(opened, kind)
    page = show(journey)
    page.click(f"#policy button[value={policy}]")
    shown = page.evaluate("""() => [...document.querySelectorAll('.credits tbody tr')].flatMap((row, index) =>
        [...row.querySelectorAll('td')].map((cell) => [index, cell.dataset.model, Number(cell.dataset.credit)]))""")
    kept = golden_build.rows("""
        select coalesce(touches.touch_index, 1) - 1 as index, attribution_model as model, credit
        from gold.attribution_credits left join gold.journey_touchpoints as touches using (journey_id, touchpoint_id)
        where journey_id = ? and context_policy = ?
    """, [journey, policy])
    told = {(index, model): credit for index, model, credit in shown}
    assert len(shown) == len(told) == len(kept) > 0
    assert all(told[row["index"], row["model"]] == pytest.approx(row["credit"], abs=1e-6) for row in kept)
    assert set(page.locator(".credits tfoot td").all_text_contents()) == {"1"}
    assert page.locator(".credits tbody .index").count() == (0 if kind == "unattributed" else max(told)[0] + 1)


def test_the_policies_differ_where_the_sample_says_so(show, opened):
    page = show(sampled(opened, "policy"))
    page.click("#policy button[value=naive]")
    naive = page.locator(".credits tbody").text_content()
    page.click("#policy button[value=context_aware]")
    assert page.locator(".credits tbody").text_content() != naive


def test_each_touch_says_when_where_and_in_what_context(show, opened, golden_build):
    journey = sampled(opened, "stock_met")
    rows = show(journey).locator(".credits tbody .touch")
    shown, tags = rows.all_text_contents(), [row.locator(".tag").all_text_contents() for row in rows.all()]
    touches = golden_build.rows("""
        select * from gold.journey_touchpoints where journey_id = ? order by touch_index
    """, [journey])
    assert len(shown) == len(touches)
    for text, news, touch in zip(shown, tags, touches):
        assert f"{touch['touched_at']:%Y-%m-%d %H:%M}" in text
        assert touch["channel"] in text and (touch["campaign_id"] or "") in text
        assert ("sold out" in news) == bool(touch["is_out_of_stock"])
        assert ("major promotion" in news) == touch["is_major_promo"]


def test_a_blocked_journey_says_what_stood_in_the_way(show, opened):
    text = show(sampled(opened, "blocked_stock")).locator("#story").text_content()
    assert "the product was sold out" in text and "There is no credit to share" in text


def test_the_timeline_holds_every_session_and_the_steps_of_each(show, opened, golden_build):
    journey = sampled(opened, "payment_failed")
    page = show(journey)
    sessions = golden_build.rows("""
        select sessions.session_key, count(*) filter (events.event_name = 'payment_failed') as failures
        from gold.journeys as journeys
        inner join silver.sessions as sessions
            on journeys.person_id = sessions.person_id
            and sessions.started_at <= journeys.ended_at and sessions.ended_at >= journeys.started_at
        inner join silver.session_events as events using (anonymous_id, session_number)
        where journeys.journey_id = ? group by all
    """, [journey])
    assert page.locator("#timeline .stem").count() == page.locator("#timeline ol.entries > li").count() == len(sessions)
    assert page.locator("#timeline path.failed").count() == sum(session["failures"] > 0 for session in sessions) > 0


@pytest.mark.parametrize("kind", ["devices", "policy", "lead-lost", "unattributed"])
def test_the_graph_has_the_identifiers_and_links_of_the_person(show, opened, golden_build, kind):
    journey = sampled(opened, kind)
    page = show(journey)
    [counted] = golden_build.rows("""
        with person as (
            select identifiers.vertex from silver.identity_map
            inner join silver.identifiers using (identifier_type, identifier_value)
            where person_id = (select person_id from gold.journeys where journey_id = ?)
        ),
        pairs as (
            select distinct least(vertex_a, vertex_b), greatest(vertex_a, vertex_b) from silver.identity_edges
            where vertex_a in (from person) and vertex_b in (from person)
        )
        select (select count(*) from person) as nodes, (select count(*) from pairs) as links
    """, [journey])
    drawn = {"nodes": page.locator("#graph .node").count(), "links": page.locator("#graph svg.drawn .link").count()}
    assert drawn == counted
    for name in page.locator("#graph .node text").all_text_contents():
        assert re.fullmatch(r"(cookie|device|user|customer|e-mail|phone) \d+", name)


def test_an_address_opens_its_journey_and_an_unknown_one_says_how_to_get_it(browser, site, asked):
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{(site / 'debug.html').as_uri()}#journey={asked}")
    assert asked in page.locator("#story").text_content() and page.input_value("#journey") == asked
    page.select_option("#kind", "unattributed")
    assert "no touch" in page.locator("#story").text_content() and asked not in page.url
    page.click("#next")
    assert page.input_value("#journey") in page.url
    page.evaluate("location.hash = 'journey=elsewhere'")
    page.wait_for_selector("#unknown:not([hidden])")
    assert "--journey elsewhere" in page.locator("#unknown").text_content()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_every_kind_of_journey_whole_and_readable(browser, site, scheme):
    page = browser.new_page(viewport=PHONE, color_scheme=scheme)
    page.goto((site / "debug.html").as_uri())
    kinds = page.evaluate("Object.keys(dashboard.data.kinds)")
    for kind in kinds:
        page.evaluate("kind => choose(journeys.find((journey) => journey.kinds.includes(kind)))", kind)
        assert overflow(page) <= 0, kind
        assert not re.search(r"\b(NaN|undefined|null|None|Infinity)\b", page.inner_text("#trace")), kind
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert [found for found in page.evaluate(CONTRASTS) if found["ratio"] < 4.5] == []
    assert len(kinds) > 10 and overflow(page) <= 0
    page.close()


def test_nobody_is_named(site, golden_build):
    """No identifier, person, order, event or touch of the store stands in the page, as a whole or within a word."""
    text = (site / "debug.html").read_text()
    named = golden_build.rows("""
        select identifier_value as name from silver.identity_map
        where lower(identifier_value) not in (select identifier_value from silver.blocked_values)
        union select person_id from silver.touchpoints
        union select person_id from silver.conversions
        union select conversion_id from silver.conversions
        union select order_id from silver.conversions where order_id is not null
        union select touchpoint_id from silver.touchpoints
        union select session_key from silver.sessions
        union select anonymous_id from silver.touchpoints
        union select event_id from bronze.clickstream_events
        union select ip_hash from bronze.clickstream_events where ip_hash is not null
        union select customer_id from bronze.customers
    """)
    by_length = groupby(sorted((row["name"] for row in named), key=len), key=len)
    for length, names in by_length:
        assert {text[at : at + length] for at in range(len(text))} & set(names) == set()
    assert len(named) > 50_000


def test_free_text_of_tags_stays_away(golden_build, asked, tmp_path):
    with duckdb.connect(str(golden_build.copy_db(tmp_path))) as connection:
        connection.execute("update gold.journey_touchpoints set campaign_id = 'ann@example.com'")
        connection.execute("update silver.touchpoints set campaign_id = 'ann@example.com', source = 'ann@example.com'")
        told = embedded(debug.page(connection, [asked]).data)
    assert "a campaign not configured" in told and "ann@example.com" not in told


def test_the_same_store_gives_the_same_page_and_the_sample_is_small(site, golden_build, asked):
    with golden_build.connect() as connection:
        connection.execute("set threads = 1")
        page = debug.page(connection, [asked])
    html = (site / "debug.html").read_text()
    assert page.body in html and embedded(page.data) in html
    journeys = page.data["journeys"]
    assert 60 <= len(journeys) <= 120 and journeys[0]["id"] == asked and journeys[0]["kinds"][0] == "asked"
    assert {journey["status"] for journey in journeys} == {"converted", "lost", "open"}


def test_a_journey_that_is_not_there_is_refused(golden_build):
    with golden_build.connect() as connection, pytest.raises(Refused, match="there is no journey nowhere in gold.journeys"):
        debug.page(connection, ["nowhere"])


def test_no_cell_of_people_is_small_and_none_is_lost(golden_build, opened):
    people = golden_build.rows("select count(*) as count from gold.person_features")[0]["count"]
    columns = opened.evaluate("dashboard.data.of_people")
    assert len(columns) == 7
    assert all(min(column["counts"]) >= 10 and sum(column["counts"]) == people for column in columns)


def test_small_cells_of_people_join_their_neighbour_so_that_no_sum_gives_them_away():
    with duckdb.connect() as connection:
        connection.execute("create schema gold")
        connection.execute("""
            create table gold.person_features as
            select case when i < 30 then 'email' when i < 42 then 'direct' when i < 45 then 'rare' when i < 47 then 'rarer' end
                as channel
            from range(62) as people (i)
        """)
        assert debug_features.cells(connection, "channel") == {
            "bins": ["email", "direct", "rare or rarer or none"], "counts": [30, 12, 20],
        }  # fmt: skip
        connection.execute("delete from gold.person_features where coalesce(channel, 'none') not like 'rare%'")
        assert debug_features.cells(connection, "channel") == {"bins": [], "counts": []}


def test_features_count_every_row_of_both_sides_once(opened, golden_build):
    [rows] = golden_build.rows("select count(*) as count from gold.campaign_daily_features")
    [halves] = [made for made in opened.evaluate("dashboard.data.comparisons") if made["name"] == "halves"]
    assert len(halves["columns"]) > 20
    for column in halves["columns"]:
        assert sum(map(sum, column["counts"])) + sum(column["nulls"]) == rows["count"]
        assert all(len(side) == len(column["bins"]) for side in column["counts"]) and 0 <= column["moved"] <= 1
    [clicks] = [column for column in halves["columns"] if column["name"] == "clicks"]
    kept = golden_build.rows("""
        select clicks from gold.campaign_daily_features
        where clicks is not null and date < (select quantile_disc(date, 0.5) from gold.campaign_daily_features)
    """)
    last = len(clicks["bins"]) - 1
    bins = Counter(min(last, int((row["clicks"] - clicks["bins"][0]) // clicks["width"])) for row in kept)
    assert clicks["counts"][0] == [bins[number] for number in range(last + 1)]


def test_what_changed_since_a_version_is_counted_by_row_and_by_column():
    with duckdb.connect() as connection:
        connection.execute("""
            create schema gold; create schema published;
            create table published.campaign_daily_features_versions as
            from (values ('v1', date '2025-01-01', 'gone', 1, 0.5), ('v1', '2025-01-02', 'same', 2, null),
                ('v1', '2025-01-02', 'other', 3, 0.5), ('v0', '2025-01-03', 'new', 9, 0.9)) as rows (version_id, date, campaign_id, clicks, score);
            create table gold.campaign_daily_features as
            from (values (date '2025-01-02', 'same', 2, null, true), ('2025-01-02', 'other', 3, null, true),
                ('2025-01-03', 'new', 4, 0.5, true)) as rows (date, campaign_id, clicks, score, is_added_later);
            create table published.channel_credits_versions as
            from (values ('v1', 'purchase', 'email', 'linear', 'naive', 0.5),
                ('v1', 'purchase', 'email', 'linear', 'context_aware', 0.5), ('v1', 'purchase', 'direct', 'linear', 'naive', 0.5))
                as rows (version_id, conversion_type, channel, attribution_model, context_policy, credit_share);
            create table gold.channel_credits as
            select * exclude (version_id) replace (credit_share - 0.1 as credit_share)
            from published.channel_credits_versions where channel = 'email'
            union all values ('purchase', 'direct', 'linear', 'naive', 0.5001);
        """)
        found = debug_versions.differences(connection, "v1")
    assert [found[name] for name in ("came", "went", "common", "changed")] == [1, 1, 2, 1]
    assert found["columns"] == [("score", 1)]
    assert [(move["channel"], move["policies"]) for move in found["moves"]] == [("email", "context_aware and naive")]


def test_published_versions_and_builds_are_listed(opened, golden_build):
    [version] = golden_build.rows("select version_id from published.versions where is_current")
    text = opened.locator("main").text_content()
    assert version["version_id"] in text and "read by consumers" in text and "Builds and loads" in text


def test_an_empty_store_says_so(browser, golden_build, tmp_path):
    """The tables of the golden build without a row, but the one of the breaker's state and the one of the clock."""
    with golden_build.connect() as golden:
        columns = golden.execute("""
            select schema_name, table_name, string_agg('"' || column_name || '" ' || data_type, ', ' order by column_index)
            from duckdb_columns() where database_name = 'feature_store' group by all
        """).fetchall()
    wanted = {*store.TABLES, *debug.TABLES}
    with duckdb.connect(str(tmp_path / "feature_store.duckdb")) as connection:
        for schema, table, definition in columns:
            if f"{schema}.{table}" in wanted:
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f"create table {schema}.{table} ({definition})")
        connection.execute("insert into silver.as_of values (null)")
        connection.execute("insert into published.serving_status (breaker_state) values ('OPEN')")
        written(tmp_path, connection)
    page = browser.new_page(viewport=PHONE)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "debug.html").as_uri())
    text = page.locator("main").text_content()
    assert "No journeys yet" in text and "No features yet" in text and "No version was published yet" in text
    assert complaints == [] and overflow(page) <= 0
    page.close()


def test_the_page_names_the_tables_it_reads():
    queries = "\n".join(Path(module.__file__).read_text() for module in MODULES)
    assert set(debug.TABLES) == set(READ.findall(queries))
