"""The models transition_counts and coalition_counts, rendered without dbt: what is measured is the project's own SQL."""

from pathlib import Path
from types import SimpleNamespace

import jinja2

PROJECT = Path(__file__).resolve().parents[2]


def model_sql(name: str, markov_order: int = 1) -> str:
    """The SQL of a model in models/gold/credit for DuckDB; the tables it refers to go by their bare names."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    engine = "".join(file.read_text() for file in sorted((PROJECT / "macros" / "engine").glob("*.sql")))
    macros = {}
    environment.globals |= {
        "adapter": SimpleNamespace(dispatch=lambda macro: macros[f"duckdb__{macro}"]),
        "dbt": SimpleNamespace(type_string=lambda: "varchar"),
        "ref": lambda table: table,
        "var": {"markov_order": markov_order}.__getitem__,
    }
    macros |= vars(environment.from_string(engine).module)
    model = (PROJECT / "models" / "gold" / "credit" / f"{name}.sql").read_text()
    return environment.from_string(model, globals=macros).render()
