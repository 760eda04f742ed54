"""The dashboards in a real browser: they load alone, say what the store says, and anybody can read them.

    .venv/bin/python -m pytest tests/python/test_dashboards.py

Three stores: the golden build, shown by the command itself; a copy whose tables are empty; and a copy in which a check tripped
after two versions. With SCREENSHOTS=folder the pages of the store that FEATURE_STORE_DB names are photographed into it.
"""

import base64
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
from conftest import DB_NAME

from tools.dashboards import arrivals, build, certainty, credit, executive, incidents, levels, on_call, page, store
from tools.dashboards.serve import listen
from tools.stores import store_path

SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = ["index.html", "on_call.html"]
TABLE = re.compile(r"\b(?:bronze|silver|gold|published|ledger)\.[a-z_]+")
TRIPPED = "discrepancy.google"

CONTRASTS = """
() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)); };
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    if (/^rgba?\\(/.test(text)) return channels(text);
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()).join("");
    if (!text || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName) || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const [one, other] = [light(over(rgba(ink), ground(element))), light(ground(element))].sort((a, b) => b - a);
    found.push({ text: text.slice(0, 40), ratio: (one + 0.05) / (other + 0.05) });
  }
  return found;
}
"""


# --- The browser, the stores, the pages --------------------------------------------------------------------------------


def chromium():
    """The browser to test with: the one that CHROMIUM names, or the first that is installed."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, named) if path), None)


@pytest.fixture(scope="module")
def browser():
    """One browser for the whole file."""
    path = chromium()
    if not path:
        pytest.skip("no Chromium: install it, or name it with CHROMIUM=path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def good(golden_build, project_root, tmp_path_factory):
    """The golden build's dashboards, as `make open` shows them: their folder, their address, and what the command said."""
    folder = tmp_path_factory.mktemp("pages")
    command = [sys.executable, "-m", "tools.dashboards", "--out", str(folder), "--serve", "--port", "0"]
    env = {**os.environ, "FEATURE_STORE_DB": str(golden_build.db), "DISPLAY": "", "WAYLAND_DISPLAY": "", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=project_root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said = [process.stdout.readline(), process.stdout.readline()]
        yield SimpleNamespace(folder=folder, address=re.search(r"http://\S+/", said[-1])[0], said=said)
        process.terminate()


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """`shown(db)` builds the pages of a store and serves them."""
    servers = []

    def show(db):
        folder = tmp_path_factory.mktemp("pages")
        with duckdb.connect(str(db), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            build.build(connection, folder)
        server = listen(folder, 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return SimpleNamespace(folder=folder, address=f"http://127.0.0.1:{server.server_port}/")

    yield show
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def empty(golden_build, tmp_path_factory, shown):
    """The golden build with nothing in its tables, as after a build of raw tables without rows."""
    db = golden_build.copy_db(tmp_path_factory.mktemp("empty"))
    with duckdb.connect(str(db)) as connection:
        for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            if schema in ("bronze", "silver", "gold", "published"):
                connection.execute(f'delete from {schema}."{name}"')
        connection.execute("insert into silver.as_of values (null)")
        connection.execute("update ledger.version_log set as_of = null")
        connection.execute("update ledger.audit_log set as_of = null")
    return shown(db)


# A second version that moved five points between two channels, a build whose check tripped, an outage, and a hold.
HAPPENED = [
    "insert into ledger.version_log select 'later', 'b2', published_at + interval 1 day, as_of, row_counts, reason from ledger.version_log",
    "insert into published.channel_credits_versions by name select * replace ('later' as version_id, credit_share + case channel "
    "when 'email' then 0.05 when 'direct' then -0.05 else 0 end as credit_share) from published.channel_credits_versions",
    "insert into published.campaign_daily_features_versions by name select * replace ('later' as version_id) "
    "from published.campaign_daily_features_versions",
    "insert into ledger.audit_log by name select * replace ('b2' as build_id, 'later' as version_id, audited_at + interval 1 day as "
    "audited_at) from ledger.audit_log",
    "insert into ledger.audit_log by name select * replace ('b3' as build_id, 'never' as version_id, audited_at + interval 1 day as "
    f"audited_at, false as is_accepted, 1 as trip_count, ['{TRIPPED}'] as tripped_checks, as_of + interval 30 hour as as_of) "
    "from ledger.audit_log where build_id = 'b2'",
    "insert into ledger.build_log select 'b3', max(audited_at), max(audited_at) + interval 90 second, 'tripped', 0, '' from ledger.audit_log",
    "update gold.circuit_breaker set status = 'trip', severity = 'page', reason = 'more of <i>half</i> the sessions is missing', "
    "runbook = 'docs/runbooks/discrepancy.md' where check_name = (select min(check_name) from gold.circuit_breaker)",
    f"update gold.circuit_breaker set check_name = '{TRIPPED}' where status = 'trip'",
    "insert into silver.outages by name select 'o' as outage_id, 'all' as scope, 'purchase' as conversion_type, 'payment' as step, "
    "as_of - interval 9 hour as started_at, as_of - interval 5 hour as ended_at, as_of - interval 8 hour as detected_at, "
    "12.0 as missing_sessions, false as is_known_incident, false as is_planned, true as is_alarm from silver.as_of",
    "insert into ledger.interventions by name select max(audited_at) as recorded_at, 'hold' as kind, 'the tester' as actor, "
    "'until the pixel is mended' as reason from ledger.audit_log",
]  # fmt: skip


@pytest.fixture(scope="module")
def tripped(golden_build, tmp_path_factory, shown):
    """The golden build after a second version and a build that tripped."""
    db = golden_build.copy_db(tmp_path_factory.mktemp("tripped"))
    with duckdb.connect(str(db)) as connection:
        for statement in HAPPENED:
            connection.execute(statement)
    return shown(db)


@pytest.fixture
def visit(browser):
    """`visit(site, file)` opens a page that is then fully drawn. Whatever goes wrong in it, or leaves the machine, fails."""
    contexts = []

    def open_page(site, file, viewport=DESKTOP, scheme="light", view=""):
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        wrong = []
        tab.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("request", lambda request: None if request.url.startswith((site.address, "data:")) else wrong.append(request.url))
        tab.on("response", lambda response: wrong.append(response.url) if response.status >= 400 else None)
        tab.wrong = wrong
        tab.goto(site.address + file + view)
        drawn(tab)
        return tab

    yield open_page
    problems = [problem for context in contexts for tab in context.pages for problem in tab.wrong]
    for context in contexts:
        context.close()
    assert problems == []


def drawn(tab):
    """Wait until every chart that is not hidden is drawn."""
    tab.wait_for_function("""() => [...document.querySelectorAll('.chart:not([hidden])')].every((chart) => chart.dataset.drawn)
        && document.body.dataset.shown !== ''""")


def overflow(tab):
    return tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


# --- What is shown is what the store says ------------------------------------------------------------------------------

OF_THE_RECORD = """
    select channel, credit_share as share, roas, cost_per_conversion as cost, credited_conversions as conversions,
        credited_revenue as revenue, spend
    from published.channel_credits
    where conversion_type = $type and attribution_model = $model and context_policy = $policy
"""
OF_A_PERIOD = """
    with credits as (
        select credits.channel, sum(credits.credit) as conversions, sum(credits.attributed_revenue) as revenue
        from gold.attribution_credits as credits
        inner join silver.conversions as conversions on credits.conversion_id = conversions.conversion_id
        where conversions.date between $first and $last and credits.conversion_type = $type
            and credits.attribution_model = $model and credits.context_policy = $policy
        group by 1
    ),
    costs as (
        select channel, sum(spend) as spend from silver.marketing_performance
        where date between $first and $last and spend is not null group by 1
    )
    select channel, coalesce(conversions, 0) / (select sum(conversions) from credits) as share, coalesce(revenue, 0) / spend as roas,
        spend / nullif(conversions, 0) as cost, coalesce(conversions, 0) as conversions, coalesce(revenue, 0) as revenue, spend
    from credits full outer join costs using (channel)
"""
VIEWS = [
    ("purchase", "all", "markov", "naive"),
    ("purchase", "all", "markov", "context_aware"),
    ("purchase", "all", "last_touch", "naive"),
    ("lead", "all", "shapley", "naive"),
    ("purchase", "last_28", "markov", "context_aware"),
    ("store_visit", "2025-10", "time_decay", "naive"),
]
SPANS = {"last_28": ("2025-11-03", "2025-11-30"), "2025-10": ("2025-10-01", "2025-10-31")}


def numbers(tab, name):
    """{first cell: numbers} of a table behind a chart, however it is written."""
    lines = tab.evaluate("(name) => [...document.querySelector(`[data-table=${name}]`).tBodies[0].rows].map((row) => "
                         "[...row.cells].map((cell) => cell.textContent))", name)  # fmt: skip
    return {line[0].lower().replace(" ", "_"): [as_number(cell) for cell in line[1:]] for line in lines}


def as_number(text):
    found = re.sub(r"[^\d.−-]", "", text).replace("−", "-")
    return float(found) / (100 if "%" in text else 1) if found.strip("-") else None


def figure(tab, name):
    return as_number(tab.text_content(f"[data-figure={name}]"))


@pytest.fixture(scope="module")
def executive_tab(browser, good):
    """One tab of the executive page for all views."""
    context = browser.new_context(viewport=DESKTOP)
    tab = context.new_page()
    tab.goto(good.address)
    drawn(tab)
    yield tab
    context.close()


@pytest.mark.parametrize(("kind", "period", "model", "policy"), VIEWS)
def test_the_numbers_shown_are_those_of_the_store(executive_tab, golden_db, kind, period, model, policy):
    tab = executive_tab
    tab.evaluate("(hash) => { document.body.dataset.shown = ''; location.hash = hash }",
                 f"type={kind}&period={period}&model={model}&policy={policy}")  # fmt: skip
    drawn(tab)
    asked = {"type": kind, "model": model, "policy": policy}
    if period == "all":
        result = golden_db.execute(OF_THE_RECORD, asked)
    else:
        first, last = SPANS[period]
        result = golden_db.execute(OF_A_PERIOD, {**asked, "first": first, "last": last})
    names = [column[0] for column in result.description]
    channels = {row[0]: dict(zip(names, row)) for row in result.fetchall()}

    known = [row for row in channels.values() if row["channel"] != "unattributed"]
    with_cost = [row for row in known if row["spend"] is not None]
    spend, revenue = sum(row["spend"] for row in with_cost), sum(row["revenue"] or 0 for row in with_cost)
    assert figure(tab, "conversions") == pytest.approx(sum(row["conversions"] for row in known), abs=0.51)
    assert (figure(tab, "revenue") or 0) == pytest.approx(sum(row["revenue"] or 0 for row in known), abs=0.51)
    assert figure(tab, "spend") == pytest.approx(spend, abs=0.51)
    assert (figure(tab, "roas") or 0) == pytest.approx(revenue / spend, abs=0.006)
    assert figure(tab, "cost") == pytest.approx(spend / sum(row["conversions"] for row in with_cost), abs=0.006)

    shares = numbers(tab, "shares")
    head = [text.lower().replace(" ", "_") for text in tab.locator("[data-table=shares] th").all_text_contents()]
    for channel, cells in shares.items():
        assert cells[head.index(model) - 1] == pytest.approx(channels[channel]["share"] if channel in channels else 0, abs=0.00051)
    assert sum(cells[head.index(model) - 1] for cells in shares.values()) == pytest.approx(1, abs=0.01)
    for name, field in (("roas", "roas"), ("cost", "cost")):
        told = {channel: cells[0] for channel, cells in numbers(tab, name).items()}
        expected = {row["channel"]: row[field] for row in with_cost if row[field] is not None and (field != "roas" or revenue)}
        assert told == pytest.approx(expected, abs=0.006)


def test_every_selector_changes_what_is_shown_and_the_address(visit, good):
    tab = visit(good, "index.html")
    seen = [tab.inner_text("main")]
    for name, value in (("type", "sign_up"), ("period", "last_28"), ("model", "last_touch")):
        tab.select_option(f"#{name}", value)
        drawn(tab)
        assert f"{name}={value}" in tab.url
        seen.append(tab.inner_text("main"))
    for change in (lambda: tab.select_option("#model", "markov"), lambda: tab.click("#policy button[value=context_aware]")):
        change()
        drawn(tab)
    seen.append(tab.inner_text("main"))
    assert len(set(seen)) == len(seen)
    tab.reload()
    drawn(tab)
    assert tab.inner_text("main") == seen[-1], "a view can be linked"


def test_context_is_told_in_words_where_it_matters_and_where_it_does_not(executive_tab, golden_db):
    [most] = golden_db.execute("""
        select aware.channel from published.channel_credits as aware
        inner join published.channel_credits as naive using (channel, attribution_model, conversion_type)
        where aware.context_policy = 'context_aware' and naive.context_policy = 'naive' and conversion_type = 'purchase'
            and attribution_model = 'markov'
        order by aware.credit_share - naive.credit_share desc limit 1
    """).fetchone()
    for model, words in (("markov", f"gives most to {most.replace('_', ' ').capitalize()}"), ("linear", "changes nothing")):
        executive_tab.evaluate("(hash) => { document.body.dataset.shown = ''; location.hash = hash }", f"model={model}&again")
        drawn(executive_tab)
        assert words in executive_tab.text_content("[data-says=moved]")


def test_checks_can_be_filtered(visit, good, golden_db):
    tab = visit(good, "on_call.html")
    counts = dict(golden_db.execute("select status, count(*) from gold.circuit_breaker group by 1").fetchall())
    rows = tab.locator("#check-list tbody tr:visible")
    assert rows.count() == counts["warn"]
    tab.click("#statuses button[value=pass]")
    assert rows.count() == counts["pass"]
    tab.click("#statuses button[value='']")
    assert rows.count() == sum(counts.values())
    tab.fill("#find", "freshness.crm")
    [found] = golden_db.execute("select count(*) from gold.circuit_breaker where contains(check_name, 'freshness.crm')").fetchone()
    assert rows.count() == found > 0
    tab.fill("#find", "no such check")
    assert rows.count() == 0 and tab.is_visible("#no-checks")


def test_the_on_call_page_tells_what_the_store_tells(good, golden_db):
    text = re.sub(r"<[^>]+>", " ", (good.folder / "on_call.html").read_text())
    [rows_read] = golden_db.execute("select sum(rows_read) from bronze.load_audit").fetchone()
    assert f"{rows_read:,}" in text
    for reason, count in golden_db.execute("select reason, count(*) from bronze.quarantine group by source_table, reason").fetchall():
        assert re.search(rf"{re.escape(reason)}\s+{count:,}\b", text), reason
    for [sli] in golden_db.execute("select distinct sli from gold.service_levels").fetchall():
        assert sli.replace("_", " ") in text
    [version] = golden_db.execute("select serving_version_id from published.serving_status").fetchone()
    assert text.count(version) >= 2, "in the banner, and beside the build that made it"


# --- Whatever the store is like, and whoever reads ---------------------------------------------------------------------


@pytest.mark.parametrize("state", ["good", "empty", "tripped"])
def test_a_phone_in_the_dark_shows_all_of_it(state, visit, request):
    site = request.getfixturevalue(state)
    for file in PAGES:
        tab = visit(site, file, viewport=PHONE, scheme="dark")
        assert overflow(tab) <= 0, file
        faint = [found for found in tab.evaluate(CONTRASTS) if found["ratio"] < 4.5]
        assert faint == [], file
        assert not re.search(r"\b(NaN|undefined|null|None|Infinity|nan)\b", tab.inner_text("body")), file


def test_text_in_the_light_has_contrast_and_the_theme_can_be_switched(visit, good):
    for file in PAGES:
        tab = visit(good, file)
        assert overflow(tab) <= 0
        assert [found for found in tab.evaluate(CONTRASTS) if found["ratio"] < 4.5] == []
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(ground)
    tab.click("#theme")
    assert tab.evaluate(ground) != light
    tab.reload()
    assert tab.evaluate(ground) != light, "the choice is remembered"


def test_every_chart_has_a_name_and_a_table(good):
    for file in PAGES:
        html = (good.folder / file).read_text()
        charts = html.count('<div class="chart"')
        assert charts >= 7
        assert len(re.findall(r'<div class="chart"[^>]* role="img" aria-label="[^"]{10,}"', html)) == charts
        assert html.count('<details class="behind">') == charts


def test_an_empty_store_says_so(visit, empty):
    tab = visit(empty, "index.html")
    assert "No conversion was credited yet" in tab.inner_text("main")
    assert "The store holds no data yet" in tab.inner_text("footer")
    assert visit(empty, "on_call.html").locator(".empty:visible").count() >= 8


@pytest.mark.slow
def test_a_store_built_from_tables_without_rows_has_its_pages(write_raw, dbt_build, tmp_path, shown, visit):
    raw = write_raw(tmp_path, {"raw.clickstream_events": [], "crm.orders": []}, format="csv")
    site = shown(dbt_build(raw, flags=["--exclude-resource-type", "test", "unit_test"]).db)
    for file in PAGES:
        assert visit(site, file, viewport=PHONE).locator(".empty:visible").count() >= 5


def test_without_any_version_the_last_build_is_shown_and_says_so(visit, golden_build, tmp_path, shown):
    db = golden_build.copy_db(tmp_path)
    with duckdb.connect(str(db)) as connection:
        connection.execute("delete from ledger.version_log")
        connection.execute("update ledger.audit_log set is_accepted = false, tripped_checks = ['volume.crm.orders']")
    tab = visit(shown(db), "index.html")
    assert "Consumers read nothing: no version was published yet" in tab.inner_text(".breaker.open")
    assert "gold.channel_credits of the last build: nothing was published yet" in tab.inner_text("main")
    assert figure(tab, "conversions") > 0 and "No version was published yet" in tab.inner_text("main")


def test_an_open_breaker_is_seen_first(visit, tripped):
    for file in PAGES:
        banner = visit(tripped, file).locator(".breaker")
        text = banner.inner_text()
        assert banner.get_attribute("role") == "alert" and text.startswith("Breaker open since")
        assert "Consumers read version later" in text and "30.0 hours behind" in text
        assert "more of <i>half</i> the sessions is missing" in text, "reasons are text"
        assert banner.get_by_role("link", name=TRIPPED).get_attribute("href") == "runbooks/discrepancy.html"
    tab = visit(tripped, "on_call.html")
    assert tab.locator("#check-list tbody tr:visible").count() == 1
    assert "until the pixel is mended" in tab.inner_text("main") and "the tester" not in tab.inner_text("main")
    assert "5.00" in visit(tripped, "index.html").inner_text("main"), "points moved between the versions"


def test_links_lead_somewhere(good):
    files = {path.relative_to(good.folder).as_posix() for path in good.folder.rglob("*.*")}
    for file in sorted(files):
        if file.endswith(".html"):
            for link in re.findall(r'(?:href|src)="([^"#]+)', (good.folder / file).read_text()):
                if not link.startswith("data:"):
                    assert link.startswith(("https://", "http://")) or Path(os.path.normpath(Path(file).parent / link)).as_posix() in files, (file, link)
    runbooks = set(re.findall(r'href="(runbooks/[a-z_]+\.html)"', (good.folder / "on_call.html").read_text()))
    assert len(runbooks) >= 20


# --- Nobody is on these pages ------------------------------------------------------------------------------------------

WHO = """
    select identifier_value as word from silver.identity_map union select person_id from silver.identity_map
    union select person_id from silver.conversions union select order_id from silver.conversions
    union select conversion_id from silver.conversions union select event_id from bronze.clickstream_events
    union select ip_hash from bronze.clickstream_events union select customer_id from bronze.customers
    union select row_key from bronze.quarantine
"""


def persons_on(text, known):
    """Words of a page that are somebody's identifier, an address, or look like a hash."""
    words = set(re.findall(r"[\w.@+:-]+", text))
    return {word for word in words if word in known or re.fullmatch(r"[^@]+@[\w-]+\.\w+", word) or re.fullmatch(r"[0-9a-f]{32,}", word)}


def test_no_person_is_on_the_pages(good, golden_db):
    known = {word for (word,) in golden_db.execute(WHO).fetchall() if word and len(word) > 5}
    somebody = next(iter(known))
    assert persons_on(f"<td>{somebody}</td> a@b.com {'ab' * 16}", known) >= {"a@b.com", "ab" * 16}, "the test would notice"
    for file in PAGES:
        assert persons_on((good.folder / file).read_text(), known) == set(), file


# --- Pictures for the documentation ------------------------------------------------------------------------------------

TALLEST = 2400  # pixels of a picture
PIXELS = """
(picture) => new Promise((resolve) => {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    const bytes = canvas.getContext("2d").getImageData(0, 0, image.width, image.height).data;
    const reader = new FileReader();
    reader.onload = () => resolve([image.width, image.height, reader.result.split(",")[1]]);
    reader.readAsDataURL(new Blob([bytes]));
  };
  image.src = "data:image/png;base64," + picture;
})
"""


@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="pictures are taken with SCREENSHOTS=folder (make screenshots)")
def test_screenshots(browser, shown, project_root):
    folder = project_root / os.environ["SCREENSHOTS"]
    folder.mkdir(parents=True, exist_ok=True)
    site = shown(store_path())
    for module in build.PAGES:
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=viewport, color_scheme=scheme)
                tab = context.new_page()
                tab.goto(site.address + page.file_of(module.NAME))
                drawn(tab)
                height = min(tab.evaluate("document.documentElement.scrollHeight"), TALLEST)
                taken = tab.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": viewport["width"], "height": height})
                picture = folder / f"{module.NAME}-{size}-{scheme}.png"
                picture.write_bytes(with_palette(*tab.evaluate(PIXELS, base64.b64encode(taken).decode())))
                context.close()
                assert picture.stat().st_size < 250_000, picture


def with_palette(width, height, pixels, colours=240):
    """A PNG of the most frequent colours, each other pixel in the nearest of them."""
    seen = np.frombuffer(base64.b64decode(pixels), dtype=np.uint8).reshape(-1, 4)[:, :3]
    seen = (seen & 0xFC) | (seen >> 6)  # 64 shades of each, white and black among them
    found, inverse, counts = np.unique(seen, axis=0, return_inverse=True, return_counts=True)
    palette = found[np.argsort(-counts, kind="stable")[:colours]]
    nearest = np.abs(found[:, None].astype(int) - palette[None]).sum(axis=2).argmin(axis=1).astype(np.uint8)
    lines = np.hstack([np.zeros((height, 1), np.uint8), nearest[inverse.reshape(-1)].reshape(height, width)])
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""),
    ]  # fmt: skip
    chunks = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# --- The command -------------------------------------------------------------------------------------------------------


def test_the_same_store_gives_the_same_bytes(good, golden_build, tmp_path):
    with golden_build.connect() as connection:
        connection.execute("set threads = 1")
        written = build.build(connection, tmp_path)
    for name in written:
        assert (tmp_path / name).read_bytes() == (good.folder / name).read_bytes(), name
    assert all((good.folder / file).stat().st_size < 3_000_000 for file in PAGES)


def test_the_command_says_where_the_pages_are(good):
    assert good.said[0].startswith(str(good.folder / "index.html"))
    assert good.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("problem", ["no store", "being written", "no build in it", "port taken"])
def test_what_stands_in_the_way_is_one_line(problem, project_root, tmp_path):
    db, port = tmp_path / DB_NAME, "0"
    writer = duckdb.connect(str(db)) if problem == "being written" else None
    if problem == "no build in it":
        duckdb.connect(str(db)).close()
    with socket.socket() as taken:
        if problem == "port taken":
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "tools.dashboards", "--out", str(tmp_path / "out"), "--serve", "--port", port]
        run = subprocess.run(command, cwd=project_root, env={**os.environ, "FEATURE_STORE_DB": str(db)}, capture_output=True, text=True)
    if writer:
        writer.close()
    expected = {"no store": "run make build", "being written": "is being written", "no build in it": "run make build", "port taken": "PORT="}
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.startswith("No dashboards: ") and expected[problem] in run.stderr and run.stderr.count("\n") == 1


@pytest.mark.parametrize(("told", "code"), [(executive, [certainty, credit, levels]), (on_call, [arrivals, incidents, levels]), (store, [])])
def test_a_page_names_the_tables_it_reads(told, code):
    """Exposures can rely on the list: what a query of its modules reads, and no more."""
    queries = "\n".join(Path(module.__file__).read_text() for module in [told, *code])
    read = set(re.findall(rf"\b(?:from|join) \(?({TABLE.pattern})|, ({TABLE.pattern})\n", queries))
    either = {"published.channel_credits", "gold.channel_credits"} if told is executive else set()
    assert set(told.TABLES) == {name for pair in read for name in pair if name} | either
