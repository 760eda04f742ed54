"""Decisions about consent, and requests to be forgotten."""

import numpy as np
import pyarrow as pa

from tools.demo.contacts import Contacts
from tools.demo.frame import Frame
from tools.demo.ids import pick
from tools.demo.people import People
from tools.demo.tables import anonymous_id, customer_id, times
from tools.demo.world import DAY, SPAN, World

PURPOSES = ("analytics", "marketing", "identity_linking")
ERASURES = 36  # in a world of any size, if it has the people


def consent_table(people: People, rows: Frame) -> pa.Table:
    """`privacy.consent_log`: each cookie's decisions at its first event, and when its owner changes their mind."""
    human = np.flatnonzero(rows["owner"] >= 0)
    cookie, seconds = rows["cookie"][human], rows["seconds"][human]
    keys, first_row, place = np.unique(cookie, return_index=True, return_inverse=True)
    first, last = np.full(len(keys), np.inf), np.full(len(keys), -np.inf)
    np.minimum.at(first, place, seconds)
    np.maximum.at(last, place, seconds)
    owner = rows["owner"][human][first_row]
    changes_at = people.changes_mind_at[owner]
    again = np.flatnonzero((changes_at > first) & (changes_at <= last))
    which = np.r_[np.arange(len(keys)), again]
    recorded = np.r_[first, changes_at[again]]
    changed = recorded >= changes_at[which]
    granted = ~(people.refuses[owner[which]] ^ changed[:, None])
    order = np.lexsort((keys[which], recorded))
    row, purpose = np.repeat(order, len(PURPOSES)), np.tile(np.arange(len(PURPOSES)), len(order))
    return pa.table(
        {
            "identifier_type": pa.repeat("anonymous_id", len(row)),
            "identifier": anonymous_id(keys[which[row]]),
            "purpose": pick(PURPOSES, purpose),
            "granted": granted[row, purpose],
            "recorded_at": times(recorded[row]),
        }
    )


def erasure_table(
    world: World, block: int, people: People, contacts: Contacts, rows: Frame, since: np.ndarray
) -> pa.Table:
    """`privacy.erasure_requests`: evenly spread people ask, by customer number, by e-mail or by cookie in turn."""
    stride = max(1, world.people // ERASURES)
    asks = np.flatnonzero(people.number % stride == stride // 2)
    rng = world.rng("erasure", block)
    when = np.sort(rng.uniform(20 * DAY, SPAN - DAY, len(asks)))
    found = []
    for turn, (person, seconds) in enumerate(zip(asks.tolist(), when.tolist(), strict=True)):
        cookies = rows["cookie"][rows["person"] == person]
        if turn % 3 == 0 and np.isfinite(since[person]):
            found.append(("customer_id", customer_id(2 * people.number[[person]])[0].as_py(), seconds))
        elif turn % 3 < 2 or not len(cookies):
            found.append(("email", contacts.email[person], seconds))
        else:
            found.append(("anonymous_id", anonymous_id(cookies[:1])[0].as_py(), seconds))
    kinds, identifiers, moments = zip(*found, strict=True) if found else ((), (), ())
    return pa.table(
        {
            "identifier_type": pa.array(kinds, pa.string()),
            "identifier": pa.array(identifiers, pa.string()),
            "requested_at": times(np.array(moments)),
        }
    )
