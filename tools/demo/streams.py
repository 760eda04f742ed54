"""Kinds of traffic, and when each of them happens: the season of the hour, the day and the campaign."""

from dataclasses import dataclass

import numpy as np

from tools.demo.catalogue import CAMPAIGNS
from tools.demo.world import CHANNEL, DAYS, HOURS, START

VISIT, VIEW, OPEN = range(3)


@dataclass(frozen=True)
class Stream:
    """One kind of traffic. `rate`: touches per person over the world; `loading`: how much the wish to buy raises it."""

    name: str
    channel: str
    kind: int
    rate: float
    loading: float
    returns: float  # probability of a later visit set off by the touch


STREAMS = (
    Stream("direct", "direct", VISIT, 0.88, 0.5, 0.04),
    Stream("organic", "organic_search", VISIT, 1.05, 0.25, 0.10),
    Stream("brand_search", "paid_search", VISIT, 0.24, 0.7, 0.06),
    Stream("generic_search", "paid_search", VISIT, 0.52, 0.20, 0.14),
    Stream("shopping", "paid_shopping", VISIT, 0.66, 0.25, 0.14),
    Stream("social", "paid_social", VISIT, 0.62, 0.0, 0.20),
    Stream("retargeting", "paid_social", VISIT, 0.20, 0.8, 0.08),
    Stream("video", "paid_video", VISIT, 0.42, -0.1, 0.20),
    Stream("email", "email", OPEN, 4.6, 0.1, 0.0),
    Stream("affiliates", "affiliates", VISIT, 0.26, 0.5, 0.05),
    Stream("referral", "referral", VISIT, 0.40, 0.1, 0.12),
    Stream("social", "paid_social", VIEW, 2.0, 0.0, 0.03),
    Stream("video", "paid_video", VIEW, 1.3, -0.1, 0.04),
)
HOUR_OF_DAY = np.array([2.2, 1.4, .9, .7, .8, 1.2, 2.2, 3.4, 4.4, 5.0, 5.3, 5.5, 5.8, 5.4, 5.2, 5.2, 5.4, 5.8, 6.6, 7.6,
                        8.0, 7.2, 5.4, 3.6])  # fmt: skip
DAY_OF_WEEK = np.array([1.04, 1.0, 0.98, 0.98, 0.94, 0.98, 1.10])  # Monday first; the world starts on a Monday
BUSY_DAYS = {
    "2025-11-10": 1.3,
    "2025-11-11": 2.0,
    "2025-11-27": 1.3,
    "2025-11-28": 2.1,
    "2025-11-29": 1.6,
}
MAIL_HOURS = np.array([0.2] * 7 + [1, 8, 10, 7, 5, 5, 4, 3, 3, 3, 4, 4, 3, 2, 1, 0.5, 0.3])
MAIL_DAYS = np.array([0.2, 5.0, 1.5, 4.0, 1.2, 0.4, 0.3])


def busy_hours() -> np.ndarray:
    """Weight of each hour of the world: hour of day, day of week, slow growth, promotions."""
    day = np.arange(DAYS)
    level = DAY_OF_WEEK[day % 7] * (1.0 + 0.15 * day / DAYS)
    for date, factor in BUSY_DAYS.items():
        level[(np.datetime64(date) - START.astype("datetime64[D]")).astype(int)] *= factor
    return (level[:, None] * HOUR_OF_DAY[None, :]).ravel()


def _mail_hours() -> np.ndarray:
    """Weight of each hour for opening e-mails: send days, then the hours after 08:00."""
    level = MAIL_DAYS[np.arange(DAYS) % 7]
    level[[70, 71, 87, 88]] = 6.0  # the mailings of Singles Day and Black Friday
    return (level[:, None] * MAIL_HOURS[None, :]).ravel()


class Schedule:
    """When and for which campaign a stream's touches happen: weights over campaign × hour."""

    def __init__(self, stream: str):
        self.campaigns = [code for code, campaign in enumerate(CAMPAIGNS) if campaign.stream == stream] or [-1]
        hours = _mail_hours() if stream == "email" else busy_hours()
        self.weights = np.tile(hours, (len(self.campaigns), 1))
        for row, code in enumerate(self.campaigns):
            if code >= 0:
                first, last = CAMPAIGNS[code].days
                self.weights[row, : first * 24] = self.weights[row, last * 24 :] = 0.0
                self.weights[row] *= CAMPAIGNS[code].weight
        self.by_hour = np.cumsum(self.weights, axis=0)
        self.overall = np.cumsum(self.weights.ravel())

    def draw(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Moments (seconds) and campaigns of `count` first-hand touches."""
        cell = np.searchsorted(self.overall, rng.random(count) * self.overall[-1], side="right")
        row, hour = np.divmod(np.minimum(cell, self.overall.size - 1), HOURS)
        return hour * 3600.0 + rng.uniform(0, 3600, count), np.array(self.campaigns)[row]

    def campaign_at(self, rng: np.random.Generator, seconds: np.ndarray) -> np.ndarray:
        """A campaign running at each moment, by weight."""
        running = self.by_hour[:, np.minimum(seconds // 3600, HOURS - 1).astype(int)]
        row = (running < rng.random(len(seconds)) * running[-1]).sum(axis=0)
        return np.array(self.campaigns)[row]


SCHEDULES = {name: Schedule(name) for name in dict.fromkeys(stream.name for stream in STREAMS)}
STREAM_CHANNEL = {stream.name: CHANNEL[stream.channel] for stream in STREAMS}
