"""Planted cost anomalies, and the rows of the platforms with and without them."""

from dataclasses import dataclass

import numpy as np

from tools.evaluation.draw import generator, place
from tools.evaluation.spend.accounts import CURRENCIES, DAYS, Accounts

FACTORS = {"x100": 100.0, "x1000": 1e3, "micros": 1e6, "per_100": 0.01, "platform_x100": 100.0}
KINDS = (*FACTORS, "yen_as_dollars", "dollars_as_yen", "duplicate", "zero_spend")
QUIET_DAYS = 35
LEAST_CLICKS = 3  # a day with fewer is no case for a duplicate or for zero spend
PER_KIND = 5
LOADS = (3.0, 27.0, 51.0)  # hours after the end of the day


@dataclass(frozen=True)
class Anomaly:
    """One campaign from `first` to before `last` (days). A `healed` one stands in the first load only."""

    kind: str
    campaign: int
    first: int
    last: int
    is_healed: bool


def draw_anomalies(seed: int, accounts: Accounts) -> list[Anomaly]:
    """Five of each kind, one to four days long, each campaign's at least ten days apart, and one corrected later.

    `platform_x100` hits every campaign of a platform for a day or two.
    """
    rng = generator(seed, "anomalies")
    found, taken = [], {campaign: [] for campaign in range(len(accounts.names))}
    yen, dollars = CURRENCIES.index("JPY"), CURRENCIES.index("USD")
    first = int(rng.integers(QUIET_DAYS, DAYS - 5))
    window = (first, first + int(rng.integers(1, 3)))
    for campaign in np.flatnonzero(accounts.platform == rng.integers(3)):
        taken[campaign].append(window)
        found.append(Anomaly("platform_x100", int(campaign), *window, is_healed=False))
    for kind in KINDS:
        if kind == "platform_x100":
            continue
        able = {"yen_as_dollars": accounts.currency == yen, "dollars_as_yen": accounts.currency == dollars}.get(
            kind, np.ones(len(accounts.names), bool)
        )
        for number in range(PER_KIND + 1):
            campaign = int(rng.choice(np.flatnonzero(able)))
            length = int(rng.choice((1, 1, 1, 2, 3, 4)))
            window = place(rng, length, (QUIET_DAYS, DAYS - 3), taken[campaign], 10, grid=1)
            days = slice(*(int(day) for day in window)) if window else slice(0, 0)
            if not window or not (accounts.clicks[campaign, days] >= LEAST_CLICKS).all():
                continue
            taken[campaign].append(window)
            found.append(Anomaly(kind, campaign, days.start, days.stop, is_healed=number == PER_KIND))
    return found


def make_rows(seed: int, accounts: Accounts, anomalies: list[Anomaly], faults: bool) -> dict[str, np.ndarray]:
    """Every version of every campaign-day: campaign, day, clicks, impressions, amount, currency, copy, loaded (hours).

    `copy` is 1 for the rows of a duplicate export. Without faults the same loads arrive, all of them right.
    """
    rng = generator(seed, "loads")
    campaign, day = np.nonzero(accounts.is_running)
    n = len(campaign)
    loaded = 24.0 * (day[:, None] + 1) + np.array(LOADS) + rng.uniform(0, 1, (n, len(LOADS)))
    brings = (rng.random((n, len(LOADS))) < np.array([1.0, 0.4, 0.4])) & (loaded < 24.0 * DAYS)
    part = np.where(np.arange(len(LOADS)) == 0, rng.uniform(0.94, 1.0, (n, 1)), 1.0)
    in_doubt = np.zeros((len(accounts.names), DAYS), bool)
    for anomaly in anomalies:
        in_doubt[anomaly.campaign, anomaly.first : anomaly.last] |= anomaly.is_healed
    brings[:, 1] |= in_doubt[campaign, day]  # the correction arrives
    row, load = np.nonzero(brings)
    rows = {
        "campaign": campaign[row],
        "day": day[row],
        "clicks": np.round(accounts.clicks[campaign, day][row] * part[row, load]).astype(np.int64),
        "impressions": np.round(accounts.impressions[campaign, day][row] * part[row, load]).astype(np.int64),
        "amount": np.round(accounts.amount[campaign, day][row] * part[row, load], 2),
        "currency": accounts.currency[campaign[row]],
        "copy": np.zeros(len(row), np.int64),
        "loaded": loaded[row, load],
    }
    copies = []
    for anomaly in anomalies if faults else []:
        mine = (rows["campaign"] == anomaly.campaign) & (rows["day"] >= anomaly.first) & (rows["day"] < anomaly.last)
        mine = np.flatnonzero(mine & ((load == 0) | (not anomaly.is_healed)))
        if anomaly.kind in FACTORS:
            rows["amount"][mine] *= FACTORS[anomaly.kind]
        elif anomaly.kind == "zero_spend":
            rows["amount"][mine] = 0.0
        elif anomaly.kind == "duplicate":
            copies.append(mine if not anomaly.is_healed else mine[:0])
        else:
            rows["currency"][mine] = CURRENCIES.index("USD" if anomaly.kind == "yen_as_dollars" else "JPY")
    again = np.concatenate([np.empty(0, np.int64), *copies])
    rows = {name: np.concatenate([values, values[again]]) for name, values in rows.items()}
    rows["copy"][n_rows(rows) - len(again) :] = 1
    return rows


def n_rows(rows: dict[str, np.ndarray]) -> int:
    """How many rows the columns hold."""
    return len(rows["campaign"])
