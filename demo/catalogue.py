"""What the shop sells and how it advertises: SKUs, campaigns and their ads."""

from dataclasses import dataclass

import numpy as np

from demo.world import CHANNEL, DAYS, at

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
    """One campaign. `stream` names the kind of traffic it buys, `weight` its part of that stream; days are inclusive."""

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


_US, _EU, _UK = ("810-200-0001", 0), ("810-200-0002", 1), ("810-200-0003", 2)
_FB_US, _FB_EU = ("act_55010001", 0), ("act_55010002", 1)
_TT_US, _TT_UK = ("7001000001", 0), ("7001000002", 2)


def _campaign(campaign_id, name, platform, channel, stream, weight, account=("", 0), **more) -> Campaign:
    return Campaign(
        campaign_id, name, platform, channel, stream, weight, account=account[0], currency=account[1], **more
    )


CAMPAIGNS = (
    _campaign("gads-1001", "Search | Brand exact", "google", "paid_search", "brand_search", 1.0, _US,
              price_per_click=0.35, is_brand=True),
    _campaign("gads-1002", "Search | Headphones", "google", "paid_search", "generic_search", 0.40, _US,
              skus=_of_category("audio"), price_per_click=1.20),
    _campaign("gads-1003", "Search | Gifts", "google", "paid_search", "generic_search", 0.35, _UK, price_per_click=0.85),
    _campaign("gads-1004", "Search | Coffee machines EU", "google", "paid_search", "generic_search", 0.25, _EU,
              skus=_of_category("coffee"), price_per_click=0.95),
    _campaign("gads-shop-2001", "Shopping | Hero headphones", "google", "paid_shopping", "shopping", 0.55, _US,
              skus=(HERO,), price_per_click=0.55),
    _campaign("gads-shop-2002", "Shopping | All products", "google", "paid_shopping", "shopping", 0.30, _EU,
              price_per_click=0.40),
    _campaign("gads-shop-2003", "Shopping | Kitchen", "google", "paid_shopping", "shopping", 0.15, _UK,
              skus=_of_category("kitchen")[:4], price_per_click=0.45),
    _campaign("fb-3001", "Prospecting | Lookalike", "facebook", "paid_social", "social", 0.50, _FB_US,
              price_per_click=0.70),
    _campaign("fb-3002", "Retargeting | Viewed product", "facebook", "paid_social", "retargeting", 1.0, _FB_US,
              price_per_click=0.90),
    _campaign("fb-3003", "Autumn home EU", "facebook", "paid_social", "social", 0.30, _FB_EU,
              skus=_of_category("home")[:5], price_per_click=0.60),
    _campaign("fb-3004", "Singles Day | Hero headphones", "facebook", "paid_social", "social", 1.20, _FB_US,
              skus=(HERO,), price_per_click=0.80, starts_on="2025-11-05", ends_on="2025-11-12"),
    _campaign("fb-3005", "Sport | Story ads", "facebook", "paid_social", "social", 0.20, _FB_EU,
              skus=_of_category("sport")[:3], price_per_click=0.50, starts_on="2025-10-06"),
    _campaign("tt-4001", "Creators | Everyday", "tiktok", "paid_video", "video", 0.60, _TT_US, price_per_click=0.45),
    _campaign("tt-4002", "Unboxing | Coffee", "tiktok", "paid_video", "video", 0.40, _TT_UK,
              skus=_of_category("coffee")[:2], price_per_click=0.40),
    _campaign("tt-4003", "Black Friday teaser", "tiktok", "paid_video", "video", 0.80, _TT_US, price_per_click=0.55,
              starts_on="2025-11-17", ends_on="2025-11-29"),
    _campaign("em-5001", "Weekly newsletter", "email", "email", "email", 1.0),
    _campaign("em-5002", "Win-back autumn", "email", "email", "email", 0.35, starts_on="2025-10-01",
              ends_on="2025-10-31"),
    _campaign("em-5003", "Singles Day mailing", "email", "email", "email", 2.0, skus=(HERO,),
              starts_on="2025-11-10", ends_on="2025-11-11"),
    _campaign("em-5004", "Black Friday mailing", "email", "email", "email", 2.0, starts_on="2025-11-27",
              ends_on="2025-11-30"),
    _campaign("af-6001", "Coupon portals", "affiliate", "affiliates", "affiliates", 0.7),
    _campaign("af-6002", "Review blogs", "affiliate", "affiliates", "affiliates", 0.3),
)
CAMPAIGN = {campaign.campaign_id: code for code, campaign in enumerate(CAMPAIGNS)}
CAMPAIGN_IDS = tuple(campaign.campaign_id for campaign in CAMPAIGNS)
CAMPAIGN_CHANNEL = np.array([CHANNEL[campaign.channel] for campaign in CAMPAIGNS])
AD_IDS = tuple(f"{campaign.campaign_id}-ad{ad + 1}" for campaign in CAMPAIGNS for ad in range(ADS_PER_CAMPAIGN))
