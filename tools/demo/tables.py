"""Event frames as Arrow tables of `raw.clickstream_events`."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tools.demo.catalogue import AD_IDS, SKUS
from tools.demo.contacts import Contacts
from tools.demo.events import URLS
from tools.demo.frame import EVENT_NAMES, LABELS, Frame
from tools.demo.ids import hex_text, mix, number_text, pick
from tools.demo.noise import AGENTS, DEVICE_TYPES, SYSTEMS
from tools.demo.schemas import RAW
from tools.demo.tags import CAMPAIGN_TEXTS, CLICK_IDS, MEDIUMS, REFERRERS, SOURCES, TERMS
from tools.demo.visits import GUEST, NULL_TEXT
from tools.demo.world import COUNTRIES, CURRENCIES, to_milliseconds

ORDER_WIDTH, CUSTOMER_WIDTH, PERSON_WIDTH = 10, 8, 8


def times(seconds: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Moments as UTC timestamps; null where not `present`."""
    seconds = np.asarray(seconds, float)
    known = np.isfinite(seconds) if present is None else present & np.isfinite(seconds)
    whole = to_milliseconds(np.where(known, seconds, 0.0))
    return pa.array(whole, pa.int64(), mask=~known).cast(pa.timestamp("ms", tz="UTC"))


def order_id(number: np.ndarray) -> pa.Array:
    """Text of order numbers, null for −1."""
    return number_text("O-", number, ORDER_WIDTH, number >= 0)


def customer_id(number: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Text of customer numbers, null where not `present`."""
    return number_text("C-", number, CUSTOMER_WIDTH, present)


def person_id(number: np.ndarray) -> pa.Array:
    """Text of the true person."""
    return number_text("P-", number, PERSON_WIDTH)


def anonymous_id(cookie: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Text of a cookie."""
    return hex_text("ck.", cookie, present)


def event_id(key: np.ndarray) -> pa.Array:
    """Text of an event key."""
    return hex_text("ev-", key)


def _user_id(user: np.ndarray) -> pa.Array:
    words = pick(("guest", "null"), np.select([user == GUEST, user == NULL_TEXT], [0, 1], -1))
    return pc.coalesce(customer_id(user, user >= 0), words)


def clickstream(rows: Frame, contacts: Contacts) -> pa.Table:
    """`raw.clickstream_events` of a frame."""
    with_mail = np.unique(rows["mail"][rows["mail"] >= 0])
    place = np.full(len(contacts.email_hash) + 1, -1)
    place[with_mail] = np.arange(len(with_mail))
    hashes = pa.array([contacts.email_hash[person] for person in with_mail] or [None], pa.string())
    has_value = np.isfinite(rows["value"])
    columns = {
        "event_id": event_id(rows["event"]),
        "event_ts": times(rows["seconds"]),
        "received_at": times(rows["received"]),
        "event_name": pick(EVENT_NAMES, rows["name"]),
        "anonymous_id": anonymous_id(rows["cookie"]),
        "user_id": _user_id(rows["user"]),
        "email_hash": pick(hashes, place[rows["mail"]]),
        "session_id": hex_text("s-", rows["session"], rows["session"] > 0),
        "source": pick(SOURCES, rows["source"]),
        "utm_source": pick(SOURCES, rows["utm_source"]),
        "utm_medium": pick(MEDIUMS, rows["utm_medium"]),
        "utm_campaign": pick(CAMPAIGN_TEXTS, rows["utm_campaign"]),
        "utm_content": pick(AD_IDS, rows["utm_content"]),
        "utm_term": pick(TERMS, rows["utm_term"]),
        "page_url": pick(URLS, rows["url"]),
        "referrer": pick(REFERRERS, rows["referrer"]),
        "sku_id": pick(SKUS, rows["sku"]),
        "order_id": order_id(rows["order"]),
        "value": pa.array(np.where(has_value, rows["value"], 0.0), mask=~has_value),
        "currency": pick(CURRENCIES, rows["currency"]),
        "user_agent": pick(AGENTS, rows["model"]),
        "os": pick(SYSTEMS, rows["model"]),
        "device_type": pick(DEVICE_TYPES, rows["model"]),
        "country": pick(COUNTRIES, rows["country"]),
        "ip_hash": hex_text("", rows["ip"], rows["ip"] > 0),
        "consent": pa.array(rows["consent"] == 1, mask=rows["consent"] < 0),
    }
    for code, name in enumerate(CLICK_IDS):
        columns[name] = hex_text(f"{name[:2]}.", mix(rows["event"], 5), rows["click_id"] == code)
    schema = RAW["raw.clickstream_events"]
    return pa.table([columns[name] for name in schema.names], schema=schema)


def labels(rows: Frame) -> pa.Table:
    """truth/event_labels: which events are special, and why."""
    return pa.table({"event_id": event_id(rows["event"]), "label": pick(LABELS, rows["label"])})
