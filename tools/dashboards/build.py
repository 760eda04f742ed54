"""All pages, and what they need, written into one folder."""

import shutil
from pathlib import Path

import duckdb

from tools.dashboards import debug, executive, on_call
from tools.dashboards.page import file_of, frame
from tools.dashboards.runbooks import runbook_pages
from tools.dashboards.store import Refused, status, vega_bundle

PAGES = [executive, on_call, debug]
STATIC = Path(__file__).with_name("static")


def build(connection, out, journeys=()):
    """Write every page of a store into the folder `out`; the files written, as paths within it.

    `journeys` are ids of journeys that the debug page must hold.
    Raises Refused when the store holds no finished build, or no such journey.
    """
    out = Path(out)
    navigation = [(module.NAME, module.TITLE) for module in PAGES]
    try:
        now = status(connection)
        made = {file_of(page.name): frame(page, navigation, now) for page in pages(connection, journeys)}
    except duckdb.CatalogException as problem:
        raise Refused(f"the store holds no finished build ({str(problem).splitlines()[0]}): run make build") from None
    made |= {f"runbooks/{page.name}.html": frame(page, navigation, now, root="../") for page in runbook_pages()}
    made["assets/vega.js"] = vega_bundle()
    for name in ("assets", "runbooks"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for path in sorted(STATIC.iterdir()):
        shutil.copyfile(path, out / "assets" / path.name)
    for name, text in made.items():
        (out / name).write_text(text, encoding="utf-8")
    return sorted(made)


def pages(connection, journeys):
    """Each page without its frame."""
    return [module.page(connection, journeys) if module is debug else module.page(connection) for module in PAGES]
