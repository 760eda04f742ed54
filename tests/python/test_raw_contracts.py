"""Raw files are checked against their contract before a load, and damage is named by table and column.

Each run is a process of its own: importing great-expectations costs seconds and memory that no other test should pay.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

RAW_ADDRESS = "erika.mustermann@example.org"

# Queries that replace a raw file of the demo world, which each reads as `whole`.
DAMAGE = {
    "crm.orders": "select * rename (revenue as gross) from whole",
    "raw.facebook_ads": "select * replace (replace(spend::varchar, '.', ',') || ' EUR' as spend) from whole",
    "raw.google_ads": "select * replace (case when row_number() over () % 2 = 0 then clicks end as clicks) from whole",
    "raw.clickstream_events": "select * from whole where false",
    "crm.order_items": "select * from whole where false",
    "finance.fx_rates": "select * from whole union all select * from whole",
    "warehouse.inventory_hourly_snapshot": "select * from whole "
    "union all select * replace (timestamp '2099-01-01' as snapshot_at) from (from whole limit 1)",
    "marketing.promo_calendar": f"select * replace ('{RAW_ADDRESS}' as tier), 1 as budget from whole",
}


@dataclass(frozen=True)
class Checked:
    """What one run said and wrote."""

    exit_code: int
    output: str
    folder: Path

    def lines(self, word):
        """What failed (or warned), as "table · expectation"."""
        marked = [line.strip().removeprefix(f"{word} ") for line in self.output.splitlines() if line.startswith(f"  {word} ")]
        return [" · ".join(line.split(" · ")[:2]) for line in marked]


def check(project_root, raw_dir, folder):
    command = [sys.executable, "expectations/run.py", "--raw", str(raw_dir), "--out", str(folder)]
    ended = subprocess.run(command, cwd=project_root, timeout=300, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Checked(ended.returncode, ended.stdout, folder)


@pytest.fixture(scope="module")
def sound(project_root, small_world, tmp_path_factory):
    return check(project_root, small_world, tmp_path_factory.mktemp("docs"))


@pytest.fixture(scope="module")
def damaged(project_root, small_world, tmp_path_factory):
    raw = tmp_path_factory.mktemp("damaged") / "raw"
    shutil.copytree(small_world, raw)
    for name, query in DAMAGE.items():
        path = raw / name.replace(".", "/")
        files = path / "*.parquet" if path.is_dir() else path.with_suffix(".parquet")
        with duckdb.connect() as connection:
            connection.execute(f"create table whole as from '{files}'")
            if path.is_dir():
                shutil.rmtree(path)
            connection.execute(f"copy ({query}) to '{path.with_suffix('.parquet')}'")
    half = raw / "raw" / "tiktok_ads.parquet"
    half.write_bytes(half.read_bytes()[:2000])
    (raw / "raw" / "offline_conversions.json").write_text('{"conversion_id": 1}')
    (raw / "experiments" / "holdout_results.parquet").unlink()
    return check(project_root, raw, tmp_path_factory.mktemp("docs"))


def test_the_demo_world_keeps_its_contract(sound):
    assert sound.exit_code == 0, sound.output
    assert sound.lines("FAILED") == sound.lines("WARNING") == []


def test_every_declared_table_and_required_column_is_looked_at(sound, golden_build):
    results = {table["table"]: table["results"] for table in json.loads((sound.folder / "results.json").read_text())}
    sources = golden_build.manifest["sources"].values()
    assert sorted(results) == sorted(f"{node['source_name']}.{node['name']}" for node in sources)
    for node in sources:
        described = [result["expectation_config"]["description"] for result in results[f"{node['source_name']}.{node['name']}"]]
        for column in node["columns"].values():
            if column["config"]["meta"].get("required"):
                assert any(text.startswith(f"{column['name']}: at most") for text in described), (node["name"], column["name"])


def test_what_is_missing_or_unreadable_is_what_bronze_sets_aside(sound, golden_build):
    """The same macros read both: a row with a broken value is in the quarantine, and nothing else is."""
    [aside] = golden_build.rows("select count(*) as rows from bronze.quarantine where reason not like '%lies after%'")
    broken = [
        result["result"]["unexpected_count"]
        for table in json.loads((sound.folder / "results.json").read_text())
        for result in table["results"]
        if " missing" in result["expectation_config"]["description"] or " readable" in result["expectation_config"]["description"]
    ]
    assert sum(broken) == aside["rows"] > 0


def test_damage_is_named_by_table_and_column_and_nothing_else_fails(damaged):
    assert damaged.exit_code == 1
    failed = damaged.lines("FAILED")
    assert sorted(line for line in failed if "cannot" not in line and "can be read" not in line) == sorted([
        "crm.orders · 6 required columns: there (revenue is missing)",
        "finance.fx_rates · date, currency: at most 5% of the rows with the key of another",
        "raw.clickstream_events · at least one row (it is empty)",
        "raw.facebook_ads · spend: at most 5% of the rows not readable as number",
        "raw.google_ads · clicks: at most 5% of the rows missing",
        "warehouse.inventory_hourly_snapshot · snapshot_at: no row later than tomorrow (1 is)",
    ])


def test_files_that_cannot_be_read_are_one_line_each(damaged):
    unreadable = [line for line in damaged.lines("FAILED") if "can be read" in line]
    assert len(unreadable) == 2
    assert "tiktok_ads.parquet" in unreadable[0]
    assert unreadable[1].startswith("raw.offline_conversions") and "several formats (csv, json)" in unreadable[1]


def test_what_harms_no_load_is_a_warning(damaged):
    assert sorted(damaged.lines("WARNING")) == sorted([
        "crm.order_items · at least one row (it is empty)",
        "crm.orders · no column that is not declared (gross is new)",
        "marketing.promo_calendar · no column that is not declared (budget is new)",
        "marketing.promo_calendar · tier: one of major, minor",
    ])


def test_absent_optional_tables_are_named(sound, damaged):
    assert "Optional and not there: experiments.holdout_results" in damaged.output
    assert "not there" not in sound.output


def test_the_page_is_written_and_shows_no_value_of_a_row(damaged):
    page = (damaged.folder / "index.html").read_text()
    assert "What arrives: raw files" in page and "revenue is missing" in page and 'class="warns"' in page
    written = [damaged.output, *(path.read_text() for path in damaged.folder.iterdir())]
    assert not any(RAW_ADDRESS in text for text in written)


def test_a_missing_folder_is_one_line_that_says_what_to_do(project_root, tmp_path):
    checked = check(project_root, tmp_path / "nowhere", tmp_path)
    assert checked.exit_code == 1
    assert len(checked.output.splitlines()) == 1 and "nowhere" in checked.output


def test_required_tables_that_are_not_there_fail(project_root, tmp_path):
    (tmp_path / "raw").mkdir()
    checked = check(project_root, tmp_path / "raw", tmp_path / "docs")
    assert checked.exit_code == 1
    assert checked.lines("FAILED") == [
        f"{name} · the table is there (no such file, or one without a header)" for name in ("raw.clickstream_events", "crm.orders")
    ]
