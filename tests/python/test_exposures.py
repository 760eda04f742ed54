"""models/_exposures.yml names what its readers really read: their code is compared with what they declare."""

import re

import pytest
import yaml

TABLE = re.compile(r"\b(?:bronze|silver|gold|published)\.([a-z_]+)")
REF = re.compile(r"ref\('(\w+)'\)")
AS_KNOWN = re.compile(r"features_as_known\('(\w+)'")
VERSIONED = re.compile(r"published_version\('(\w+)'")
ANALYSES = {
    "credit_between_versions": "credit_between_versions",
    "media_mix_panel": "mmm_panel",
    "singles_day_at_noon": "singles_day_at_noon",
    "channel_shares_against_truth": "channel_shares_against_truth",
    "purchases_foreseen": "purchases_foreseen",
}


@pytest.fixture(scope="module")
def declared(project_root):
    """{exposure: names of the models and seeds it depends on}."""
    exposures = yaml.safe_load((project_root / "models/_exposures.yml").read_text())["exposures"]
    return {exposure["name"]: sorted(REF.findall(" ".join(exposure["depends_on"]))) for exposure in exposures}


def test_the_summary_declares_the_tables_it_reads(declared, project_root):
    code = "".join(path.read_text() for path in (project_root / "summary").glob("*.py"))
    assert declared["build_summary"] == sorted(set(TABLE.findall(code)))


@pytest.mark.parametrize("exposure", ANALYSES)
def test_an_analysis_declares_what_it_refers_to(declared, project_root, exposure):
    query = (project_root / "analyses" / f"{ANALYSES[exposure]}.sql").read_text()
    versioned = {name for table in VERSIONED.findall(query) for name in (f"{table}_versions", f"published_{table}")}
    as_known = {f"{table}_changes" for table in AS_KNOWN.findall(query)}
    assert declared[exposure] == sorted(set(REF.findall(query)) | versioned | as_known)


@pytest.mark.parametrize(("exposure", "code"), [("status", "scripts/status.py"), ("alerts", "alerts/store.py")])
def test_who_tells_people_declares_what_it_reads(declared, project_root, exposure, code):
    assert declared[exposure] == sorted(set(TABLE.findall((project_root / code).read_text())))


def test_every_analysis_is_somebodys(project_root):
    assert sorted(ANALYSES.values()) == sorted(path.stem for path in (project_root / "analyses").glob("*.sql"))


def test_the_data_docs_declare_the_tables_of_their_suites(declared, project_root):
    tables = set()
    for layer in ("bronze", "gold"):
        suite = yaml.safe_load((project_root / "expectations" / f"{layer}.yml").read_text())
        tables |= {name for name, rules in suite.items() if "query" not in rules}
    assert declared["data_docs"] == sorted(tables)


def test_the_evaluation_declares_the_tables_it_reads(declared, project_root):
    code = "".join(path.read_text() for path in (project_root / "evaluation").rglob("*.py"))
    assert declared["evaluation_reports"] == sorted(set(TABLE.findall(code)))


def test_every_promised_table_has_a_reader(declared, golden_build):
    models = [node for node in golden_build.manifest["nodes"].values() if node["resource_type"] == "model"]
    promised = {node["name"] for node in models if node["schema"] == "gold" and node["contract"]["enforced"]}
    unread = promised - {name for names in declared.values() for name in names}
    assert promised and not unread, f"nobody is declared in models/_exposures.yml as a reader of {sorted(unread)}"
