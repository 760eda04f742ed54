"""What the ad platforms report: clicks and cost by day of the account, loaded early and restated later."""

import numpy as np
import pyarrow as pa

from tools.demo.ids import pick
from tools.evaluation.draw import HOUR, generator
from tools.evaluation.files import dates, moments
from tools.evaluation.shop.campaigns import PLATFORMS, Campaigns
from tools.evaluation.shop.faults import Faults
from tools.evaluation.shop.shape import CURRENCY, HOURS, SPAN, Shape

LOADS = (1.0, 6.0, 30.0, 54.0)  # hours after the end of the account's day
RESTATED = (1.0, 0.6, 0.3, 0.2)  # chance that a load brings a new version
CLICK_RATES = (0.045, 0.012, 0.008)
ADS = 2  # per campaign


def platform_clicks(faults: Faults, clicks: np.ndarray) -> np.ndarray:
    """Clicks (campaign × hour) as the platform counts them: too few where a surplus is planted."""
    seen, hour = clicks.astype(float), np.arange(HOURS) * HOUR
    for loss in faults.losses:
        if loss.kind == "surplus":
            within = (hour >= loss.start) & (hour < loss.end)
            seen[np.ix_(loss.campaigns, np.flatnonzero(within))] *= 1.0 - loss.share
    return seen


def make_ads(shape: Shape, campaigns: Campaigns, seen: np.ndarray) -> dict[str, dict]:
    """`raw.google_ads`, `raw.facebook_ads` and `raw.tiktok_ads` from the clicks the platforms saw (campaign × hour)."""
    rows = {platform: _rows(shape, campaigns, platform, seen) for platform in range(len(PLATFORMS))}
    google, facebook, tiktok = (_texts(shape, campaigns, rows[platform]) for platform in rows)
    return {
        "raw.google_ads": _named(google, "segments_date", "customer_id", "currency_code")
        | {"cost_micros": np.round(google["spend"] * 1e6).astype(np.int64), "conversions_value": google["value"]},
        "raw.facebook_ads": _named(facebook, "date", "account_id", "currency")
        | {"spend": facebook["spend"], "conversion_value": facebook["value"]},
        "raw.tiktok_ads": {
            "conversion" if name == "conversions" else name: values
            for name, values in _named(tiktok, "stat_time_day", "advertiser_id", "currency").items()
        }
        | {"spend": tiktok["spend"], "total_purchase_value": tiktok["value"]},
    }


def _rows(shape: Shape, campaigns: Campaigns, platform: int, seen: np.ndarray) -> dict[str, np.ndarray]:
    """Every version of every row of one platform. Days end by the account's clock, so loads do as well."""
    rng = generator(shape.seed, f"ads_{platform}")
    local = campaigns.local_day(platform, shape.start)
    mine = np.flatnonzero(campaigns.platform == platform)
    days = np.arange(local.min(), local.max() + 1)
    by_day = np.stack([seen[mine][:, local == day].sum(axis=1) for day in days], axis=1)
    ends = np.array([(np.flatnonzero(local == day)[-1] + 1) * HOUR for day in days], float)
    clicks = np.round(by_day).astype(np.int64)
    first = rng.binomial(clicks, rng.uniform(0.4, 0.6, (len(mine), 1)))
    clicks = np.stack([first, clicks - first], axis=2)
    shows = np.repeat((clicks.sum(axis=2) > 0)[:, :, None], ADS, axis=2)
    campaign, day, ad = np.nonzero(shows)
    n = len(campaign)
    clicks = clicks[campaign, day, ad]
    spend = np.round(clicks * campaigns.price[mine][campaign] * rng.lognormal(0, 0.08, n), 2)
    views = clicks + rng.poisson(clicks / CLICK_RATES[platform] + 20)
    conversions = rng.poisson(0.05 * clicks)
    loaded = ends[day][:, None] + HOUR * (np.array(LOADS) + rng.uniform(0, 0.4, (n, len(LOADS))))
    brings = (rng.random((n, len(LOADS))) < np.array(RESTATED)) & (loaded < SPAN)
    part = np.where(np.arange(len(LOADS)) == 0, rng.uniform(0.93, 0.995, (n, 1)), 1.0)
    row, load = np.nonzero(brings)
    share = part[row, load]
    return {
        "campaign": mine[campaign][row],
        "day": days[day][row],
        "ad": ad[row],
        "clicks": np.round(clicks[row] * share).astype(np.int64),
        "impressions": np.round(views[row] * share).astype(np.int64),
        "spend": np.round(spend[row] * share, 2),
        "conversions": conversions[row].astype(float),
        "value": np.round(conversions[row] * 55.0, 2),
        "loaded": loaded[row, load],
    }


def _texts(shape: Shape, campaigns: Campaigns, rows: dict[str, np.ndarray]) -> dict:
    names = campaigns.names
    ads = [f"{name}-a{ad}" for name in names for ad in range(ADS)]
    return rows | {
        "campaign_id": pick(names, rows["campaign"]),
        "ad_id": pick(ads, ADS * rows["campaign"] + rows["ad"]),
        "date": dates(shape.start, rows["day"]),
        "loaded_at": moments(shape.start, rows["loaded"]),
    }


def _named(rows: dict, date: str, account: str, currency: str) -> dict:
    """Columns all platforms share, under the platform's names for date, account and currency."""
    n = len(rows["clicks"])
    return {
        date: rows["date"],
        account: pa.array(["account-1"] * n),
        currency: pa.array([CURRENCY] * n),
        **{name: rows[name] for name in ("campaign_id", "ad_id", "impressions", "clicks", "conversions", "loaded_at")},
    }
