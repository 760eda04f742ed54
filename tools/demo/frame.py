"""Event rows as columns of codes and keys, before they become text."""

import numpy as np

EVENT_NAMES = ("page_view", "login", "sign_up", "product_view", "form_start", "form_submit", "generate_lead",
               "add_to_cart", "begin_checkout", "payment_attempt", "payment_failed", "purchase", "ad_impression",
               "email_open")  # fmt: skip
EVENT = {name: code for code, name in enumerate(EVENT_NAMES)}
LABELS = ("bot", "phantom", "duplicate", "late", "lost")
LABEL = {name: code for code, name in enumerate(LABELS)}

# Column: type and the value that stands for null.
COLUMNS = {
    "event": (np.uint64, 0),
    "seconds": (float, np.nan),
    "received": (float, np.nan),
    "name": (np.int64, -1),
    "person": (np.int64, -1),  # index in the block; −1 for machines. Known to the truth only.
    "owner": (np.int64, -1),  # whose consent rules the device
    "cookie": (np.uint64, 0),
    "user": (np.int64, -1),
    "mail": (np.int64, -1),  # index of the person in the block
    "session": (np.uint64, 0),
    "source": (np.int64, -1),
    "utm_source": (np.int64, -1),
    "utm_medium": (np.int64, -1),
    "utm_campaign": (np.int64, -1),
    "utm_content": (np.int64, -1),
    "utm_term": (np.int64, -1),
    "click_id": (np.int64, -1),
    "url": (np.int64, -1),
    "referrer": (np.int64, -1),
    "sku": (np.int64, -1),
    "order": (np.int64, -1),
    "value": (float, np.nan),
    "currency": (np.int64, -1),
    "model": (np.int64, -1),
    "country": (np.int64, -1),
    "ip": (np.uint64, 0),
    "consent": (np.int64, -1),
    "label": (np.int64, -1),
}
Frame = dict[str, np.ndarray]


def frame(count: int, **columns: np.ndarray) -> Frame:
    """Rows with the given columns; the others are null."""
    unknown = columns.keys() - COLUMNS.keys()
    if unknown:
        raise KeyError(f"no such event columns: {sorted(unknown)}")
    return {
        name: np.broadcast_to(np.asarray(columns.get(name, null)).astype(kind), count)
        for name, (kind, null) in COLUMNS.items()
    }


def take(rows: Frame, which: np.ndarray) -> Frame:
    """Some rows, by index or mask."""
    return {name: values[which] for name, values in rows.items()}


def stack(*frames: Frame) -> Frame:
    """Rows of several frames one after the other."""
    return {name: np.concatenate([rows[name] for rows in frames]) for name in COLUMNS}
