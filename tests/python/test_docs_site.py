"""The documentation page (`make docs`): what it must say, and that it says it without a network."""

import json
import re
import subprocess
import sys

import pytest
from conftest import DB_NAME, PROJECT_ROOT, run_dbt
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(PROJECT_ROOT / "tools"))
import docs_site  # noqa: E402

GLOSSARY = (PROJECT_ROOT / "models/glossary.md").read_text()
DESCRIBED = ("gold", "published", "history", "ledger", "semantic")
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# Tables that hooks write and whose columns macros/increments/loads.sql and macros/publishing describe.
NO_MODELS = ("build_log", "current_files", "current_load", "found_files", "load_log", "loaded_files")


@pytest.fixture(scope="module")
def manifest(golden_build):
    """As the page shows it."""
    manifest = json.loads((golden_build.target / "manifest.json").read_text())
    docs_site.describe_kept_columns(manifest)
    return manifest


@pytest.fixture(scope="module")
def page(golden_build, tmp_path_factory):
    """The page of the golden build; what only the catalog knows, sizes and types, is left out."""
    written = tmp_path_factory.mktemp("docs") / "index.html"
    manifest = json.loads((golden_build.target / "manifest.json").read_text())
    written.write_text(docs_site.page(manifest, {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}))
    return written


def test_every_real_column_is_described_on_the_page(manifest, golden_build):
    described = {
        f"{model['schema']}.{model['alias']}.{name}"
        for model in manifest["nodes"].values()
        if model["resource_type"] == "model"
        for name, column in model["columns"].items()
        if column["description"].strip()
    }
    real = golden_build.rows(f"""
        select table_schema || '.' || table_name || '.' || column_name as name
        from information_schema.columns
        where table_schema in {DESCRIBED} and table_name not in {NO_MODELS}
    """)
    silent = sorted({row["name"] for row in real} - described)
    assert real and not silent, "\n".join(silent)


def test_no_description_is_a_placeholder(manifest):
    placeholder = re.compile(r"\b(todo|tbd|fixme|xxx|lorem|placeholder|description)\b|^\W*$", re.IGNORECASE)
    things = [
        thing
        for kind in ("nodes", "sources", "metrics", "semantic_models", "saved_queries", "exposures")
        for thing in manifest[kind].values()
        if thing["package_name"] == docs_site.PROJECT and thing["resource_type"] not in ("test", "operation", "analysis")
    ]
    told = {thing["name"]: thing["description"] for thing in things}
    for thing in things:
        told |= {f"{thing['name']}.{name}": column["description"] for name, column in thing.get("columns", {}).items()}
    empty = [
        f"{name}: {words!r}"
        for name, words in told.items()
        if placeholder.search(words) or re.sub(r"\W", "", words).lower() == re.sub(r"\W", "", name.split(".")[-1])
    ]
    assert told and not empty, "\n".join(empty)


def test_every_term_of_the_glossary_serves_a_column_and_stands_on_its_page():
    terms = re.findall(r"{% docs (\w+) %}", GLOSSARY)
    files = [path for folder in ("models", "seeds") for path in (PROJECT_ROOT / folder).rglob("*.yml")]
    idle = set(terms) - {term for path in files for term in re.findall(r"doc\('(\w+)'\)", path.read_text())}
    assert not idle, f"no column takes its words from {sorted(idle)}"
    shown = docs_site.glossary(GLOSSARY)
    assert terms and re.findall(r"^\*\*`(\w+)`\*\* — \S", shown, re.MULTILINE) == terms
    assert "{%" not in shown and shown.startswith("## ")


def test_the_overview_leads_to_what_exists(manifest):
    overview = manifest["docs"][f"doc.{docs_site.PROJECT}.__overview__"]["block_contents"]
    targets = re.findall(r"\(#!/(?:model|metric)/([\w.]+)\)", overview)
    known = manifest["nodes"].keys() | manifest["metrics"].keys()
    assert len(targets) > 10 and not set(targets) - known, set(targets) - known
    assert f"(#!/overview/{docs_site.PROJECT})" in overview


def test_every_layer_has_the_colour_that_the_overview_names(manifest):
    overview = manifest["docs"][f"doc.{docs_site.PROJECT}.__overview__"]["block_contents"]
    layers = overview[overview.index("|---|") : overview.index("## Where to begin")]
    colours = {
        "breaker" if "breaker" in node["fqn"] else node["schema"]: node["docs"]["node_color"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    assert None not in colours.values() and len(set(colours.values())) == len(colours)
    assert sorted(re.findall(r"^\| (\w+) \| \w+ \|", layers, re.MULTILINE)) == sorted(colours)


def test_the_page_loads_nothing_from_elsewhere(page):
    """No script, style, font or picture has an address; a browser without a network is asked by a slow test."""
    text = page.read_text()
    assert "INLINE DATA" not in text and "**`person_id`** " in text
    tags = r"""<(?:script|link|img|iframe)[^>]*?(?:src|href)=["']?(?:https?:)?//[^>]*>"""
    styles = r"""@import[^;]*//|url\(["']?(?:https?:)?//[^)]*"""
    loaded = re.findall(f"{tags}|{styles}", text[: text.index("<body")])
    assert not loaded, loaded[:5]


@pytest.mark.slow
def test_the_page_is_read_without_a_network(page):
    """Overview, glossary and a table's columns in a real browser that has no network, and that asks for none."""
    asked = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        tab = browser.new_context(offline=True).new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(page.as_uri())
        tab.get_by_text("Five questions and the table that answers each").wait_for()
        tab.get_by_role("link", name="Glossary", exact=True).click()
        tab.get_by_text("The person: a surrogate key of the oldest identifier").wait_for()
        tab.goto(f"{page.as_uri()}#!/model/model.{docs_site.PROJECT}.published_channel_credits.v1")
        tab.locator("td:visible", has_text="credited_conversions").first.wait_for()
        browser.close()
    outside = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert asked and not outside, outside[:5]


@pytest.mark.slow
def test_the_same_store_gives_the_same_page(golden_build, small_world, tmp_path):
    golden_build.copy_db(tmp_path)
    pages = []
    for _ in range(2):
        generated = run_dbt(small_world, tmp_path / DB_NAME, command=("docs", "generate"), artifacts=True)
        assert generated.exit_code == 0, generated.output
        run = subprocess.run(
            [sys.executable, "tools/docs_site.py", tmp_path / "target"], cwd=PROJECT_ROOT, capture_output=True, text=True
        )
        assert run.returncode == 0 and "open it in a browser" in run.stdout, run.stderr
        pages.append((tmp_path / "target/docs/index.html").read_text())
    assert pages[0] == pages[1] and str(tmp_path) not in pages[0]


def test_without_a_manifest_it_says_what_to_do(tmp_path):
    run = subprocess.run([sys.executable, "tools/docs_site.py", tmp_path], cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == f"No documentation: there is no {tmp_path / 'manifest.json'} yet; run make docs\n"
