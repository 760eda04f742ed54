"""How a visit says where it came from: utm tags, click ids, referrers."""

import numpy as np

from tools.demo.catalogue import ADS_PER_CAMPAIGN, CAMPAIGN_IDS, CAMPAIGNS
from tools.demo.ids import mix, share
from tools.demo.world import CHANNEL

SOURCES = ("direct", "google", "bing", "facebook", "instagram", "tiktok", "newsletter", "couponhub", "reviewblog",
           "gadgetnews.example", "forum.example")  # fmt: skip
SOURCE = {name: code for code, name in enumerate(SOURCES)}
MEDIUMS = ("cpc", "paid_social", "paid_video", "email", "affiliate")
TERMS = ("shop example", "wireless headphones", "gift ideas", "kaffeemaschine")
CAMPAIGN_TEXTS = CAMPAIGN_IDS + tuple(campaign.name for campaign in CAMPAIGNS)
CLICK_IDS = ("gclid", "fbclid", "ttclid")
REFERRERS = ("https://www.google.com/", "https://www.bing.com/", "https://l.facebook.com/", "https://www.tiktok.com/",
             "https://couponhub.example/", "https://reviewblog.example/", "https://gadgetnews.example/best-headphones",
             "https://forum.example/t/4711", "https://shop.example/")  # fmt: skip
OWN_PAGE = len(REFERRERS) - 1
_PLATFORM = {
    # platform: source, medium, click id, referrer (−1: none)
    "google": ("google", "cpc", 0, 0),
    "facebook": ("facebook", "paid_social", 1, 2),
    "tiktok": ("tiktok", "paid_video", 2, 3),
    "email": ("newsletter", "email", -1, -1),
    "affiliate": ("couponhub", "affiliate", -1, 4),
}
_OF_CAMPAIGN = np.array(
    [
        (SOURCE[source], MEDIUMS.index(medium), click, referrer)
        for source, medium, click, referrer in (_PLATFORM[campaign.platform] for campaign in CAMPAIGNS)
    ]
)
_OF_CAMPAIGN[CAMPAIGN_IDS.index("af-6002"), [0, 3]] = SOURCE["reviewblog"], 5
_TERM = np.full(len(CAMPAIGNS) + 1, -1)
_TERM[: len(TERMS)] = np.arange(len(TERMS))  # the first campaigns are the search campaigns
NAMED, ONLY_CLICK_ID, ONLY_UTM, INSTAGRAM = 0.06, 0.03, 0.02, 0.25


def tag(key: np.ndarray, channel: np.ndarray, campaign: np.ndarray, untagged: np.ndarray) -> dict[str, np.ndarray]:
    """Tags of arrivals (or impressions) as codes, −1 for none. `key` decides the variants: the same key reads alike.

    Most campaign clicks carry utm tags and a click id; some only one of them; some name the campaign instead of its id.
    """
    draw = [share(mix(key, salt)) for salt in (11, 12, 13, 14)]
    is_campaign = (campaign >= 0) & ~untagged
    source, medium, click, referrer = _OF_CAMPAIGN[campaign].T.copy()
    source = np.where((source == SOURCE["facebook"]) & (draw[0] < INSTAGRAM), SOURCE["instagram"], source)
    has_click = is_campaign & (click >= 0) & (draw[1] >= ONLY_UTM)
    has_utm = is_campaign & ~(has_click & (draw[1] > 1 - ONLY_CLICK_ID))

    organic = (channel == CHANNEL["organic_search"]) & ~is_campaign
    referral = (channel == CHANNEL["referral"]) & ~is_campaign
    plain_source = np.select(
        [organic & (draw[0] < 0.85), organic, referral & (draw[0] < 0.6), referral],
        [SOURCE["google"], SOURCE["bing"], SOURCE["gadgetnews.example"], SOURCE["forum.example"]],
        SOURCE["direct"],
    )
    plain_referrer = np.select(
        [organic & (draw[0] < 0.85), organic, referral & (draw[0] < 0.6), referral],
        [0, 1, 6, 7],
        -1,
    )
    text = np.where(draw[2] < NAMED, len(CAMPAIGNS) + campaign, campaign)
    creative = ADS_PER_CAMPAIGN * campaign + ad_of(key)
    return {
        "source": np.where(is_campaign, source, plain_source),
        "utm_source": np.where(has_utm, source, -1),
        "utm_medium": np.where(has_utm, medium, -1),
        "utm_campaign": np.where(has_utm, text, -1),
        "utm_content": np.where(has_utm, creative, -1),
        "utm_term": np.where(has_utm, _TERM[campaign], -1),
        "click_id": np.where(has_click, click, -1),
        "referrer": np.where(is_campaign, np.where(draw[3] < 0.7, referrer, -1), plain_referrer),
    }


def ad_of(key: np.ndarray) -> np.ndarray:
    """Which of its campaign's ads a touch came from."""
    return np.floor(share(mix(key, 15)) ** 1.5 * ADS_PER_CAMPAIGN).astype(np.int64)
