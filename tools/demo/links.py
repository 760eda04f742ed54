"""Observed pairs of identifiers, and the truth of whose they are."""

import numpy as np
import pyarrow as pa

from tools.demo.contacts import Contacts
from tools.demo.frame import Frame
from tools.demo.ids import hex_text, mix, share
from tools.demo.people import People
from tools.demo.tables import anonymous_id, customer_id, person_id, times
from tools.demo.visits import Visits
from tools.demo.world import World

HAS_DEVICE_ID, LEAVES_EMAIL = 0.35, 0.04


def _first(*keys: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Index of the earliest row of each distinct combination of keys, by time."""
    order = np.lexsort((seconds, *reversed(keys)))
    changed = np.zeros(len(order), bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[order][1:] != key[order][:-1]
    rows = order[changed]
    return rows[np.argsort(seconds[rows], kind="stable")]


def device_id(key: np.ndarray) -> pa.Array:
    """Text of a device."""
    return hex_text("dev-", key)


def link_table(world: World, block: int, people: People, contacts: Contacts, visits: Visits) -> pa.Table:
    """`raw.identity_links`: cookie and device, device and user, cookie and e-mail as typed into a form."""
    seen = visits.is_tracked
    device = people.device_key[visits.person, visits.slot]
    has_device = seen & (share(mix(device, 7)) < HAS_DEVICE_ID)
    parts = []

    def add(rows, kind_a, values_a, kind_b, values_b, source) -> None:
        constant = {"identifier_type_a": kind_a, "identifier_type_b": kind_b, "link_source": source}
        columns = {name: pa.repeat(text, len(rows)) for name, text in constant.items()}
        columns |= {"identifier_a": values_a, "identifier_b": values_b}
        columns["observed_at"] = times(visits.arrives_at[rows])
        parts.append(pa.table(columns))

    mask = np.flatnonzero(has_device)
    rows = mask[_first(visits.cookie[mask], device[mask], seconds=visits.arrives_at[mask])]
    add(
        rows,
        "anonymous_id",
        anonymous_id(visits.cookie[rows]),
        "device_id",
        device_id(device[rows]),
        "app_sdk",
    )
    mask = np.flatnonzero(has_device & (visits.user >= 0))
    rows = mask[_first(device[mask], visits.user[mask], seconds=visits.arrives_at[mask])]
    add(
        rows,
        "device_id",
        device_id(device[rows]),
        "user_id",
        customer_id(visits.user[rows]),
        "app_login",
    )
    mask = np.flatnonzero(seen & (share(mix(visits.cookie, 8)) < LEAVES_EMAIL))
    rows = mask[_first(visits.cookie[mask], seconds=visits.arrives_at[mask])]
    rng = world.for_rows(world.rng("links", block), visits.cookie[rows])
    emails = contacts.typed_emails(rng, visits.person[rows], np.ones(len(rows), bool))
    add(rows, "anonymous_id", anonymous_id(visits.cookie[rows]), "email", emails, "newsletter_form")
    return pa.concat_tables(parts)


def owner_table(people: People, contacts: Contacts, rows: Frame, since: np.ndarray) -> pa.Table:
    """truth/person_identifiers: every identifier a person has in the data; shared devices appear once per person."""
    human = rows["person"] >= 0
    person, cookie = rows["person"][human], rows["cookie"][human]
    cookies = _first(person, cookie, seconds=rows["seconds"][human])
    user, who = rows["user"][human], rows["person"][human]
    users = np.flatnonzero(user >= 0)
    users = users[_first(who[users], user[users], seconds=rows["seconds"][human][users])]
    everyone = np.arange(len(people))
    slot_person, slot = np.nonzero(np.arange(people.device_key.shape[1]) < people.devices[:, None])
    known = np.flatnonzero(np.isfinite(since))
    lists = [
        ("anonymous_id", person[cookies], anonymous_id(cookie[cookies])),
        ("user_id", who[users], customer_id(user[users])),
        ("customer_id", known, customer_id(2 * people.number[known])),
        ("device_id", slot_person, device_id(people.device_key[slot_person, slot])),
        ("email", everyone, pa.array(contacts.email, pa.string())),
        ("phone", everyone, pa.array(contacts.phone, pa.string())),
    ]
    return pa.concat_tables(
        pa.table(
            {
                "person_id": person_id(people.number[index]),
                "identifier_type": pa.repeat(kind, len(index)),
                "identifier": values,
            }
        )
        for kind, index, values in lists
    )
