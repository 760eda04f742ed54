"""What a change does to the rows of gold: two DuckDB files, table by table and key by key."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

TOLERANCE = 1e-9  # doubles closer than this, relative above 1, are the same
EXAMPLES = 3
MOVES = 15
SMALLEST_MOVE = 1e-6


@dataclass(frozen=True)
class Compared:
    """One table in both stores."""

    table: str
    key: tuple[str, ...]
    before: int
    after: int
    added: int
    removed: int
    changed: dict[str, int] = field(default_factory=dict)  # rows that differ in the column, by column
    changed_rows: int = 0
    examples: tuple[tuple[str, ...], ...] = ()  # keys of rows that changed, came or went
    note: str = ""  # the table itself, or its columns, came or went

    @property
    def is_same(self) -> bool:
        return not (self.added or self.removed or self.changed_rows or self.note)


@dataclass(frozen=True)
class Move:
    """The share of credit of one channel in one model, before and after; None: there is no such row."""

    conversion_type: str
    context_policy: str
    attribution_model: str
    channel: str
    before: float | None
    after: float | None
    revenue: float  # gained, in the reporting currency

    @property
    def points(self) -> float:
        return (self.after or 0) - (self.before or 0)


def open_both(base: Path, head: Path) -> duckdb.DuckDBPyConnection:
    """A connection in which the two stores are the schemas' catalogs `base` and `head`."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{_quoted(base)}' as base (read_only)")
    connection.execute(f"attach '{_quoted(head)}' as head (read_only)")
    return connection


def drop(db: Path, tables: list[str]) -> None:
    """Take tables out of a store, as a build of it would never have made them."""
    with duckdb.connect(str(db)) as connection:
        for table in tables:
            schema, name = table.split(".")
            kinds = connection.execute(
                "select table_type from information_schema.tables where (table_schema, table_name) = (?, ?)", [schema, name]
            ).fetchall()
            for (kind,) in kinds:
                connection.execute(f'drop {"view" if kind == "VIEW" else "table"} {schema}."{name}"')


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def columns_of(connection: duckdb.DuckDBPyConnection, store: str, table: str) -> dict[str, str]:
    """{column: type}; empty when the table is not there."""
    schema, name = table.split(".")
    found = connection.execute(
        "select column_name, data_type from duckdb_columns() where (database_name, schema_name, table_name) = (?, ?, ?) "
        "order by column_index",
        [store, schema, name],
    )
    return dict(found.fetchall())


def compare(connection: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...]) -> Compared | None:
    """A table in both stores; None when it is in neither. Without a key that both have, whole rows are compared."""
    before, after = columns_of(connection, "base", table), columns_of(connection, "head", table)
    if not before or not after:
        return _one_sided(connection, table, key, before, after)
    counts = [connection.execute(f"select count(*) from {store}.{table}").fetchone()[0] for store in ("base", "head")]
    common = [name for name in after if name in before]
    if not key or not set(key) <= set(common):
        return _whole_rows(connection, table, common, counts)
    values = [name for name in common if name not in key]
    on = " and ".join(f'b."{name}" is not distinct from h."{name}"' for name in key)
    differs = {name: _differs(name, before[name], after[name]) for name in values}
    any_differs = " or ".join(differs.values()) or "false"
    connection.execute(f"""
        create or replace temp table compared as
        select
            {', '.join(f'coalesce(h."{name}", b."{name}") as "{name}"' for name in key)},
            h.in_head is null as is_removed,
            b.in_base is null as is_added,
            b.in_base and h.in_head and ({any_differs}) as is_changed
            {''.join(f', b.in_base and h.in_head and ({test}) as "differs {name}"' for name, test in differs.items())}
        from (select *, true as in_base from base.{table}) as b
        full join (select *, true as in_head from head.{table}) as h on {on}
    """)
    sums = "".join(f', count(*) filter ("differs {name}")' for name in values)
    found = connection.execute(f"""
        select count(*) filter (is_added), count(*) filter (is_removed), count(*) filter (is_changed) {sums}
        from compared
    """).fetchone()
    changed = {name: count for name, count in zip(values, found[3:]) if count}
    return Compared(table, key, *counts, *found[:2], changed, found[2], _examples(connection, key), _columns(before, after))


def _columns(before: dict[str, str], after: dict[str, str]) -> str:
    """Which columns came, went or have another type, in words."""
    words = [f"{name} is gone" for name in before if name not in after]
    words += [f"{name} is new" for name in after if name not in before]
    words += [f"{name} was {before[name]}" for name in after if name in before and before[name] != after[name]]
    return ", ".join(words)


def _one_sided(connection, table, key, before, after):
    if not before and not after:
        return None
    store, note = ("head", "a new table") if after else ("base", "no longer there")
    count = connection.execute(f"select count(*) from {store}.{table}").fetchone()[0]
    counts = (0, count, count, 0) if after else (count, 0, 0, count)
    return Compared(table, key, *counts, note=note)


def _differs(name: str, before: str, after: str) -> str:
    b, h = f'b."{name}"', f'h."{name}"'
    if before != after:
        return f"cast({b} as varchar) is distinct from cast({h} as varchar)"
    if before in ("DOUBLE", "FLOAT"):
        close = f"isfinite({b}) and isfinite({h}) and abs({b} - {h}) <= {TOLERANCE} * greatest(1, abs({b}), abs({h}))"
        return f"({b} is distinct from {h} and not coalesce({close}, false))"
    return f"{b} is distinct from {h}"


def _whole_rows(connection, table, common, counts):
    columns = ", ".join(f'"{name}"' for name in common)
    sides = [f"select {columns} from {store}.{table}" for store in ("base", "head")]
    removed, added = (
        connection.execute(f"select count(*) from ({one} except all {other})").fetchone()[0]
        for one, other in (sides, reversed(sides))
    )
    note = _columns(*(columns_of(connection, store, table) for store in ("base", "head")))
    return Compared(table, (), *counts, added, removed, note=note)


def _examples(connection, key):
    columns = ", ".join(f'cast("{name}" as varchar)' for name in key)
    order = ", ".join(f'"{name}"' for name in key)
    return tuple(
        connection.execute(f"""
            select {columns} from compared where is_changed or is_added or is_removed order by {order} limit {EXAMPLES}
        """).fetchall()
    )


def credit_moves(connection: duckdb.DuckDBPyConnection) -> list[Move]:
    """How the shares of gold.channel_credits move, the largest moves first; none when a store has no such table."""
    table = "gold.channel_credits"
    needed = {"conversion_type", "context_policy", "attribution_model", "channel", "credit_share", "credited_revenue"}
    if not all(needed <= columns_of(connection, store, table).keys() for store in ("base", "head")):
        return []
    found = connection.execute(f"""
        select conversion_type, context_policy, attribution_model, channel,
            cast(b.credit_share as double), cast(h.credit_share as double),
            cast(coalesce(h.credited_revenue, 0) - coalesce(b.credited_revenue, 0) as double)
        from base.{table} as b
        full join head.{table} as h using (conversion_type, context_policy, attribution_model, channel)
        where abs(coalesce(h.credit_share, 0) - coalesce(b.credit_share, 0)) > {SMALLEST_MOVE}
    """)
    moves = [Move(*row) for row in found.fetchall()]
    return sorted(moves, key=lambda move: (-abs(move.points), *_names(move)))


def _names(move: Move) -> tuple[str, ...]:
    return (move.conversion_type, move.context_policy, move.attribution_model, move.channel)


def moved_by_model(moves: list[Move]) -> dict[tuple[str, str, str], float]:
    """The share of credit that changed hands: half of all moves, by conversion type, policy and model."""
    moved: dict[tuple[str, str, str], float] = {}
    for move in moves:
        names = _names(move)[:3]
        moved[names] = moved.get(names, 0) + abs(move.points) / 2
    return dict(sorted(moved.items(), key=lambda item: (-item[1], item[0])))
