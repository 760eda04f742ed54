"""Faults of the planted kinds at other times and places: for worlds that nobody tuned a detector on."""

from dataclasses import replace

import numpy as np

from tools.demo.catalogue import CAMPAIGNS, HERO
from tools.demo.faults import FAULTS, Fault, moment
from tools.demo.world import DAY, DAYS, SPAN

FIRST_DAY = 14  # who looks for faults needs some history
# Planted fault to move, how many (least, most), hours it lasts, hours of the day it starts, range of its magnitude.
_MOVED = (
    ("gateway_1h", (2, 4), (1, 6), (0, 24), None),
    ("gateway_silent_4h", (1, 2), (1, 6), (0, 24), None),
    ("gateway_partial", (1, 2), (3, 10), (0, 24), (0.35, 0.8)),
    ("site_crash", (1, 1), (4, 16), (0, 24), (0.8, 0.97)),
    ("maintenance", (1, 1), (1, 4), (1, 4), None),
    ("form_silent", (1, 1), (18, 60), (0, 24), None),
    ("inventory_gap", (1, 1), (6, 24), (0, 24), None),
    ("click_fraud", (1, 1), (36, 120), (0, 24), (1, 3)),
)
_DESCRIPTIONS = {
    "gateway_1h": "Payment provider down.",
    "gateway_partial": "A share of payments fails (magnitude).",
    "site_crash": "The site hardly answers: visitors reload the same page within seconds, most purchases fail.",
}
_CLICKED = tuple(entry.campaign_id for entry in CAMPAIGNS
                 if entry.price_per_click and entry.days == (0, DAYS) and not entry.is_brand)  # fmt: skip
_ADVERTISED = tuple(sorted({sku for entry in CAMPAIGNS for sku in entry.skus} - {HERO}))


def drawn_faults(rng: np.random.Generator) -> list[Fault]:
    """Outages and failures on days of their own, two days apart; losses of tracking from a day to the end."""
    days = iter((FIRST_DAY + 2 * rng.permutation((DAYS - FIRST_DAY) // 2)).tolist())
    untagged, costly, machine_clicked = rng.choice(_CLICKED, 3, replace=False).tolist()
    found = []
    for name, (least, most), hours, starts, magnitudes in _MOVED:
        for number in range(1, rng.integers(least, most + 1) + 1):
            start = next(days) * DAY + 3600.0 * rng.uniform(*starts)
            fault = replace(
                FAULTS[name],
                fault_id=f"{FAULTS[name].kind}_{number}",
                starts_at=moment(start),
                ends_at=moment(min(SPAN, start + 3600.0 * rng.uniform(*hours))),
                description=_DESCRIPTIONS.get(name, FAULTS[name].description),
                magnitude=round(rng.uniform(*magnitudes), 2) if magnitudes else 1.0,
                is_known=name == "maintenance" or (name == "gateway_1h" and number == 1),
            )
            found.append(replace(fault, campaign_id=machine_clicked) if name == "click_fraud" else fault)
    day, lasts = next(days), rng.integers(1, 3)
    ios_from, untagged_from = rng.integers(28, 70, 2) * DAY
    return [
        *found,
        replace(FAULTS["cost_x100"], starts_at=moment(day * DAY), ends_at=moment((day + lasts) * DAY),
                campaign_id=costly),
        replace(FAULTS["ios_loss"], starts_at=moment(ios_from), magnitude=round(rng.uniform(0.6, 0.9), 2)),
        replace(FAULTS["broken_utm"], starts_at=moment(untagged_from), campaign_id=untagged),
    ]  # fmt: skip


def drawn_sell_outs(rng: np.random.Generator) -> list[tuple[int, float, float]]:
    """Sell-outs of 8 to 72 hours (SKU, start, end in seconds): twice the hero, once each of 4 to 7 advertised SKUs."""
    others = rng.choice(_ADVERTISED, rng.integers(4, 8), replace=False).tolist()
    hero_days = FIRST_DAY + rng.permutation((DAYS - FIRST_DAY) // 5)[:2] * 5.0
    days = np.r_[hero_days + rng.random(2), rng.uniform(FIRST_DAY, DAYS - 3, len(others))]
    starts = 60.0 * np.floor(days * DAY / 60)
    ends = np.minimum(SPAN, starts + 60.0 * np.floor(rng.uniform(8 * 60, 72 * 60, len(starts))))
    return list(zip([HERO, HERO, *others], starts.tolist(), ends.tolist(), strict=True))
