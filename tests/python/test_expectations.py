"""The great-expectations suites hold on the golden build, and notice planted damage without showing it.

Each run is a process of its own: importing great-expectations costs seconds and memory that no other test should pay.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

RAW_ADDRESS = "erika.mustermann@example.org"

DAMAGE = {
    "a click count below zero": "update bronze.facebook_ads set clicks = -1 where rowid = 0",
    "a credit above one": "update gold.rule_credits set credit = 1.5 where rowid = 0",
    "a raw e-mail address": f"update bronze.orders set email_hash = '{RAW_ADDRESS}' where rowid = 0",
    "a row twice": "insert into bronze.fx_rates select * from bronze.fx_rates where rowid = 0",
    "a table that does not balance": "update bronze.load_audit set is_balanced = false where rowid = 0",
    "a column of another type": "alter table bronze.order_items alter quantity type varchar",
    "a column that went away": "alter table gold.traffic_summary drop column z_score",
}


@dataclass(frozen=True)
class Checked:
    """What one run of the suites said and wrote."""

    exit_code: int
    output: str
    folder: Path

    def failures(self):
        return [line.split(" · ")[0].removeprefix("  FAILED ") + " · " + line.split(" · ")[1]
                for line in self.output.splitlines() if line.startswith("  FAILED ")]


@pytest.fixture(scope="module")
def check(project_root, tmp_path_factory):
    def run(db, *options):
        folder = tmp_path_factory.mktemp("docs")
        command = [sys.executable, "expectations/run.py", "--db", str(db), "--out", str(folder), *options]
        ended = subprocess.run(
            command, cwd=project_root, timeout=300, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return Checked(ended.returncode, ended.stdout, folder)

    return run


@pytest.fixture(scope="module")
def sound(check, golden_build):
    return check(golden_build.db)


@pytest.fixture(scope="module")
def damaged(check, golden_build, tmp_path_factory):
    db = golden_build.copy_db(tmp_path_factory.mktemp("damaged"))
    with duckdb.connect(str(db)) as connection:
        for statement in DAMAGE.values():
            connection.execute(statement)
    return check(db)


def test_all_expectations_hold_on_the_golden_build(sound):
    assert sound.exit_code == 0, sound.output
    assert sound.failures() == []


def test_every_raw_table_and_every_promised_table_is_checked(sound, golden_build):
    checked = {(table["layer"], table["table"]) for table in json.loads((sound.folder / "results.json").read_text())}
    raw = {("bronze", node["name"]) for node in golden_build.manifest["sources"].values()}
    promised = {
        (node["schema"], node["name"])
        for node in golden_build.manifest["nodes"].values()
        if node["schema"] == "gold" and node["config"].get("contract", {}).get("enforced")
    }
    assert raw | promised <= checked


def test_every_expectation_looked_at_something(sound):
    for table in json.loads((sound.folder / "results.json").read_text()):
        for result in table["results"]:
            assert result["result"]["element_count"] > 0, (table["table"], result["expectation_config"])


def test_large_tables_are_sampled(check, golden_build):
    sampled = check(golden_build.db, "--sample-above", "20000")
    assert sampled.exit_code == 0, sampled.output
    for table in json.loads((sampled.folder / "results.json").read_text()):
        least, most = (8_000, 22_000) if table["rows"] > 20_000 else (table["rows"], table["rows"])
        assert least <= table["checked_rows"] <= most, table["table"]


def test_damage_is_noticed_where_it_is_and_nowhere_else(damaged):
    assert damaged.exit_code == 1
    assert sorted(damaged.failures()) == sorted([
        "bronze.facebook_ads · clicks: at least 0",
        "bronze.fx_rates · date, currency: no two rows are the same",
        "bronze.load_audit · is_balanced: one of true",
        "bronze.order_items · 4 columns: there, with their declared types (quantity is VARCHAR)",
        "bronze.order_items · quantity: at least 0",
        "bronze.orders · email_hash: 64 hexadecimal digits",
        "gold.attribution_credits · credit: 0 to 1",
        "gold.credit_trail · credit: 0 to 1",  # a view of the credits
        "gold.credits_of_conversions · credit: 0.999999999 to 1.000000001",
        "gold.traffic_summary · 12 columns: there, with their declared types (z_score is missing)",
    ])


def test_the_page_opens_the_tables_that_fail_and_no_others(damaged):
    page = (damaged.folder / "index.html").read_text()
    opened = re.findall(r"<details open>\n<summary><b>(\w+)</b>", page)
    assert opened == list(dict.fromkeys(line.split(" · ")[0].split(".")[1] for line in damaged.failures()))


def test_no_value_of_a_row_is_shown(damaged):
    written = [damaged.output, *(path.read_text() for path in damaged.folder.iterdir())]
    assert not any(RAW_ADDRESS in text for text in written)


def test_the_page_needs_no_network(sound):
    page = (sound.folder / "index.html").read_text()
    assert "holds" in page
    assert not re.search(r"https?:|src=|<link|<script|@import|url\(", page)


def test_without_a_store_there_is_one_line_that_says_what_to_do(check, tmp_path):
    checked = check(tmp_path / "absent.duckdb")
    assert checked.exit_code == 1
    assert len(checked.output.splitlines()) == 1 and "make build" in checked.output


@pytest.mark.parametrize("content", ["an empty store", "not a store"])
def test_a_store_that_cannot_be_checked_is_one_line(check, tmp_path, content):
    db = tmp_path / "feature_store.duckdb"
    if content == "an empty store":
        duckdb.connect(str(db)).close()
    else:
        db.write_text("certainly not a database " * 1000)
    checked = check(db)
    assert checked.exit_code == 1
    assert len(checked.output.splitlines()) == 1 and "feature_store.duckdb" in checked.output
