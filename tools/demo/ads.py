"""The ad platforms' own reports: impressions, clicks and cost by day and ad, restated for some days."""

import numpy as np
import pyarrow as pa

from tools.demo.catalogue import AD_IDS, ADS_PER_CAMPAIGN, CAMPAIGN, CAMPAIGN_IDS, CAMPAIGNS
from tools.demo.ids import pick
from tools.demo.plan import of_kind
from tools.demo.reference import dates
from tools.demo.tables import times
from tools.demo.world import CURRENCIES, DAY, DAYS, SPAN, World

PLATFORMS = ("google", "facebook", "tiktok")
NEVER_LOADED = 0.07  # clicks on top whose page never loads
CLICK_RATES = {"google": 0.045, "facebook": 0.012, "tiktok": 0.008}
OVERCLAIM = 1.35  # conversions a platform claims per order of its own clicks
LOADS = (
    DAY - 900.0,
    DAY + 5 * 3600.0,
    2 * DAY + 5 * 3600.0,
    3 * DAY + 5 * 3600.0,
)  # after the day's start
RESTATED = 0.3  # rows that change at each later load


class AdCounts:
    """True clicks, impressions, orders and revenue by ad and day, summed over blocks of people."""

    def __init__(self):
        shape = (len(AD_IDS), DAYS)
        self.clicks, self.views, self.orders = (np.zeros(shape, np.int64) for _ in range(3))
        self.revenue = np.zeros(shape)

    def add(self, ad: np.ndarray, seconds: np.ndarray, buys: np.ndarray, revenue: np.ndarray) -> None:
        """Count clicks, and the orders of the same visits."""
        day = (seconds // DAY).astype(np.int64)
        np.add.at(self.clicks, (ad, day), 1)
        np.add.at(self.orders, (ad[buys], day[buys]), 1)
        np.add.at(self.revenue, (ad[buys], day[buys]), revenue[buys])

    def add_views(self, ad: np.ndarray, seconds: np.ndarray) -> None:
        """Count impressions."""
        np.add.at(self.views, (ad, (seconds // DAY).astype(np.int64)), 1)


def _final(world: World, platform: str, counts: AdCounts) -> dict[str, np.ndarray]:
    """Final figures per ad and day of the platform's running campaigns."""
    campaigns = [
        code
        for code, campaign in enumerate(CAMPAIGNS)
        if campaign.platform == platform and campaign.channel not in world.without
    ]
    ad, day = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for code in campaigns:
        first, last = CAMPAIGNS[code].days
        for number in range(ADS_PER_CAMPAIGN):
            ad.append(np.full(last - first, code * ADS_PER_CAMPAIGN + number))
            day.append(np.arange(first, last))
    ad, day = np.concatenate(ad), np.concatenate(day)
    rng = world.for_rows(world.rng(f"ads_{platform}"), ad * DAYS + day)
    campaign = ad // ADS_PER_CAMPAIGN
    true_clicks = counts.clicks[ad, day]
    clicks = true_clicks + rng.poisson(true_clicks * NEVER_LOADED)
    impressions = clicks + rng.poisson(clicks / CLICK_RATES[platform] + 25) + counts.views[ad, day]
    price = np.array([entry.price_per_click for entry in CAMPAIGNS])[campaign]
    spend = np.round(clicks * price * rng.lognormal(0, 0.08, len(ad)), 2)
    conversions = rng.poisson(OVERCLAIM * counts.orders[ad, day] + 0.01 * clicks)
    per_order = counts.revenue.sum() / max(1, counts.orders.sum())
    value = np.round(conversions * per_order * rng.lognormal(0, 0.2, len(ad)), 2)
    return {"ad": ad, "day": day, "campaign": campaign, "impressions": impressions, "clicks": clicks, "spend": spend,
            "conversions": conversions, "value": value}  # fmt: skip


def _loads(world: World, platform: str, final: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every load of every row: the first misses a few per cent, some later ones correct it, the last is final."""
    rng, n = world.rng(f"loads_{platform}"), len(final["ad"])
    is_loaded = np.column_stack([np.ones(n, bool), rng.random((n, len(LOADS) - 1)) < RESTATED])
    at = final["day"][:, None] * DAY + np.array(LOADS)[None, :] + rng.uniform(0, 600, (n, len(LOADS)))
    is_loaded &= at < SPAN
    row, load = np.nonzero(is_loaded)
    last = np.append(row[1:] != row[:-1], True)[: len(row)]
    part = np.where(last, 1.0, rng.uniform(0.90, 0.99, len(row)) + 0.01 * load / len(LOADS))
    rows = {name: values[row] for name, values in final.items()}
    for name in ("impressions", "clicks"):
        rows[name] = np.floor(rows[name] * part).astype(np.int64)
    rows["spend"] = np.round(rows["spend"] * part, 2)
    for fault in of_kind(world, "cost_anomaly"):
        wrong = (rows["campaign"] == CAMPAIGN[fault.campaign_id]) & fault.covers(rows["day"] * float(DAY))
        rows["spend"] = np.where(wrong, rows["spend"] * fault.magnitude, rows["spend"])
    rows["loaded"] = at[row, load]
    order = np.lexsort((rows["ad"], rows["loaded"]))
    return {name: values[order] for name, values in rows.items()}


def ad_tables(world: World, counts: AdCounts) -> dict[str, pa.Table]:
    """`raw.google_ads`, `raw.facebook_ads` and `raw.tiktok_ads`, each in its platform's words."""
    loads = {platform: _loads(world, platform, _final(world, platform, counts)) for platform in PLATFORMS}
    google, facebook, tiktok = (loads[platform] for platform in PLATFORMS)
    return {
        "raw.google_ads": pa.table(
            _common(google, "segments_date", "customer_id", "currency_code")
            | {
                "ad_group_id": pick(tuple(f"{name}-g1" for name in CAMPAIGN_IDS), google["campaign"]),
                "cost_micros": np.round(google["spend"] * 1e6).astype(np.int64),
                "conversions": google["conversions"].astype(float),
                "conversions_value": google["value"],
            }
        ),
        "raw.facebook_ads": pa.table(
            _common(facebook, "date", "account_id", "currency")
            | {
                "spend": facebook["spend"],
                "conversions": facebook["conversions"].astype(float),
                "conversion_value": facebook["value"],
            }
        ),
        "raw.tiktok_ads": pa.table(
            _common(tiktok, "stat_time_day", "advertiser_id", "currency")
            | {
                "spend": tiktok["spend"],
                "conversion": tiktok["conversions"].astype(float),
                "total_purchase_value": tiktok["value"],
            }
        ),
    }


def _common(rows: dict[str, np.ndarray], date: str, account: str, currency: str) -> dict[str, pa.Array]:
    """Columns all platforms share, under the platform's names for date, account and currency."""
    campaign = rows["campaign"]
    return {
        date: dates(rows["day"]),
        account: pick([entry.account for entry in CAMPAIGNS], campaign),
        "campaign_id": pick(CAMPAIGN_IDS, campaign),
        "campaign_name": pick([entry.name for entry in CAMPAIGNS], campaign),
        "ad_id": pick(AD_IDS, rows["ad"]),
        "impressions": rows["impressions"],
        "clicks": rows["clicks"],
        currency: pick([CURRENCIES[entry.currency] for entry in CAMPAIGNS], campaign),
        "loaded_at": times(rows["loaded"]),
    }
