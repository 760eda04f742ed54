"""Write dbt's documentation as one page that needs no network: target/docs/index.html.

    .venv/bin/dbt docs generate --profiles-dir profiles
    .venv/bin/python tools/docs_site.py

Takes the manifest and the catalog that dbt wrote, adds the glossary as the project's page, describes the columns that published
and historical tables keep of gold's, and leaves out what belongs to a run: its times, its ids, and SQL as it was compiled, which
holds both. The same project and store give the same bytes.
"""

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "attribution_feature_store"
GLOSSARY_PAGE = f"doc.{PROJECT}.__{PROJECT}__"
OF_THE_RUN = {
    "generated_at": "", "invocation_id": "", "invocation_started_at": "", "run_started_at": "", "created_at": 0,
    "compiled": False, "compiled_code": None, "compiled_path": None, "extra_ctes": [],
}  # fmt: skip


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target"
    try:
        manifest, catalog = (json.loads((target / f"{name}.json").read_text()) for name in ("manifest", "catalog"))
    except FileNotFoundError as missing:
        print(f"No documentation: there is no {missing.filename} yet; run make docs", file=sys.stderr)
        return 1
    written = target / "docs" / "index.html"
    written.parent.mkdir(exist_ok=True)
    written.write_text(page(manifest, catalog))
    print(f"The documentation is one page, open it in a browser: {written}")
    return 0


def page(manifest, catalog):
    """dbt's own page with the data inside."""
    manifest["docs"][GLOSSARY_PAGE]["block_contents"] += "\n\n" + glossary((ROOT / "models" / "glossary.md").read_text())
    describe_kept_columns(manifest)
    template = Path(find_spec("dbt").submodule_search_locations[0], "task", "docs", "index.html").read_text()
    for name, content in {"MANIFEST": manifest, "CATALOG": catalog}.items():
        template = template.replace(f'"{name}.JSON INLINE DATA"', inline(content))
    return template


def describe_kept_columns(manifest):
    """Published tables, their versions and the history of a table have gold's columns, which are described there."""
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    for name, model in models.items():
        gold = models.get(re.sub(r"^published_|_(versions|changes)$", "", name), model)
        model["columns"] = gold["columns"] | model["columns"]


def glossary(text):
    """The blocks of the glossary as Markdown: its headings, and a paragraph for each term."""
    sections = text[text.index("\n## ") :]
    return re.sub(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", r"**`\1`** — \2", sections, flags=re.DOTALL).strip()


def inline(content):
    """JSON for the inside of a script; nothing in it can end the script. Tables are in order of name, columns in their own."""
    ordered = {kind: dict(sorted(found.items())) if isinstance(found, dict) else found for kind, found in timeless(content).items()}
    return json.dumps(ordered, separators=(",", ":")).replace("</", "<\\/")


def timeless(content):
    """Without what belongs to a run."""
    if isinstance(content, dict):
        return {key: OF_THE_RUN.get(key, timeless(value)) for key, value in content.items()}
    return [timeless(value) for value in content] if isinstance(content, list) else content


if __name__ == "__main__":
    sys.exit(main())
