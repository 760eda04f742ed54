"""Event rows as columns of codes and keys, before they become text."""

import numpy as np

from tools.demo.frame import Frame

EVENT_NAMES = ("page_view", "product_view", "add_to_cart", "begin_checkout", "payment_attempt", "payment_failed",
               "purchase", "form_start", "form_submit", "generate_lead", "sign_up")  # fmt: skip
EVENT = {name: code for code, name in enumerate(EVENT_NAMES)}
KINDS = ("human", "declared_bot", "fast_bot", "slow_bot", "reload_storm", "click_fraud")
KIND = {name: code for code, name in enumerate(KINDS)}

# Column: type and the value that stands for null.
COLUMNS = {
    "seconds": (float, np.nan),
    "name": (np.int8, -1),
    "session": (np.int64, -1),  # row of the visits that the event belongs to; −1 for machines
    "cookie": (np.uint64, 0),
    "stream": (np.int8, -1),  # position in Shape.unpaid, on the first event of a visit
    "campaign": (np.int16, -1),  # on the first event of a visit
    "has_click_id": (bool, False),
    "url": (np.int16, -1),  # index of the page: SKU pages first, others after them
    "sku": (np.int16, -1),
    "order": (np.int64, -1),
    "value": (float, np.nan),
    "agent": (np.int8, 0),
    "country": (np.int8, 0),
    "ip": (np.uint64, 0),
    "consent": (np.int8, -1),
    "kind": (np.int8, 0),
}


def frame(count: int, **columns: np.ndarray) -> Frame:
    """Rows with the given columns; the others are null."""
    unknown = columns.keys() - COLUMNS.keys()
    if unknown:
        raise KeyError(f"no such event columns: {sorted(unknown)}")
    return {
        name: np.broadcast_to(np.asarray(columns.get(name, null)).astype(kind), count)
        for name, (kind, null) in COLUMNS.items()
    }


def stack(frames: list[Frame]) -> Frame:
    """Rows of several frames one after the other."""
    return {name: np.concatenate([rows[name] for rows in frames]) for name in COLUMNS}
