"""Raw folders: what had arrived by an instant, and a table of them rewritten by a query."""

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

# When a row arrived, by table. Tables that are not named here are kept by hand and there from the beginning.
ARRIVED_AT = {
    "raw.clickstream_events": "received_at",
    "raw.facebook_ads": "loaded_at",
    "raw.google_ads": "loaded_at",
    "raw.tiktok_ads": "loaded_at",
    "raw.offline_conversions": "uploaded_at",
    "raw.identity_links": "observed_at",
    "crm.orders": "updated_at",
    "crm.customers": "created_at",
    "warehouse.inventory_hourly_snapshot": "snapshot_at",
    "privacy.consent_log": "recorded_at",
    "privacy.erasure_requests": "requested_at",
    "finance.fx_rates": "date",
}
ITEMS, ORDERS = "crm.order_items", "crm.orders"


def table_names(raw: Path) -> list[str]:
    """Names of the tables of a raw folder."""
    return sorted(f"{path.parent.name}.{path.name.split('.')[0]}" for path in raw.glob("*/*"))


def table_file(raw: Path, table: str) -> Path:
    """The one file of a table in a folder that `cut` made."""
    return next(iter(raw.glob(f"{table.replace('.', '/')}.*")), raw / f"{table.replace('.', '/')}.parquet")


def reader(raw: Path, table: str) -> str:
    """A relation with the rows of a table: one file or a folder of them, Parquet or CSV."""
    path = raw / table.replace(".", "/")
    if path.is_dir():
        return f"read_parquet('{path}/*.parquet')"
    file = table_file(raw, table)
    return f"read_parquet('{file}')" if file.suffix == ".parquet" else f"read_csv('{file}', all_varchar = true)"


def connection(new_day: datetime) -> duckdb.DuckDBPyConnection:
    """A database in memory that knows `new_day()`, the instant at which the new day begins."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute(f"create macro new_day() as timestamptz '{new_day.isoformat()}Z'")
    return con


def cut(world: Path, out: Path, until: datetime) -> Path:
    """Copy of a raw folder with what had arrived before `until`, each table in one file. A row that says no time stays."""
    con = connection(until)
    for table in table_names(world):
        file = out / f"{table.replace('.', '/')}.parquet"
        arrived = "true"
        if table in ARRIVED_AT:
            arrived = f"coalesce(try_cast({ARRIVED_AT[table]} as timestamptz) < new_day(), true)"
        elif table == ITEMS:
            orders = f"select order_id from {reader(world, ORDERS)} where updated_at >= new_day()"
            known = f"select order_id from {reader(world, ORDERS)} where updated_at < new_day()"
            arrived = f"order_id is null or order_id not in ({orders} and order_id is not null) or order_id in ({known})"
        relation = reader(world, table)
        is_text = relation.startswith("read_csv")
        write(con, f"select * from {relation} where {arrived}", file.with_suffix(".csv.gz") if is_text else file)
    return out


def write(con: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """The rows of a query as a file that takes the place of `file`. The old one may be a link, so it is not written to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".half-{file.name}")
    options = "format parquet" if file.suffix == ".parquet" else "format csv, header, compression gzip"
    con.execute(f"copy ({query}) to '{half}' ({options})")
    half.replace(file)


def rewrite(raw: Path, table: str, query: str, new_day: datetime) -> None:
    """Replace a table by a query over its `rows`."""
    con = connection(new_day)
    con.execute(f"create view rows as select * from {reader(raw, table)}")
    write(con, query, table_file(raw, table))


def linked_copy(raw: Path, out: Path) -> Path:
    """A copy of a raw folder that takes no room: its files are links until they are replaced."""
    shutil.rmtree(out, ignore_errors=True)
    return Path(shutil.copytree(raw, out, copy_function=os.link))


def last_instant(raw: Path) -> datetime:
    """When the latest event happened."""
    con = connection(datetime(1970, 1, 1))
    return con.execute(f"select max(event_ts) at time zone 'UTC' from {reader(raw, 'raw.clickstream_events')}").fetchone()[0]
