"""What the shop sells and how it advertises: SKUs, campaigns and their ads."""

from dataclasses import dataclass

import numpy as np

from tools.demo.world import CHANNEL, DAYS, at

CATEGORIES = ("audio", "coffee", "kitchen", "sport", "home")
SKU_COUNT = 40
SKUS = tuple(f"SKU-{number:04d}" for number in range(1, SKU_COUNT + 1))
HERO = 0
SKU_CATEGORY = np.arange(SKU_COUNT) % len(CATEGORIES)
# Prices in USD and EUR; GBP is 15 % below. Popularity falls with the number, the hero first.
PRICES = np.round(19.9 + 160.0 * ((np.arange(SKU_COUNT) * 17 + 7) % SKU_COUNT) / SKU_COUNT, 2)
PRICES[HERO] = 129.0
CURRENCY_PRICE = np.array([1.0, 1.0, 0.85])
POPULARITY = 1.0 / (np.arange(SKU_COUNT) + 4.0)
POPULARITY /= POPULARITY.sum()
ADS_PER_CAMPAIGN = 3


@dataclass(frozen=True)
class Campaign:
    """One campaign. `stream` is the kind of traffic it buys, `weight` its part of that stream; days are inclusive."""

    campaign_id: str
    name: str
    platform: str
    channel: str
    stream: str
    weight: float
    skus: tuple[int, ...] = ()
    currency: int = 0
    account: str = ""
    price_per_click: float = 0.5
    starts_on: str = "2025-09-01"
    ends_on: str = "2025-11-30"
    is_brand: bool = False

    @property
    def days(self) -> tuple[int, int]:
        """First day and the day after the last, as day numbers of the world."""
        return int(at(self.starts_on) // 86_400), min(DAYS, int(at(self.ends_on) // 86_400) + 1)


def _of_category(name: str) -> tuple[int, ...]:
    return tuple(int(sku) for sku in np.flatnonzero(SKU_CATEGORY == CATEGORIES.index(name)))


CHANNEL_OF_STREAM = {
    "brand_search": "paid_search",
    "generic_search": "paid_search",
    "shopping": "paid_shopping",
    "social": "paid_social",
    "retargeting": "paid_social",
    "video": "paid_video",
    "email": "email",
    "affiliates": "affiliates",
}
# Accounts: name and currency.
_US, _EU, _UK = ("810-200-0001", 0), ("810-200-0002", 1), ("810-200-0003", 2)
_FB_US, _FB_EU = ("act_55010001", 0), ("act_55010002", 1)
_TT_US, _TT_UK = ("7001000001", 0), ("7001000002", 2)
_NONE = ("", 0)


def _campaign(campaign_id, name, platform, stream, account, price, weight, **more) -> Campaign:
    """A campaign from one row of the table below; its channel is that of the stream it buys."""
    channel = CHANNEL_OF_STREAM[stream]
    return Campaign(campaign_id, name, platform, channel, stream, weight, account=account[0],
                    currency=account[1], price_per_click=price, **more)  # fmt: skip


# fmt: off
CAMPAIGNS = (
    _campaign("gads-1001", "Search | Brand exact", "google", "brand_search", _US, 0.35, 1.0, is_brand=True),
    _campaign("gads-1002", "Search | Headphones", "google", "generic_search", _US, 1.20, 0.40,
              skus=_of_category("audio")),
    _campaign("gads-1003", "Search | Gifts", "google", "generic_search", _UK, 0.85, 0.35),
    _campaign("gads-1004", "Search | Coffee machines EU", "google", "generic_search", _EU, 0.95, 0.25,
              skus=_of_category("coffee")),
    _campaign("gads-shop-2001", "Shopping | Hero headphones", "google", "shopping", _US, 0.55, 0.55,
              skus=(HERO,)),
    _campaign("gads-shop-2002", "Shopping | All products", "google", "shopping", _EU, 0.40, 0.30),
    _campaign("gads-shop-2003", "Shopping | Kitchen", "google", "shopping", _UK, 0.45, 0.15,
              skus=_of_category("kitchen")[:4]),
    _campaign("fb-3001", "Prospecting | Lookalike", "facebook", "social", _FB_US, 0.70, 0.50),
    _campaign("fb-3002", "Retargeting | Viewed product", "facebook", "retargeting", _FB_US, 0.90, 1.0),
    _campaign("fb-3003", "Autumn home EU", "facebook", "social", _FB_EU, 0.60, 0.30,
              skus=_of_category("home")[:5]),
    _campaign("fb-3004", "Singles Day | Hero headphones", "facebook", "social", _FB_US, 0.80, 1.20,
              skus=(HERO,), starts_on="2025-11-05", ends_on="2025-11-12"),
    _campaign("fb-3005", "Sport | Story ads", "facebook", "social", _FB_EU, 0.50, 0.20,
              skus=_of_category("sport")[:3], starts_on="2025-10-06"),
    _campaign("tt-4001", "Creators | Everyday", "tiktok", "video", _TT_US, 0.45, 0.60),
    _campaign("tt-4002", "Unboxing | Coffee", "tiktok", "video", _TT_UK, 0.40, 0.40,
              skus=_of_category("coffee")[:2]),
    _campaign("tt-4003", "Black Friday teaser", "tiktok", "video", _TT_US, 0.55, 0.80,
              starts_on="2025-11-17", ends_on="2025-11-29"),
    _campaign("em-5001", "Weekly newsletter", "email", "email", _NONE, 0.0, 1.0),
    _campaign("em-5002", "Win-back autumn", "email", "email", _NONE, 0.0, 0.35,
              starts_on="2025-10-01", ends_on="2025-10-31"),
    _campaign("em-5003", "Singles Day mailing", "email", "email", _NONE, 0.0, 2.0, skus=(HERO,),
              starts_on="2025-11-10", ends_on="2025-11-11"),
    _campaign("em-5004", "Black Friday mailing", "email", "email", _NONE, 0.0, 2.0,
              starts_on="2025-11-27", ends_on="2025-11-30"),
    _campaign("af-6001", "Coupon portals", "affiliate", "affiliates", _NONE, 0.0, 0.7),
    _campaign("af-6002", "Review blogs", "affiliate", "affiliates", _NONE, 0.0, 0.3),
)
# fmt: on
CAMPAIGN = {campaign.campaign_id: code for code, campaign in enumerate(CAMPAIGNS)}
CAMPAIGN_IDS = tuple(campaign.campaign_id for campaign in CAMPAIGNS)
CAMPAIGN_CHANNEL = np.array([CHANNEL[campaign.channel] for campaign in CAMPAIGNS])
AD_IDS = tuple(f"{campaign.campaign_id}-ad{ad + 1}" for campaign in CAMPAIGNS for ad in range(ADS_PER_CAMPAIGN))
