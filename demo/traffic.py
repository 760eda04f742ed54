"""Potential touches: every visit, ad impression and e-mail open that could happen, before any channel is removed.

A `Stream` is one kind of traffic. First-hand touches come from Poisson counts per person; some touches bring the
person back later (follow-ups) or are followed by a second campaign click in the same visit; an opened e-mail may be
clicked. A child happens only if its parent does, so removing a channel also removes what it set off.
"""

from dataclasses import dataclass, fields

import numpy as np

from demo.catalogue import CAMPAIGN_CHANNEL, CAMPAIGNS, POPULARITY, SKU_COUNT
from demo.faults import FAULTS
from demo.people import MODELS, People
from demo.world import CHANNEL, DAY, DAYS, HOURS, SPAN, World

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
RETURN_STREAMS, RETURN_SHARES = ("direct", "organic", "brand_search"), (0.5, 0.28, 0.22)
SECOND_STREAMS, SECOND_SHARES = ("brand_search", "affiliates", "generic_search", "retargeting"), (0.35, 0.3, 0.15, 0.2)
RETURN_DAYS, SECOND_CLICK, OPEN_TO_CLICK, SAME_DEVICE = 2.5, 0.035, 0.32, 0.7
CAMPAIGN_SKU = 0.85  # how often a visit from a campaign with SKUs is about one of them

HOUR_OF_DAY = np.array([2.2, 1.4, .9, .7, .8, 1.2, 2.2, 3.4, 4.4, 5.0, 5.3, 5.5, 5.8, 5.4, 5.2, 5.2, 5.4, 5.8, 6.6, 7.6,
                        8.0, 7.2, 5.4, 3.6])  # fmt: skip
DAY_OF_WEEK = np.array([1.04, 1.0, 0.98, 0.98, 0.94, 0.98, 1.10])  # Monday first; the world starts on a Monday
BUSY_DAYS = {"2025-11-10": 1.3, "2025-11-11": 2.0, "2025-11-27": 1.3, "2025-11-28": 2.1, "2025-11-29": 1.6}
MAIL_HOURS = np.array([0.2] * 7 + [1, 8, 10, 7, 5, 5, 4, 3, 3, 3, 4, 4, 3, 2, 1, 0.5, 0.3])
MAIL_DAYS = np.array([0.2, 5.0, 1.5, 4.0, 1.2, 0.4, 0.3])


@dataclass
class Touches:
    """Potential touches of one block, sorted by person and time. Draws `u_*` are uniform and belong to the touch."""

    person: np.ndarray
    seconds: np.ndarray
    kind: np.ndarray
    channel: np.ndarray
    campaign: np.ndarray  # −1: none
    is_brand: np.ndarray
    parent: np.ndarray  # index of the touch that set this one off, or −1
    in_visit: np.ndarray  # the second campaign click of its parent's visit
    slot: np.ndarray  # device
    sku: np.ndarray  # what the visit or ad is about

    def __len__(self) -> int:
        return len(self.person)

    def sort(self) -> "Touches":
        """Same touches by person and time, parents re-pointed."""
        order = np.lexsort((self.seconds, self.person))
        place = np.empty(len(self) + 1, np.int64)
        place[order], place[-1] = np.arange(len(self)), -1
        columns = {field.name: getattr(self, field.name)[order] for field in fields(self)}
        return Touches(**columns | {"parent": place[columns["parent"]]})


def busy_hours() -> np.ndarray:
    """Weight of each hour of the world: hour of day, day of week, slow growth, promotions."""
    day = np.arange(DAYS)
    level = DAY_OF_WEEK[day % 7] * (1.0 + 0.15 * day / DAYS)
    for date, factor in BUSY_DAYS.items():
        level[(np.datetime64(date) - np.datetime64("2025-09-01")).astype(int)] *= factor
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


def _first_hand(rng: np.random.Generator, people: People) -> dict[str, np.ndarray]:
    """Touches nobody set off: Poisson counts by stream, activity and wish to buy."""
    parts = []
    for stream in STREAMS:
        lift = np.exp(stream.loading * people.intent - stream.loading**2 / 2)
        rate = stream.rate * people.activity * lift * (people.is_subscriber if stream.kind == OPEN else 1.0)
        person = np.repeat(np.arange(len(people)), rng.poisson(rate))
        seconds, campaign = SCHEDULES[stream.name].draw(rng, len(person))
        parts.append(
            {
                "person": person,
                "seconds": seconds,
                "kind": np.full(len(person), stream.kind),
                "channel": np.full(len(person), CHANNEL[stream.channel]),
                "campaign": campaign,
                "returns": np.full(len(person), stream.returns),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _visit_of_streams(rng, seconds: np.ndarray, streams: tuple[str, ...], shares: tuple[float, ...]):
    """Channel and campaign of a later visit at each moment, its stream drawn by shares."""
    which = rng.choice(len(streams), len(seconds), p=shares)
    channel, campaign = np.empty(len(seconds), np.int64), np.full(len(seconds), -1)
    for code, stream in enumerate(streams):
        rows = which == code
        channel[rows] = STREAM_CHANNEL[stream]
        campaign[rows] = SCHEDULES[stream].campaign_at(rng, seconds[rows])
    return channel, campaign


def _children(rng, roots: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """Touches set off by the first-hand ones: later returns, second clicks in the visit, clicks in e-mails."""
    n = len(roots["person"])
    returns = np.flatnonzero(rng.random(n) < roots["returns"])
    seconds = roots["seconds"][returns] + 3600.0 + rng.exponential(RETURN_DAYS * DAY, len(returns))
    channel, campaign = _visit_of_streams(rng, np.minimum(seconds, SPAN - 1), RETURN_STREAMS, RETURN_SHARES)
    found = [{"parent": returns, "seconds": seconds, "channel": channel, "campaign": campaign, "in_visit": False}]
    second = np.flatnonzero((roots["kind"] == VISIT) & (rng.random(n) < SECOND_CLICK))
    seconds = roots["seconds"][second] + rng.uniform(4 * 60, 27 * 60, len(second))
    channel, campaign = _visit_of_streams(rng, np.minimum(seconds, SPAN - 1), SECOND_STREAMS, SECOND_SHARES)
    found.append({"parent": second, "seconds": seconds, "channel": channel, "campaign": campaign, "in_visit": True})
    clicked = np.flatnonzero((roots["kind"] == OPEN) & (rng.random(n) < OPEN_TO_CLICK))
    seconds = roots["seconds"][clicked] + rng.exponential(60, len(clicked)) + 4
    found.append(
        {
            "parent": clicked,
            "seconds": seconds,
            "channel": roots["channel"][clicked],
            "campaign": roots["campaign"][clicked],
            "in_visit": False,
        }
    )
    return found


def _devices(rng, people: People, person, channel, parent, in_visit) -> np.ndarray:
    """Device of each touch: social and video mostly on a mobile one, a child mostly on its parent's."""
    n = len(person)
    slot = np.floor(rng.random(n) ** 1.4 * people.devices[person]).astype(np.int64)
    is_mobile = np.array([model[1] == "mobile" for model in MODELS])[people.device_model]
    is_mobile &= np.arange(people.device_model.shape[1]) < people.devices[:, None]
    prefers_mobile = np.isin(channel, (CHANNEL["paid_social"], CHANNEL["paid_video"])) & (rng.random(n) < 0.9)
    prefers_mobile &= is_mobile.any(axis=1)[person]
    slot = np.where(prefers_mobile, is_mobile.argmax(axis=1)[person], slot)
    keeps = (parent >= 0) & (in_visit | (rng.random(n) < SAME_DEVICE))
    return np.where(keeps, slot[parent], slot)


def _skus(rng, campaign: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """What each touch is about: its campaign's SKUs mostly, else by popularity; a child asks for its parent's SKU."""
    sku = rng.choice(SKU_COUNT, len(campaign), p=POPULARITY)
    follows = rng.random(len(campaign)) < CAMPAIGN_SKU
    for code, entry in enumerate(CAMPAIGNS):
        if entry.skus:
            rows = np.flatnonzero((campaign == code) & follows)
            sku[rows] = np.array(entry.skus)[rng.integers(0, len(entry.skus), len(rows))]
    own = (campaign >= 0) & np.array([bool(entry.skus) for entry in CAMPAIGNS] + [False])[campaign]
    return np.where((parent >= 0) & ~own, sku[parent], sku)


def make_touches(world: World, block: int, people: People) -> Touches:
    """All potential touches of a block, sorted; visits during the planned maintenance are left out in every world."""
    rng = world.rng("touches", block)
    roots = _first_hand(rng, people)
    n = len(roots["person"])
    parts = [{**roots, "parent": np.full(n, -1), "in_visit": np.zeros(n, bool)}]
    for part in _children(rng, roots):
        count = len(part["parent"])
        parts.append(
            {
                **part,
                "person": roots["person"][part["parent"]],
                "kind": np.full(count, VISIT),
                "in_visit": np.full(count, part["in_visit"]),
            }
        )
    names = ("person", "seconds", "kind", "channel", "campaign", "parent", "in_visit")
    every = {name: np.concatenate([part[name] for part in parts]) for name in names}
    is_brand = np.array([campaign.is_brand for campaign in CAMPAIGNS] + [False])[every["campaign"]]
    slot = _devices(rng, people, every["person"], every["channel"], every["parent"], every["in_visit"])
    sku = _skus(rng, every["campaign"], every["parent"])
    touches = Touches(**every, is_brand=is_brand, slot=slot, sku=sku).sort()
    return touches


def can_happen(touches: Touches) -> np.ndarray:
    """Touches within the world and not at the closed site; a child of an impossible touch is impossible too."""
    possible = touches.seconds < SPAN
    possible &= ~((touches.kind == VISIT) & FAULTS["maintenance"].covers(touches.seconds))
    return possible & np.where(touches.parent >= 0, possible[touches.parent], True)


assert all(CAMPAIGN_CHANNEL[code] == STREAM_CHANNEL[entry.stream] for code, entry in enumerate(CAMPAIGNS))
