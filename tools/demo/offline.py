"""Conversions away from the site: phone calls and store visits, uploaded as text."""

import numpy as np
import pyarrow as pa

from tools.demo.contacts import Contacts
from tools.demo.ids import number_text, pick
from tools.demo.people import People
from tools.demo.tables import customer_id
from tools.demo.world import COUNTRY_CURRENCY, CURRENCIES, DAY, SPAN, START, World

CALLS_AND_VISITS = 0.05  # per customer; caused by no touch
OFFLINE_PER_PERSON = 8
UNREADABLE = (
    # Column and text that cannot be typed.
    ("occurred_at", "yesterday"),
    ("occurred_at", "2025-13-45T99:00:00Z"),
    ("occurred_at", "11/31/2025 noon"),
    ("value", "12,3O"),
    ("value", "n/a"),
    ("uploaded_at", "soon"),
    ("occurred_at", ""),
    ("conversion_id", ""),
    ("conversion_type", ""),
)


def offline_table(world: World, block: int, people: People, contacts: Contacts, since: np.ndarray) -> pa.Table:
    """`raw.offline_conversions`, every column as text; times as ISO 8601 in UTC or with an offset."""
    rng = world.rng("offline", block)
    customers = np.flatnonzero(since < SPAN)
    by_customer = world.for_rows(rng, customers)
    count = np.minimum(by_customer.poisson(CALLS_AND_VISITS, len(customers)), OFFLINE_PER_PERSON)
    person = np.repeat(customers, count)
    n = len(person)
    nth = np.arange(n) - np.repeat(np.cumsum(count) - count, count)
    rng = world.for_rows(rng, person * OFFLINE_PER_PERSON + nth)
    seconds = rng.uniform(np.maximum(since[person], 0), SPAN)
    uploaded = np.floor(seconds / DAY) * DAY + DAY + 4 * 3600 + rng.uniform(0, 600, n)
    known = uploaded < SPAN
    is_visit = rng.random(n) < 0.45
    value = np.where(is_visit, np.round(rng.lognormal(3.8, 0.6, n), 2), 0.0)
    has_customer, has_email = rng.random(n) < 0.4, rng.random(n) < 0.55
    has_phone = (rng.random(n) < 0.7) | ~(has_customer | has_email)
    offset = rng.random(n) < 0.3
    table = pa.table(
        {
            "conversion_id": number_text("OC-", people.number[person] * OFFLINE_PER_PERSON + nth, 10),
            "occurred_at": pa.array([_iso(moment, summer) for moment, summer in zip(seconds, offset, strict=True)]),
            "uploaded_at": pa.array([_iso(moment, False) for moment in uploaded]),
            "conversion_type": pick(("phone_call", "store_visit"), is_visit.astype(int)),
            "customer_id": customer_id(2 * people.number[person], has_customer),
            "email": contacts.typed_emails(rng, person, has_email),
            "phone": contacts.typed_phones(rng, person, has_phone),
            "value": pa.array([f"{amount:.2f}" if amount else None for amount in value], pa.string()),
            "currency": pick(CURRENCIES, COUNTRY_CURRENCY[people.country[person]]),
        }
    )
    return table.filter(pa.array(known))


def _iso(seconds: float, with_offset: bool) -> str:
    """A moment as ISO 8601 text, in UTC or at +02:00."""
    moment = START.astype("datetime64[s]") + np.timedelta64(int(seconds) + (7_200 if with_offset else 0), "s")
    return f"{moment}{'+02:00' if with_offset else 'Z'}"


def unreadable_rows(table: pa.Table) -> pa.Table:
    """Copies of the first rows, each with one text that cannot be typed or is missing."""
    rows = []
    for number, (column, text) in enumerate(UNREADABLE):
        row = table.slice(number % table.num_rows, 1).to_pylist()[0]
        rows.append(row | {"conversion_id": f"OC-X{number:09d}", column: text})
    return pa.Table.from_pylist(rows, table.schema)
