"""Small reference tables of the whole world: exchange rates, promotions, incidents, campaign settings."""

import numpy as np
import pyarrow as pa

from tools.demo.catalogue import CAMPAIGNS, SKUS
from tools.demo.plan import faults_of
from tools.demo.world import CURRENCIES, DAYS, START, World, at, to_milliseconds

# (promo_id, name, start, end exclusive, tier)
PROMOTIONS = (
    ("promo-01", "Back to school", "2025-09-08 00:00", "2025-09-15 00:00", "minor"),
    ("promo-02", "Coffee week", "2025-10-06 00:00", "2025-10-13 00:00", "minor"),
    ("promo-03", "Singles Day", "2025-11-10 18:00", "2025-11-12 00:00", "major"),
    ("promo-04", "Black Friday", "2025-11-28 00:00", "2025-11-30 00:00", "major"),
)
_MAJOR = [(at(start), at(end)) for _, _, start, end, tier in PROMOTIONS if tier == "major"]


def _rates() -> np.ndarray:
    """USD per unit of each currency by day (day × currency): slow waves around 1.16 and 1.34, four decimals."""
    day = np.arange(DAYS)
    euro = 1.16 + 0.012 * np.sin(day / 11.0) + 0.004 * np.sin(day / 2.7)
    pound = 1.34 + 0.015 * np.sin(day / 13.0 + 1.0) + 0.005 * np.sin(day / 3.1)
    return np.round(np.column_stack([np.ones(DAYS), euro, pound]), 4)


FX_RATES = _rates()


def major_promotion(seconds: np.ndarray) -> np.ndarray:
    """Whether a major promotion runs at each moment."""
    seconds = np.asarray(seconds)
    return np.logical_or.reduce([(seconds >= start) & (seconds < end) for start, end in _MAJOR])


def dates(days: np.ndarray) -> pa.Array:
    """Day numbers of the world as dates."""
    return pa.array(START.astype("datetime64[D]") + np.asarray(days).astype("timedelta64[D]"), pa.date32())


def fx_rates() -> pa.Table:
    """`finance.fx_rates`: one row per day and currency."""
    day, currency = np.divmod(np.arange(FX_RATES.size), len(CURRENCIES))
    return pa.table(
        {
            "date": dates(day),
            "currency": [CURRENCIES[code] for code in currency],
            "rate_to_reporting": FX_RATES.ravel(),
        }
    )


def promotions() -> pa.Table:
    """`marketing.promo_calendar`."""
    columns = list(zip(*PROMOTIONS, strict=True))
    return pa.table(
        {
            "promo_id": columns[0],
            "promo_name": columns[1],
            "starts_at": to_milliseconds([at(start) for start in columns[2]]),
            "ends_at": to_milliseconds([at(end) for end in columns[3]]),
            "tier": columns[4],
        }
    )


def known_incidents(world: World) -> pa.Table:
    """`ops.known_incidents`: what the shop's own people wrote down, one outage and the planned work; nothing else."""
    known = sorted((fault for fault in faults_of(world) if fault.is_known), key=lambda fault: fault.starts_at)
    planned = [fault.kind == "planned_maintenance" for fault in known]
    return pa.table(
        {
            "incident_id": [f"INC-{number}" for number in range(1, len(known) + 1)],
            "starts_at": to_milliseconds([fault.window[0] for fault in known]),
            "ends_at": to_milliseconds([fault.window[1] for fault in known]),
            "component": ["site" if is_planned else "payment" for is_planned in planned],
            "planned": planned,
        }
    )


def campaign_config() -> pa.Table:
    """`marketing.campaign_config`: one row per campaign and SKU, a null SKU for the whole shop."""
    rows = [(campaign, sku) for campaign in CAMPAIGNS for sku in (campaign.skus or (None,))]
    days = np.array([campaign.days for campaign, _ in rows])
    return pa.table(
        {
            "campaign_id": [campaign.campaign_id for campaign, _ in rows],
            "platform": [campaign.platform for campaign, _ in rows],
            "campaign_name": [campaign.name for campaign, _ in rows],
            "channel": [campaign.channel for campaign, _ in rows],
            "sku_id": pa.array([None if sku is None else SKUS[sku] for _, sku in rows], pa.string()),
            "is_brand": [campaign.is_brand for campaign, _ in rows],
            "starts_on": dates(days[:, 0]),
            "ends_on": dates(days[:, 1] - 1),
        }
    )
