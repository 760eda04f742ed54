"""Runbooks that can be trusted: every indicator has its page, every page has its parts, and every query on it runs."""

import csv
import re

import pytest

PARTS = ["Symptom", "Likely causes", "Look", "Fix"]
QUERY = re.compile(r"^```sql\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folder(project_root):
    return project_root / "docs" / "runbooks"


@pytest.fixture(scope="module")
def targets(project_root):
    """The rows of the seed by indicator."""
    with (project_root / "seeds" / "service_level_targets.csv").open(newline="") as handle:
        return {row["sli"]: row for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def pages(folder):
    """Every page but the index: {name: text}."""
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.md")) if path.stem != "README"}


def test_every_indicator_has_its_page(targets, pages):
    assert set(targets) <= set(pages)


def test_every_page_says_what_where_and_how(pages):
    for name, text in pages.items():
        assert text.startswith(f"# {name}\n"), name
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == PARTS, name
        assert QUERY.search(text), f"{name} has no query"


def test_the_index_names_every_page_and_the_targets_of_the_seed(folder, targets, pages):
    index = (folder / "README.md").read_text()
    assert [name for name in pages if f"({name}.md)" not in index] == []
    for sli, row in targets.items():
        [line] = [line for line in index.splitlines() if line.startswith(f"| [{sli}]")]
        assert f"{row['direction'].replace('_', ' ')} {row['target']}" in line
        assert ("a day later" in line) == (row["settle_hours"] == "24")
        assert not row["day_objective"] or f"days, {float(row['day_objective']):.0%}".replace("%", " %") in line


def test_links_between_pages_lead_somewhere(folder):
    for path in folder.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_every_query_runs(folder, golden_db):
    for path in sorted(folder.glob("*.md")):
        for query in QUERY.findall(path.read_text()):
            result = golden_db.execute(query)
            assert result.description, path.name
            result.fetchall()


def test_the_store_points_to_pages_that_are_there(project_root, golden_db):
    for (runbook,) in golden_db.execute("select distinct runbook from gold.service_levels").fetchall():
        assert (project_root / runbook).exists(), runbook
