"""Documentation that can be trusted: links lead somewhere, names exist, and code runs as it stands on the page."""

import csv
import os
import re
import subprocess
import sys

import duckdb
import pytest
import yaml
from platform_samples import write_samples

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", flags=re.MULTILINE)
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", flags=re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"(?:^|[$;] |=\S+ )make ([a-z][a-z-]+)", flags=re.MULTILINE)
TABLE = re.compile(r"\b(bronze|silver|gold|history|ledger|published|reference)\.([a-z_]+)\b")
MAPPING = re.compile(r"^### (.+?): (\w+\.\w+)\n(?:(?!^###).)*?^```sql\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)

# Files of the project that look like tables.
NO_TABLES = {"bronze.yml", "gold.yml"}


@pytest.fixture(scope="module")
def pages(project_root):
    """{path: text} of README.md and everything in docs."""
    paths = [project_root / "README.md", *sorted((project_root / "docs").rglob("*.md"))]
    return {path: path.read_text() for path in paths}


@pytest.fixture(scope="module")
def guides(pages, project_root):
    return {path.stem: text for path, text in pages.items() if path.parent == project_root / "docs" / "guides"}


def listing(wrong):
    return "\n" + "\n".join(sorted(wrong))


def anchors(text):
    """The ids that headings get: lower case, no punctuation, dashes for spaces."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(BLOCK.sub("", text))}


def code_of(text):
    """What stands in blocks and between backticks."""
    return [code for _, code in BLOCK.findall(text)] + SPAN.findall(BLOCK.sub("", text))


# --- Names ------------------------------------------------------------------------------------------------------------


def test_every_relative_link_leads_somewhere(pages, project_root):
    wrong = []
    for path, text in pages.items():
        for target in LINK.findall(BLOCK.sub("", text)):
            if re.match(r"\w+:", target):
                continue
            name, _, anchor = target.partition("#")
            found = (path.parent / name).resolve() if name else path
            if not found.exists():
                wrong.append(f"{path.relative_to(project_root)} links to {target}")
            elif anchor and found.suffix == ".md" and anchor not in anchors(found.read_text()):
                wrong.append(f"{path.relative_to(project_root)}: {target} is no heading")
    assert len(pages) > 30 and not wrong, listing(wrong)


def test_every_make_target_that_is_named_exists(pages, project_root):
    targets = set(re.findall(r"^([a-z-]+):.*##", (project_root / "Makefile").read_text(), flags=re.MULTILINE))
    named = {(word, path.name) for path, text in pages.items() for code in code_of(text) for word in MAKE.findall(code)}
    wrong = [f"{page}: make {word}" for word, page in named if word not in targets]
    assert {"build", "export", "pr-check"} <= {word for word, _ in named} and not wrong, listing(wrong)


def test_every_table_that_is_named_exists(pages, golden_build):
    rows = golden_build.rows("select table_schema, table_name from information_schema.tables")
    real = {(row["table_schema"], row["table_name"]) for row in rows}
    wrong = [
        f"{path.name}: {schema}.{table}"
        for path, text in pages.items()
        for schema, table in TABLE.findall(text)
        if (schema, table) not in real and f"{schema}.{table}" not in NO_TABLES
    ]
    assert not wrong, listing(wrong)


def test_the_index_names_every_page(pages, project_root):
    index = (project_root / "docs" / "README.md").read_text()
    docs = project_root / "docs"
    missing = [
        str(path.relative_to(docs))
        for path in pages
        if docs in path.parents and "runbooks" not in path.parts and path != docs / "README.md"
        if f"({path.relative_to(docs)})" not in index
    ]
    assert not missing, listing(missing)
    assert "(docs/README.md)" in pages[project_root / "README.md"]


def test_every_check_has_its_runbook_and_its_row_in_the_index(project_root):
    runbooks = project_root / "docs" / "runbooks"
    index = (runbooks / "README.md").read_text()
    with (project_root / "seeds" / "breaker_checks.csv").open(newline="") as handle:
        checks = list(csv.DictReader(handle))
    pages = {f"{check['runbook']}.md" for check in checks}
    wrong = [f"{page} is not there" for page in pages if not (runbooks / page).exists()]
    families = {check["check_family"] for check in checks}
    wrong += [f"{family} is not in the index" for family in families if f"`{family}`" not in index]
    assert checks and not wrong, listing(wrong)


def test_every_line_of_the_books_is_explained_to_finance(project_root):
    with (project_root / "seeds" / "booking_lines.csv").open(newline="") as handle:
        lines = [row["line"] for row in csv.DictReader(handle)]
    page = (project_root / "docs" / "finance.md").read_text()
    assert lines and [line for line in lines if f"| `{line}` |" not in page] == []


# --- Code -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["guides/read_a_discrepancy", "guides/choose_a_model", "guides/add_a_channel", "guides/tune_a_threshold", "finance"])
def test_every_query_of_a_page_runs(page, project_root, golden_db):
    text = (project_root / "docs" / f"{page}.md").read_text()
    queries = [code for language, code in BLOCK.findall(text) if language == "sql"]
    assert queries
    for query in queries:
        assert golden_db.execute(query).fetchall() or "couponhub" in query, query


@pytest.fixture(scope="module")
def exports(golden_build, project_root, tmp_path_factory):
    """Exports of the golden build, as the guides ask for them."""
    out = tmp_path_factory.mktemp("exports")
    environment = {**os.environ, "FEATURE_STORE_DB": str(golden_build.db)}
    for arguments in ([], ["--gold", "--table", "journeys"]):
        line = [sys.executable, "-m", "tools.exports", "--out", str(out), *arguments]
        subprocess.run(line, cwd=project_root, env=environment, check=True, stdout=subprocess.DEVNULL)
    return out


@pytest.mark.parametrize("page", ["notebooks", "bi"])
def test_the_python_of_a_guide_runs_from_top_to_bottom(page, guides, exports, monkeypatch, capsys):
    monkeypatch.setenv("EXPORTS", str(exports))
    blocks = [code for language, code in BLOCK.findall(guides[page]) if language == "python"]
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, f"{page}.md", "exec"), names)
    assert page == "bi" or "paid_search" in capsys.readouterr().out


def test_the_file_of_views_follows_the_export(exports, guides, monkeypatch):
    monkeypatch.setenv("EXPORTS", str(exports))
    [block] = [code for language, code in BLOCK.findall(guides["bi"]) if language == "python"]
    exec(compile(block, "bi.md", "exec"), {})
    with duckdb.connect(str(exports / "bi.duckdb"), read_only=True) as connection:
        [version] = connection.execute("select distinct version_id from model_registry").fetchone()
        assert version == (exports / "current").resolve().name
        assert connection.execute("select count(*) from channel_credits").fetchone()[0]


@pytest.fixture(scope="module")
def contract(project_root):
    """{schema.table: {column: is required}} and the key of each."""
    sources = yaml.safe_load((project_root / "models/bronze/_sources.yml").read_text())["sources"]
    tables = {f"{source['name']}.{table['name']}": table for source in sources for table in source["tables"]}

    def required(column):
        return column.get("config", {}).get("meta", {}).get("required", False)

    return {
        name: ({column["name"]: required(column) for column in table["columns"]}, table["config"]["meta"])
        for name, table in tables.items()
    }


def test_every_mapping_gives_rows_of_its_table(guides, contract, tmp_path):
    write_samples(tmp_path)
    mappings = MAPPING.findall(guides["platforms"])
    assert len(mappings) == len(BLOCK.findall(guides["platforms"])) == 8
    for platform, table, query in mappings:
        columns, meta = contract[table]
        rows = duckdb.sql(query.replace("{datasets}", str(tmp_path))).to_arrow_table().to_pandas()
        assert len(rows), platform
        assert set(rows.columns) <= set(columns), (platform, set(rows.columns) - set(columns))
        needed = [name for name, is_required in columns.items() if is_required]
        assert rows[needed].notna().all().all(), (platform, rows[needed])
        key = [name for name in [*meta["key"], meta.get("version_column")] if name in rows]
        assert not rows.duplicated(key).any(), (platform, key)


def test_mappings_keep_states_amounts_and_refusals(guides, tmp_path):
    write_samples(tmp_path)
    mapped = {
        platform: duckdb.sql(query.replace("{datasets}", str(tmp_path))).to_arrow_table().to_pandas()
        for platform, _, query in MAPPING.findall(guides["platforms"])
    }
    shopify = mapped["Shopify"].set_index("order_id")
    assert shopify["status"].to_dict() == {"1": "paid", "2": "partially_refunded", "3": "cancelled", "4": "shipped"}
    assert shopify["refund_amount"].dropna().to_dict() == {"2": 20} and shopify.loc["4", "sales_channel"] == "store"
    woo = mapped["WooCommerce"].set_index("order_id")
    assert woo["status"].to_dict() == {"1": "paid", "2": "partially_refunded", "4": "cancelled"}
    assert woo["refund_amount"].dropna().to_dict() == {"2": 20} and woo["customer_id"].dropna().to_dict() == {"2": "7"}
    assert sorted(mapped["GA4"]["event_name"]) == ["page_view", "product_view", "purchase"]
    assert mapped["GA4"].set_index("event_name")["consent"].to_dict() == {"page_view": True, "product_view": False, "purchase": True}
    assert sorted(mapped["Segment, RudderStack"]["event_name"]) == ["add_to_cart", "page_view", "purchase"]
    assert sorted(mapped["Snowplow"]["event_name"]) == ["page_view", "purchase"]
    assert sorted(mapped["Meta Ads"]["spend"]) == [12.34, 13.0] and set(mapped["Google Ads"]["clicks"]) == {40, 41}
