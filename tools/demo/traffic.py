"""Potential touches: every visit, ad impression and e-mail open that could happen, before any channel is removed.

First-hand touches come from Poisson counts per person and stream; some bring the person back later (follow-ups) or are
followed by a second campaign click in the same visit; an opened e-mail may be clicked. A child happens only if its
parent does, so removing a channel also removes what it set off.
"""

from dataclasses import dataclass, fields

import numpy as np

from tools.demo.catalogue import CAMPAIGNS, POPULARITY, SKU_COUNT
from tools.demo.people import MODELS, People
from tools.demo.plan import covered
from tools.demo.streams import OPEN, SCHEDULES, STREAM_CHANNEL, STREAMS, VISIT
from tools.demo.world import CHANNEL, DAY, SPAN, World

RETURN_STREAMS, RETURN_SHARES = ("direct", "organic", "brand_search"), (0.5, 0.28, 0.22)
SECOND_STREAMS, SECOND_SHARES = (
    ("brand_search", "affiliates", "generic_search", "retargeting"),
    (0.35, 0.3, 0.15, 0.2),
)
RETURN_DAYS, SECOND_CLICK, OPEN_TO_CLICK, SAME_DEVICE = 2.5, 0.035, 0.32, 0.7
CAMPAIGN_SKU = 0.85  # how often a visit from a campaign with SKUs is about one of them


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
    is_possible: np.ndarray  # within the world, not at the closed site, and so is its parent

    def __len__(self) -> int:
        return len(self.person)

    def sort(self) -> "Touches":
        """Same touches by person and time, parents re-pointed."""
        order = np.lexsort((self.seconds, self.person))
        place = np.empty(len(self) + 1, np.int64)
        place[order], place[-1] = np.arange(len(self)), -1
        columns = {field.name: getattr(self, field.name)[order] for field in fields(self)}
        return Touches(**columns | {"parent": place[columns["parent"]]})


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
    found = [
        {
            "parent": returns,
            "seconds": seconds,
            "channel": channel,
            "campaign": campaign,
            "in_visit": False,
        }
    ]
    second = np.flatnonzero((roots["kind"] == VISIT) & (rng.random(n) < SECOND_CLICK))
    seconds = roots["seconds"][second] + rng.uniform(4 * 60, 27 * 60, len(second))
    channel, campaign = _visit_of_streams(rng, np.minimum(seconds, SPAN - 1), SECOND_STREAMS, SECOND_SHARES)
    found.append(
        {
            "parent": second,
            "seconds": seconds,
            "channel": channel,
            "campaign": campaign,
            "in_visit": True,
        }
    )
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
    possible = every["seconds"] < SPAN
    possible &= ~((every["kind"] == VISIT) & covered(world, "planned_maintenance", every["seconds"]))
    possible &= np.where(every["parent"] >= 0, possible[every["parent"]], True)
    return Touches(**every, is_brand=is_brand, slot=slot, sku=sku, is_possible=possible).sort()
