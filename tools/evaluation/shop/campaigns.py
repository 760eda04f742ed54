"""Campaigns of the three ad platforms: volume, days, products, the usual gap between clicks and sessions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tools.evaluation.draw import generator
from tools.evaluation.shop.shape import DAYS, HOURS, Shape
from tools.evaluation.shop.stock import Stock

PLATFORMS = ("google", "facebook", "tiktok")
CHANNELS = ("paid_search", "paid_social", "paid_social")
MEDIUMS = ("cpc", "paid_social", "cpc")
ZONES = ("UTC", "America/Los_Angeles", "America/New_York", "Europe/Berlin", "Asia/Tokyo")


@dataclass(frozen=True)
class Campaigns:
    """One entry per campaign; days and hours count from the start of the world, `click_rate` (campaign × hour)."""

    names: list[str]
    platform: np.ndarray  # index of PLATFORMS
    volume: np.ndarray  # clicks a day
    is_running: np.ndarray  # (campaign × day)
    gap: np.ndarray  # share of clicks that never becomes a session
    gap_noise: np.ndarray  # spread of that share from day to day
    wish: np.ndarray  # factor on the cart rate
    price: np.ndarray  # currency units a click
    skus: list[np.ndarray]  # advertised; empty is the whole shop
    click_rate: np.ndarray
    zones: tuple[str, ...]  # of the platforms' accounts

    def local_day(self, platform: int, start: np.datetime64) -> np.ndarray:
        """The platform's day (counted from the world's first) of each UTC hour."""
        zone, first = ZoneInfo(self.zones[platform]), start.astype("datetime64[D]").astype(datetime)
        moment = datetime(first.year, first.month, first.day, tzinfo=UTC)
        return np.array([((moment + timedelta(hours=h)).astimezone(zone).date() - first).days for h in range(HOURS)])


def make_campaigns(shape: Shape, stock: Stock) -> Campaigns:
    """Draw 20 to 30 campaigns with 10 to 900 clicks a day, a handful of them large."""
    rng = generator(shape.seed, "campaigns")
    count = int(rng.integers(20, 31))
    platform = np.concatenate([np.repeat([0, 1, 2], 4), rng.choice(3, count - 12, p=(0.45, 0.35, 0.2))])
    volume = 10.0 * 90.0 ** (rng.random(count) ** 1.25)
    large = rng.choice(count, 6, replace=False)
    volume[large] = np.maximum(volume[large], rng.uniform(330, 900, 6))
    is_running = np.ones((count, DAYS), bool)
    for campaign in np.flatnonzero(rng.random(count) < 0.25):
        first = int(rng.integers(5, DAYS - 10))
        how = rng.integers(3)  # launched, ended, paused
        is_running[
            campaign, (slice(0, first), slice(first, DAYS), slice(first, first + int(rng.integers(2, 8))))[how]
        ] = 0
    by_day = np.exp(rng.normal(0, rng.uniform(0.06, 0.18), (count, DAYS)))
    rate = volume[:, None] / 24 * shape.traffic * np.repeat(is_running * by_day, 24, axis=1)
    kinds = rng.choice(3, count, p=(0.45, 0.35, 0.2))
    sizes = np.select([kinds == 0, kinds == 1], [1, rng.integers(3, 9, count)], 0)
    return Campaigns(
        names=[f"{PLATFORMS[p][0]}{shape.seed % 1000:03d}-{number:03d}" for number, p in enumerate(platform)],
        platform=platform,
        volume=volume,
        is_running=is_running,
        gap=rng.uniform(0, 0.25, count),
        gap_noise=rng.uniform(0.005, 0.04, count),
        wish=rng.lognormal(-0.1, 0.35, count),
        price=rng.lognormal(-0.3, 0.5, count),
        skus=[rng.choice(stock.count, size, replace=False, p=stock.popularity) for size in sizes],
        click_rate=rate,
        zones=("UTC",) * 3 if rng.random() < 0.45 else tuple(str(zone) for zone in rng.choice(ZONES, 3)),
    )
