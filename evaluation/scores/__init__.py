"""Scores of one world: counts only, so that worlds can be pooled. Each reads tables of the contract and the truth.

The connection has the store's schemas and, as `truth.<table>`, the truth of the world.
"""

import duckdb

Connection = duckdb.DuckDBPyConnection


def rows_of(connection: Connection, sql: str) -> list[dict]:
    """The rows of a query as dicts."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
