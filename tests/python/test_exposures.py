"""models/_exposures.yml names what its readers really read: their code is compared with what they declare."""

import re

import pytest
import yaml

TABLE = re.compile(r"\b(?:bronze|silver|gold|published)\.([a-z_]+)")
RELATION = re.compile(r"\b(?:bronze|silver|gold|history|ledger|published|reference)\.[a-z_]+")
FROM_DASHBOARDS = re.compile(r"^from tools\.dashboards(?:\.(\w+))? import ([\w, ]*)", re.MULTILINE)
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
    code = "".join(path.read_text() for path in (project_root / "tools" / "summary").glob("*.py"))
    assert declared["build_summary"] == sorted(set(TABLE.findall(code)))


@pytest.mark.parametrize("exposure", ANALYSES)
def test_an_analysis_declares_what_it_refers_to(declared, project_root, exposure):
    query = (project_root / "analyses" / f"{ANALYSES[exposure]}.sql").read_text()
    versioned = {name for table in VERSIONED.findall(query) for name in (f"{table}_versions", f"published_{table}")}
    as_known = {f"{table}_changes" for table in AS_KNOWN.findall(query)}
    assert declared[exposure] == sorted(set(REF.findall(query)) | versioned | as_known)


@pytest.mark.parametrize(("exposure", "code"), [("status", "tools/status.py"), ("alerts", "tools/alerts/store.py")])
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
    code = "".join(path.read_text() for path in (project_root / "tools" / "evaluation").rglob("*.py"))
    assert declared["evaluation_reports"] == sorted(set(TABLE.findall(code)))


@pytest.mark.parametrize("page", ["executive", "on_call", "debug"])
def test_a_dashboard_declares_the_tables_it_and_its_helpers_read(declared, relations, project_root, page):
    if not (project_root / "tools" / "dashboards" / f"{page}.py").exists():
        pytest.skip(f"there is no page {page} yet")
    code = "".join(path.read_text() for path in page_modules(project_root / "tools" / "dashboards", page))
    read = {relations[name] for name in RELATION.findall(code) if name in relations}
    assert declared[f"{page}_dashboard"] == sorted(read)


def page_modules(folder, name, found=frozenset()):
    """The files of a page: its module, and those of the folder that it imports, directly or not."""
    path = folder / f"{name}.py"
    found = found | {path}
    for module, names in FROM_DASHBOARDS.findall(path.read_text()):
        for other in [module] if module else re.findall(r"\w+", names):
            if folder / f"{other}.py" not in found:
                found |= page_modules(folder, other, found)
    return found


@pytest.fixture(scope="module")
def relations(golden_build):
    """{schema.table: name of the model or seed}; what hooks write has no model."""
    nodes = golden_build.manifest["nodes"].values()
    return {f"{node['schema']}.{node['alias']}": node["name"] for node in nodes if node["resource_type"] in ("model", "seed")}


def test_the_metrics_declare_the_tables_of_their_semantic_models(declared, golden_build):
    semantic = golden_build.manifest["semantic_models"].values()
    assert declared["metrics"] == sorted(REF.search(model["model"])[1] for model in semantic)


def test_every_promised_table_has_a_reader(declared, golden_build):
    models = [node for node in golden_build.manifest["nodes"].values() if node["resource_type"] == "model"]
    promised = {node["name"] for node in models if node["schema"] == "gold" and node["contract"]["enforced"]}
    unread = promised - {name for names in declared.values() for name in names}
    assert promised and not unread, f"nobody is declared in models/_exposures.yml as a reader of {sorted(unread)}"
