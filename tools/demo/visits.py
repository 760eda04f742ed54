"""The visits that take place in the written world: touches that happened, and blocked buyers who come back."""

from dataclasses import dataclass

import numpy as np

from tools.demo.catalogue import CAMPAIGN
from tools.demo.faults import PAYMENT_OK
from tools.demo.ids import mix
from tools.demo.people import KIOSK_MODEL, MODELS, TABLET, People
from tools.demo.plan import of_kind
from tools.demo.purchases import NOT_BLOCKED, Draws
from tools.demo.streams import VISIT
from tools.demo.traffic import Touches
from tools.demo.world import CHANNEL, DAY, SPAN, World

NOBODY, GUEST, NULL_TEXT = -1, -2, -3  # values of `Visits.user` that are no customer number
LOGS_IN, LOGS_IN_TO_BUY, LOGS_IN_SHARED = 0.26, 0.70, 0.55
ORDERS_PER_PERSON = 128  # room in the order number for a person's orders
LAST_WEB_ORDER = 120  # the rest of the room is for orders in the store
_IS_IOS = np.array([model[0] == "iOS" for model in MODELS])


@dataclass
class Visits:
    """One block's visits, sorted by person and arrival; a row per visit."""

    touch: np.ndarray  # the potential touch it came from
    person: np.ndarray
    arrives_at: np.ndarray
    duration: np.ndarray
    channel: np.ndarray
    campaign: np.ndarray
    slot: np.ndarray
    sku: np.ndarray
    wants: np.ndarray  # wants to buy
    buys: np.ndarray  # and an order results
    blocked: np.ndarray
    payment: np.ndarray
    is_comeback: np.ndarray
    session: np.ndarray  # the tracker's session key
    cookie: np.ndarray
    is_tracked: np.ndarray
    is_untagged: np.ndarray  # the landing page lost its tags
    user: np.ndarray  # customer number, or NOBODY, GUEST, NULL_TEXT
    logs_in: np.ndarray  # with a login event, as opposed to being remembered
    signs_up: np.ndarray
    order: np.ndarray  # order number, −1: none

    def __len__(self) -> int:
        return len(self.touch)


def make_visits(
    world: World,
    block: int,
    people: People,
    touches: Touches,
    draws: Draws,
    happens,
    channel,
    wants,
) -> tuple[Visits, np.ndarray]:
    """Visits of the written world, and when each person became a customer (seconds, infinite: never).

    `happens`, `channel` and `wants` are the rows of the base regime, one value per potential touch.
    """
    touch = np.flatnonzero(happens & (touches.kind == VISIT))
    back = np.flatnonzero(wants & np.isfinite(draws.returns_at) & (draws.bought_at < SPAN))
    is_comeback = np.r_[np.zeros(len(touch), bool), np.ones(len(back), bool)]
    touch = np.r_[touch, back]
    arrives_at = np.where(is_comeback, draws.returns_at[touch], touches.seconds[touch])
    order = np.lexsort((arrives_at, touches.person[touch]))
    touch, is_comeback, arrives_at = touch[order], is_comeback[order], arrives_at[order]

    person, slot = touches.person[touch], touches.slot[touch]
    blocked = np.where(wants[touch] & ~is_comeback, draws.blocked[touch], NOT_BLOCKED)
    pays_at = arrives_at + draws.duration[touch]
    buys = wants[touch] & (blocked == NOT_BLOCKED) & (pays_at < SPAN)
    code = np.where(is_comeback, CHANNEL["direct"], channel[touch])
    # A visit that came another way because its channel is gone carries no campaign.
    campaign = np.where(is_comeback | (code != touches.channel[touch]), -1, touches.campaign[touch])
    root = np.where(touches.in_visit[touch] & ~is_comeback, touches.parent[touch], touch)
    rng = world.rng("visits", block)
    by_visit = world.for_rows(rng, 2 * touch + is_comeback)
    since = np.where(people.is_existing, -rng.uniform(1, 900, len(people)) * DAY, np.inf)
    user, logs_in, signs_up = _accounts(by_visit, people, person, slot, arrives_at, buys, since)
    return Visits(
        touch=touch,
        person=person,
        arrives_at=arrives_at,
        duration=draws.duration[touch],
        channel=code,
        campaign=campaign,
        slot=slot,
        sku=np.where(buys, draws.sku[touch], touches.sku[touch]),
        wants=wants[touch],
        buys=buys,
        blocked=blocked,
        payment=np.where(is_comeback, PAYMENT_OK, draws.payment[touch]),
        is_comeback=is_comeback,
        session=mix(world.seed, 202, block, 2 * root + is_comeback),
        cookie=people.cookie(person, slot, arrives_at),
        is_tracked=~_loses_session(world, by_visit, people, person, slot, code, arrives_at),
        is_untagged=_loses_tags(world, campaign, arrives_at),
        user=user,
        logs_in=logs_in,
        signs_up=signs_up,
        order=_order_numbers(people, person, buys),
    ), since


def _loses_session(world: World, rng, people: People, person, slot, channel, arrives_at) -> np.ndarray:
    """The iOS tracking loss: visits from paid social on iOS that leave no event."""
    from_social = (channel == CHANNEL["paid_social"]) & _IS_IOS[people.device_model[person, slot]]
    draw, lost = rng.random(len(person)), np.zeros(len(person), bool)
    for fault in of_kind(world, "tracking_loss"):
        lost |= from_social & fault.covers(arrives_at) & (draw < fault.magnitude)
    return lost


def _loses_tags(world: World, campaign: np.ndarray, arrives_at: np.ndarray) -> np.ndarray:
    """Visits to the campaign whose landing page drops every tag."""
    lost = np.zeros(len(campaign), bool)
    for fault in of_kind(world, "no_tracked_session"):
        lost |= (campaign == CAMPAIGN[fault.campaign_id]) & fault.covers(arrives_at)
    return lost


def _order_numbers(people: People, person: np.ndarray, buys: np.ndarray) -> np.ndarray:
    """Numbers of the orders, unique in the world: person by person in time."""
    before = np.cumsum(buys) - buys
    first = np.searchsorted(person, np.arange(len(people)))
    sequence = before - before[np.minimum(first, len(before) - 1)][person]
    assert sequence[buys].max(initial=0) < LAST_WEB_ORDER
    return np.where(buys, people.number[person] * ORDERS_PER_PERSON + sequence, -1)


def _accounts(rng, people: People, person, slot, arrives_at, buys, since):
    """Who is known on which visit, who logs in and who signs up; new customers are entered in `since` (seconds)."""
    n = len(person)
    is_new = (people.is_registered & ~people.is_existing)[person]
    joins = np.flatnonzero(is_new & ((rng.random(n) < 0.4) | buys))
    joiner, row = np.unique(person[joins], return_index=True)
    signs_up = np.zeros(n, bool)
    signs_up[joins[row]] = True
    since[joiner] = arrives_at[joins[row]]

    model, last = people.device_model[person, slot], people.devices[person] - 1
    is_shared = (slot == last) & (slot > 0) & ((model == TABLET) | (model == KIOSK_MODEL))
    likely = np.select([is_shared, buys], [LOGS_IN_SHARED, LOGS_IN_TO_BUY], LOGS_IN)
    known = (arrives_at >= since[person]) & ((rng.random(n) < likely) | signs_up)
    alternate = people.has_second_account[person] & (rng.random(n) < 0.4)
    # A faulty release now and then sends the words "guest" and "null" instead of no user at all.
    stray = np.select([rng.random(n) < 0.006, rng.random(n) < 0.004], [GUEST, NULL_TEXT], NOBODY)
    user = np.where(known, customer_number(people.number[person], alternate), stray)
    logs_in = known & ~signs_up & ((rng.random(n) < 0.5) | is_shared)
    return user, logs_in, signs_up


def customer_number(person_number: np.ndarray, alternate: np.ndarray) -> np.ndarray:
    """Number behind customer_id: two per person, the odd one for a second account."""
    return 2 * person_number + alternate
