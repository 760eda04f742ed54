"""The causal purchase model, resolved at once for the world as it is and for every world with a channel taken away.

For the visit s of person i at time t, with the touches k that happened up to t (its own arrival included):

    A_c(t)  = sum over touches k of channel c: w(kind_k) * exp(-(t - t_k) / tau_c), at most CEILING
    logit p = BASE + WISH * intent_i + LOYAL * existing_i + PROMO(t) + visit_intent(s)
              + sum over c of beta_c * A_c(t) + SYNERGY * min(A_upper, A_lower) - SATED * exp(-(t - t_bought) / 14 d)
    the person wants to buy  <=>  u_s < p

`u_s` and every other draw belong to the touch, not to the world, so worlds differ only by what the missing channel
caused (common random numbers): a person without a touch of the channel does exactly the same. `visit_intent` belongs to
the visit too: a brand search or a coupon click shows that somebody is about to buy, it does not make them buy.
A wanted purchase fails when the SKU is sold out or payment is down, unless the person takes another SKU, the payment
goes through, or they come back later. A purchase leaves a part `KEPT` of A and makes the next one less likely.
"""

from dataclasses import dataclass

import numpy as np

from tools.demo.catalogue import CURRENCY_PRICE, POPULARITY, PRICES, SKU_COUNT
from tools.demo.faults import PAYMENT_OK
from tools.demo.inventory import Inventory
from tools.demo.people import People
from tools.demo.plan import payment_by_minute
from tools.demo.reference import FX_RATES, major_promotion
from tools.demo.streams import VISIT
from tools.demo.traffic import Touches
from tools.demo.world import CHANNEL, CHANNELS, COUNTRY_CURRENCY, DAY, MARKETING, SPAN, World, minute_of

# By channel: effect of a fresh click, its memory, what a visit says about its own intent, and the share of visits that
# would have come by the substitute channel anyway. Brand search harvests: it adds little and replaces much.
BETA = np.array([0.05, 0.16, 0.34, 0.32, 0.27, 0.29, 0.27, 0.08, 0.20])
MEMORY = np.array([2.0, 4.0, 3.0, 3.0, 7.0, 9.0, 4.0, 2.0, 6.0]) * DAY
VISIT_INTENT = np.array([0.45, 0.15, 0.15, 0.25, -0.60, -0.70, 0.25, 0.95, 0.05])
SUBSTITUTED = np.array([0.85, 0.45, 0.20, 0.25, 0.0, 0.0, 0.10, 0.60, 0.25])
BRAND_WEIGHT, BRAND_INTENT, BRAND_SUBSTITUTED = 0.2, 1.05, 0.85
SUBSTITUTE = np.full(len(CHANNELS), CHANNEL["organic_search"])
SUBSTITUTE[[CHANNEL["organic_search"], CHANNEL["email"], CHANNEL["affiliates"], CHANNEL["referral"]]] = 0
KIND_WEIGHT = np.array([1.0, 0.30, 0.20])  # visit, impression seen, e-mail opened
BASE, WISH, LOYAL, PROMO, SYNERGY, SATED, SATED_DAYS = -4.55, 0.75, 0.35, 0.35, 0.20, 1.2, 14.0
CEILING, KEPT = 2.0, 0.35
UPPER = [CHANNEL["paid_social"], CHANNEL["paid_video"], CHANNEL["referral"]]
LOWER = [CHANNEL["paid_search"], CHANNEL["paid_shopping"], CHANNEL["email"]]
OTHER_SKU, BACK_FOR_STOCK, BACK_FOR_PAYMENT, BACK_AFTER = 0.18, 0.25, 0.38, 9 * 3600.0

NOT_BLOCKED, OUT_OF_STOCK, OUTAGE = range(3)


@dataclass(frozen=True)
class Regime:
    """One world to resolve: channels taken away for good, and channels held out within [start, end) seconds."""

    name: str
    removed: frozenset[str]
    held_out: frozenset[str] = frozenset()
    start: float = 0.0
    end: float = SPAN


@dataclass
class Draws:
    """What happens to each potential touch should it be a visit that wants to buy; the same in every regime."""

    buy: np.ndarray
    substitute: np.ndarray
    duration: np.ndarray  # seconds from arrival to purchase
    sku: np.ndarray  # what is bought in the end
    blocked: np.ndarray  # NOT_BLOCKED, OUT_OF_STOCK or OUTAGE
    payment: np.ndarray  # how a failed payment looks (faults.PAYMENT_*)
    returns_at: np.ndarray  # when a blocked buyer comes back and succeeds; infinite if never
    arrives_at: np.ndarray  # start of the visit that would end in the order
    quantity: np.ndarray
    second_sku: np.ndarray  # −1: none
    revenue: np.ndarray  # in the order's currency
    revenue_usd: np.ndarray

    @property
    def bought_at(self) -> np.ndarray:
        """Time of the order, should there be one."""
        return self.arrives_at + self.duration


def standard_regimes(world: World) -> list[Regime]:
    """The world itself, then without each channel, then without all marketing."""
    base = world.without
    regimes = [Regime("base", base)]
    regimes += [Regime(channel, base | {channel}) for channel in CHANNELS]
    return [*regimes, Regime("all_marketing", base | set(MARKETING))]


def draw_fates(world: World, block: int, people: People, touches: Touches, inventory: Inventory) -> Draws:
    """Resolve stock, payment, basket and comebacks of every potential purchase."""
    rng, n = world.rng("fates", block), len(touches)
    duration = np.clip(rng.lognormal(np.log(210), 0.7, n), 45, 1_200)
    sku, when = touches.sku.copy(), touches.seconds + duration
    mode, failing, ends = payment_by_minute(world)

    sold_out = inventory.is_out[sku, minute_of(when)]
    takes_other = sold_out & (rng.random(n) < OTHER_SKU)
    other = rng.choice(SKU_COUNT, n, p=POPULARITY)
    takes_other &= ~inventory.is_out[other, minute_of(when)]
    sku = np.where(takes_other, other, sku)
    out_of_stock = sold_out & ~takes_other
    outage = ~out_of_stock & (rng.random(n) < failing[minute_of(when)])
    blocked = np.where(out_of_stock, OUT_OF_STOCK, np.where(outage, OUTAGE, NOT_BLOCKED))

    over_at = np.where(out_of_stock, inventory.back_at[sku, minute_of(when)], ends[minute_of(when)])
    patient = rng.random(n) < np.where(out_of_stock, BACK_FOR_STOCK, BACK_FOR_PAYMENT)
    back = over_at + 600.0 + rng.exponential(BACK_AFTER, n)
    pays = back + duration
    possible = (pays < SPAN) & (mode[minute_of(pays)] == PAYMENT_OK) & ~inventory.is_out[sku, minute_of(pays)]
    returns_at = np.where((blocked > 0) & patient & possible, back, np.inf)

    quantity = 1 + (rng.random(n) < 0.16) + (rng.random(n) < 0.04)
    second = np.where(rng.random(n) < 0.22, rng.choice(SKU_COUNT, n, p=POPULARITY), -1)
    second = np.where(second == sku, -1, second)
    pays = np.where(np.isfinite(returns_at), returns_at + duration, when)
    currency = COUNTRY_CURRENCY[people.country[touches.person]]
    revenue = quantity * unit_price(sku, currency, pays)
    revenue += np.where(second >= 0, unit_price(second, currency, pays), 0.0)
    rate = FX_RATES[np.minimum(pays // DAY, len(FX_RATES) - 1).astype(int), currency]
    return Draws(
        buy=rng.random(n),
        substitute=rng.random(n),
        duration=duration,
        sku=sku,
        blocked=blocked,
        payment=mode[minute_of(when)],
        returns_at=returns_at,
        arrives_at=np.where(np.isfinite(returns_at), returns_at, touches.seconds),
        quantity=quantity,
        second_sku=second,
        revenue=np.round(revenue, 2),
        revenue_usd=np.round(revenue * rate, 6),
    )


def unit_price(sku: np.ndarray, currency: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Price of one piece: a price list per currency, 15 % off in major promotions."""
    discount = np.where(major_promotion(seconds), 0.85, 1.0)
    return np.round(PRICES[sku] * CURRENCY_PRICE[currency] * discount, 2)


def happening(touches: Touches, draws: Draws, regimes: list[Regime]) -> tuple[np.ndarray, np.ndarray]:
    """Which touches happen in each regime, and by which channel (both regime × touch)."""
    channel = np.tile(touches.channel, (len(regimes), 1))
    happens = np.tile(touches.is_possible, (len(regimes), 1))
    substituted = np.where(touches.is_brand, BRAND_SUBSTITUTED, SUBSTITUTED[touches.channel])
    comes_anyway = (touches.kind == VISIT) & (draws.substitute < substituted)
    for row, regime in enumerate(regimes):
        removed, held_out = (np.isin(CHANNELS, list(names)) for names in (regime.removed, regime.held_out))
        within = (touches.seconds >= regime.start) & (touches.seconds < regime.end)
        gone = removed[touches.channel] | (held_out[touches.channel] & within)
        substitute = SUBSTITUTE[touches.channel]
        moves = gone & comes_anyway & ~(removed | held_out)[substitute]
        channel[row, moves] = substitute[moves]
        happens[row] &= ~gone | moves
        has_parent = touches.parent >= 0
        happens[row, has_parent] &= happens[row, touches.parent[has_parent]]
    return happens, channel


def resolve(
    people: People, touches: Touches, draws: Draws, regimes: list[Regime]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Walk through every person's touches in time, all people and regimes side by side.

    Returns which touches happen, by which channel, and which visits want to buy (each regime × touch).
    """
    happens, channel = happening(touches, draws, regimes)
    wants = np.zeros_like(happens)
    count = len(regimes)
    memory = np.zeros((count, len(people), len(CHANNELS)))
    last_touch = np.zeros(len(people))
    last_purchase = np.full((count, len(people)), -np.inf)
    fixed = BASE + WISH * people.intent[touches.person] + LOYAL * people.is_existing[touches.person]
    fixed = fixed + PROMO * major_promotion(touches.seconds)
    fixed = fixed + np.where(touches.is_brand, BRAND_INTENT, VISIT_INTENT[touches.channel])
    weight = KIND_WEIGHT[touches.kind] * np.where(touches.is_brand, BRAND_WEIGHT, 1.0)
    succeeds = (draws.blocked == NOT_BLOCKED) | np.isfinite(draws.returns_at)
    first = np.searchsorted(touches.person, np.arange(len(people)))
    rank = np.arange(len(touches)) - first[touches.person]
    by_rank = np.argsort(rank, kind="stable")
    bounds = np.searchsorted(rank[by_rank], np.arange(rank.max(initial=-1) + 2))
    regime = np.arange(count)[:, None]
    for start, end in zip(bounds[:-1], bounds[1:], strict=True):
        touch = by_rank[start:end]
        who, now = touches.person[touch], touches.seconds[touch]
        state = memory[:, who] * np.exp(-(now - last_touch[who])[:, None] / MEMORY)
        last_touch[who] = now
        code = channel[:, touch]
        # A visit that comes another way because its channel is gone makes nobody wish more.
        is_itself = happens[:, touch] & (code == touches.channel[touch])
        column = np.arange(len(touch))[None, :]
        grown = state[regime, column, code] + weight[touch] * is_itself
        state[regime, column, code] = np.minimum(grown, CEILING)
        synergy = np.minimum(state[:, :, UPPER].max(axis=2), state[:, :, LOWER].max(axis=2))
        sated = np.exp(-(now - last_purchase[:, who]) / (SATED_DAYS * DAY))
        logit = fixed[touch] + state @ BETA + SYNERGY * synergy - SATED * sated
        visit = happens[:, touch] & (touches.kind[touch] == VISIT)
        wants[:, touch] = visit & (draws.buy[touch] < 1.0 / (1.0 + np.exp(-logit)))
        done = wants[:, touch] & succeeds[touch]
        memory[:, who] = np.where(done[:, :, None], KEPT * state, state)
        last_purchase[:, who] = np.where(done, now, last_purchase[:, who])
    return happens, channel, wants


def purchases(draws: Draws, wants: np.ndarray) -> np.ndarray:
    """Wanted purchases that become an order within the world (same shape as `wants`)."""
    return wants & ((draws.blocked == NOT_BLOCKED) | np.isfinite(draws.returns_at)) & (draws.bought_at < SPAN)
