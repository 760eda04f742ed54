"""Scores of one world: counts only, so that worlds can be pooled. Each reads tables of the contract and the truth.

The connection has the store's schemas and, as `truth.<table>`, the truth of the world.
"""

import duckdb

from tools.stores import rows_of

__all__ = ["Connection", "rows_of"]

Connection = duckdb.DuckDBPyConnection
