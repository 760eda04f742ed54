"""dbt analyses run from Python, on a built store and without dbt."""

import re

import duckdb
import pandas as pd

from tools.evaluation.store import PROJECT_ROOT

TABLES = """
    select table_name, '"' || table_catalog || '"."' || table_schema || '"."' || table_name || '"'
    from information_schema.tables
    where table_schema in ('bronze', 'silver', 'gold', 'published', 'reference')
"""


def run_analysis(connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """The rows of analyses/<name>.sql, which may use ref() of a table and no other Jinja."""
    tables = dict(connection.execute(TABLES).fetchall())
    text = (PROJECT_ROOT / "analyses" / f"{name}.sql").read_text()
    return connection.execute(re.sub(r"{{ ref\('(\w+)'\) }}", lambda ref: tables[ref[1]], text)).df()
