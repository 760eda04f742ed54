"""The poisoned batches: each is a name, what it is in words, and what it does to a good raw folder.

A poison rewrites tables by queries over `rows`, in which `new_day()` is the instant at which the new day begins, or does
something to a file. `may_publish` marks the batches that are late rather than wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from tools.drill.raw import cut, rewrite, table_file

EVENTS, ORDERS, FACEBOOK, GOOGLE = "raw.clickstream_events", "crm.orders", "raw.facebook_ads", "raw.google_ads"
CONSENT, INVENTORY, RATES = "privacy.consent_log", "warehouse.inventory_hourly_snapshot", "finance.fx_rates"

OLD_EVENT = "coalesce(event_ts < new_day(), true)"
HALF_KEPT = "hash(event_id) % 2 = 0"
COMMA = "replace(printf('%.2f', {}), '.', ',')"
HOUR_LATER = "event_ts + interval 1 hour as event_ts, received_at + interval 1 hour as received_at"
NOON = "new_day() + interval 12 hours"
# Ten copies of every session of a machine, each with devices, sessions and events of its own.
TEN_TIMES_BOTS = """
    select * from rows
    union all
    select rows.* replace (
        event_id || '-' || copy as event_id, anonymous_id || '-' || copy as anonymous_id,
        session_id || '-' || copy as session_id
    )
    from rows cross join range(1, 10) as copies (copy)
    where event_ts >= new_day() and regexp_matches(lower(user_agent), 'bot|crawl|spider|headless|monitor')
"""
# Out of each known time, one that is spelled day first, as a spreadsheet would.
DAY_FIRST = "strftime(event_ts, '%d/%m/%Y %H:%M') as event_ts"


@dataclass(frozen=True)
class Poison:
    """A batch with a fault: queries by table, and an act on the folder for what a query cannot do."""

    name: str
    words: str
    queries: dict[str, str] = field(default_factory=dict)
    act: Callable[[Path, datetime], None] | None = None
    may_publish: bool = False

    def apply(self, raw: Path, new_day: datetime) -> None:
        """Poison a raw folder in place."""
        for table, query in self.queries.items():
            rewrite(raw, table, query, new_day)
        if self.act:
            self.act(raw, new_day)


def replaced(column: str, value: str, since: str = "", otherwise: str = "") -> str:
    """A query that gives a column another value: in all rows, or in those whose time `since` lies in the new day."""
    if since:
        value = f"case when {since} >= new_day() then {value} else {otherwise or column} end"
    return f"select * replace ({value} as {column}) from rows"


def renamed(column: str, name: str) -> str:
    """A query that gives a column another name."""
    return f"select * exclude ({column}), {column} as {name} from rows"


def replace_bytes(table: str, change: Callable[[bytes], bytes]) -> Callable[[Path, datetime], None]:
    """An act that writes other bytes in the place of a table's file."""

    def act(raw: Path, new_day: datetime) -> None:
        file = table_file(raw, table)
        content = change(file.read_bytes())
        file.unlink()
        file.write_bytes(content)

    return act


def emptied(table: str) -> Callable[[Path, datetime], None]:
    """An act that leaves a file of no bytes."""
    return replace_bytes(table, lambda content: b"")


def truncated(table: str) -> Callable[[Path, datetime], None]:
    """An act that leaves the first half of a file, as an upload that broke off does."""
    return replace_bytes(table, lambda content: content[: len(content) // 2])


def lost(table: str) -> Callable[[Path, datetime], None]:
    """An act that removes a table's file."""

    def act(raw: Path, new_day: datetime) -> None:
        table_file(raw, table).unlink()

    return act


def of_last_week(raw: Path, new_day: datetime) -> None:
    """An act that takes the folder back to what had arrived six days before the new day."""
    cut(raw, raw, new_day - timedelta(days=6))


NO_ROWS = "select * from rows where false"

POISONS = [
    Poison("cost_x100", "cost of one platform × 100, new day", {FACEBOOK: replaced("spend", "spend * 100", "date")}),
    Poison(
        "cost_x100_history",
        "cost of one platform × 100, all days",
        {GOOGLE: replaced("cost_micros", "cost_micros * 100")},
    ),
    Poison(
        "half_events",
        "half the events missing, new day",
        {EVENTS: f"select * from rows where {OLD_EVENT} or {HALF_KEPT}"},
    ),
    Poison(
        "half_events_history", "half the events missing, all days", {EVENTS: f"select * from rows where {HALF_KEPT}"}
    ),
    Poison(
        "cookies_respelled",
        "anonymous ids in a new format, new day",
        {EVENTS: replaced("anonymous_id", "'GA1.2.' || hash(anonymous_id)", "event_ts")},
    ),
    Poison(
        "customers_respelled",
        "customer ids of orders in a new format, new day",
        {ORDERS: replaced("customer_id", "replace(customer_id, 'C-', 'cust/')", "ordered_at")},
    ),
    Poison("users_respelled", "user ids in a new format, all days", {EVENTS: replaced("user_id", "md5(user_id)")}),
    Poison("orders_twice", "all orders twice", {ORDERS: "select * from rows union all select * from rows"}),
    Poison(
        "orders_twice_new_ids",
        "all orders twice, the second time under new ids",
        {ORDERS: "select * from rows union all select * replace (order_id || '-2' as order_id) from rows"},
    ),
    Poison(
        "required_column_renamed",
        "a required column renamed (event_name)",
        {EVENTS: renamed("event_name", "event_type")},
    ),
    Poison(
        "optional_column_renamed", "an optional column renamed (user_id)", {EVENTS: renamed("user_id", "member_id")}
    ),
    Poison(
        "spend_as_text",
        "cost as text with a comma and a sign (12,34 €)",
        {FACEBOOK: replaced("spend", COMMA.format("spend") + " || ' €'")},
    ),
    Poison(
        "revenue_as_text",
        "revenue of orders as text with a comma, new day",
        {ORDERS: replaced("revenue", COMMA.format("revenue"), "ordered_at", "cast(revenue as varchar)")},
    ),
    Poison(
        "times_day_first", "times of events as text, day first", {EVENTS: f"select * replace ({DAY_FIRST}) from rows"}
    ),
    Poison(
        "clock_off",
        "clock of the collector an hour off, new day",
        {
            EVENTS: f"select * replace ({HOUR_LATER}) from rows where event_ts >= new_day() "
            f"union all by name select * from rows where {OLD_EVENT}"
        },
    ),
    Poison(
        "clock_off_history",
        "clock of the collector an hour off, all days",
        {EVENTS: f"select * replace ({HOUR_LATER}) from rows"},
    ),
    Poison("events_no_rows", "events: a file without rows", {EVENTS: NO_ROWS}),
    Poison("orders_no_rows", "orders: a file without rows", {ORDERS: NO_ROWS}),
    Poison("ads_no_rows", "advertising: a file without rows", {FACEBOOK: NO_ROWS}),
    Poison("events_no_bytes", "events: a file without bytes", act=emptied(EVENTS)),
    Poison("orders_no_bytes", "orders: a file without bytes", act=emptied(ORDERS)),
    Poison("ads_no_bytes", "advertising: a file without bytes", act=emptied(FACEBOOK)),
    Poison("events_truncated", "events: Parquet that breaks off", act=truncated(EVENTS)),
    Poison("ads_truncated", "advertising: Parquet that breaks off", act=truncated(FACEBOOK)),
    Poison("consent_log_lost", "the consent log is lost", act=lost(CONSENT)),
    Poison(
        "consent_log_half",
        "half of the consent log is lost",
        {CONSENT: "select * from rows where hash(identifier) % 2 = 0"},
    ),
    Poison("bots_x10", "ten times the volume of bots, new day", {EVENTS: TEN_TIMES_BOTS}),
    Poison(
        "gateway_silent",
        "a silent gateway: payments are tried, nothing is sold, for 12 hours",
        {
            EVENTS: f"select * from rows where coalesce(event_name <> 'purchase' or event_ts < {NOON}, true)",
            ORDERS: f"select * from rows where coalesce(ordered_at < {NOON}, true)",
        },
    ),
    Poison("old_batch", "the batch of six days before, again", act=of_last_week),
    Poison(
        "revenue_in_cents",
        "revenue of orders × 100, new day",
        {ORDERS: replaced("revenue", "revenue * 100", "ordered_at")},
    ),
    Poison(
        "rates_inverted",
        "exchange rates upside down, all days",
        {RATES: replaced("rate_to_reporting", "1 / rate_to_reporting")},
    ),
    Poison("stock_lost", "the stock levels are lost", act=lost(INVENTORY)),
    Poison(
        "ads_late",
        "yesterday's advertising not there yet",
        {FACEBOOK: "select * from rows where coalesce(loaded_at < new_day(), true)"},
        may_publish=True,
    ),
]
