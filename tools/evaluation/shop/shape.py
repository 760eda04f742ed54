"""What a shop is like: volume, funnel, streams of visitors, seasons and promotions, all drawn from the seed."""

from dataclasses import dataclass

import numpy as np

from tools.evaluation.draw import DAY, HOUR, generator, place

DAYS = 56
HOURS = DAYS * 24
SPAN = float(DAYS * DAY)
FIRST_START, LAST_START = np.datetime64("2023-01-02"), np.datetime64("2025-12-01")
CURRENCY = "USD"

# Streams without a campaign: name, referrer, utm_source, utm_medium, share of them. The first two are in every shop.
UNPAID = (
    ("direct", None, None, None, 0.34),
    ("google", "https://www.google.com/", None, None, 0.30),
    ("bing", "https://www.bing.com/search", None, None, 0.06),
    ("newsletter", None, "newsletter", "email", 0.14),
    ("partnernet", None, "partnernet", "affiliate", 0.08),
    ("dealpages.example", "https://dealpages.example/top", None, None, 0.07),
    ("instagram", "https://www.instagram.com/", None, None, 0.08),
    ("reviews.example", "https://reviews.example/best-of", None, None, 0.04),
)


@dataclass(frozen=True)
class Promotion:
    """A promotion in seconds of the world: `traffic` and `wish` multiply visits and carts, `dip` both afterwards."""

    starts: float
    ends: float
    tier: str
    traffic: float
    wish: float
    dip: float
    dip_ends: float


@dataclass(frozen=True)
class Shape:
    """Everything about the shop but its campaigns, its stock and its faults. Rates are probabilities per step."""

    seed: int
    start: np.datetime64
    sessions_per_hour: float
    orders_per_hour: float
    has_payment_events: bool
    cart_rate: float
    checkout_rate: float  # of carts
    pay_rate: float  # purchases of checkouts
    decline_rate: float  # of payments, on a healthy day
    retry_rate: float  # of declined payments
    form_rate: float  # of sessions
    lead_rate: float  # of forms started
    sign_up_rate: float  # of sessions
    unpaid: tuple[int, ...]  # indexes of UNPAID
    unpaid_share: np.ndarray
    unpaid_wish: np.ndarray  # factor on the cart rate
    promotions: tuple[Promotion, ...]
    traffic: np.ndarray  # (HOURS,) site-wide factor on visits, mean near 1
    wish: np.ndarray  # (HOURS,) factor on the cart rate
    will: np.ndarray  # (HOURS,) factor on the checkout rate
    quiet_days: int  # days at the start without an outage


def make_shape(seed: int) -> Shape:
    """Draw a shop."""
    rng = generator(seed, "shape")
    sessions, orders = rng.uniform(240, 350), rng.uniform(22, 45)
    cart_rate = rng.uniform(0.2, 0.42)
    rest = min(orders / sessions / cart_rate, 0.7)
    cart_rate = orders / sessions / rest
    checkout_rate = rest ** rng.uniform(0.35, 0.65)
    kept = [0, 1, *(2 + np.flatnonzero(rng.random(len(UNPAID) - 2) < 0.5))]
    unpaid_share = np.array([UNPAID[stream][4] for stream in kept]) * rng.lognormal(0, 0.3, len(kept))
    promotions = _promotions(rng)
    return Shape(
        seed=seed,
        start=FIRST_START + np.timedelta64(int(rng.integers(0, (LAST_START - FIRST_START).astype(int))), "D"),
        sessions_per_hour=sessions,
        orders_per_hour=orders,
        has_payment_events=bool(rng.random() < 0.7),
        cart_rate=cart_rate,
        checkout_rate=checkout_rate,
        pay_rate=rest / checkout_rate,
        decline_rate=rng.uniform(0.03, 0.12),
        retry_rate=rng.uniform(0.2, 0.6),
        form_rate=rng.uniform(0.012, 0.04),
        lead_rate=rng.uniform(0.45, 0.8),
        sign_up_rate=rng.uniform(0.008, 0.02),
        unpaid=tuple(int(stream) for stream in kept),
        unpaid_share=unpaid_share / unpaid_share.sum(),
        unpaid_wish=rng.lognormal(0, 0.35, len(kept)),
        promotions=promotions,
        traffic=_season(rng) * _promoted(promotions, "traffic") * _weather(rng, rng.uniform(0.04, 0.1)),
        wish=_promoted(promotions, "wish") * _weather(rng, rng.uniform(0.02, 0.07)) * _moods(rng),
        will=_weather(rng, rng.uniform(0.01, 0.03)),
        quiet_days=int(rng.integers(14, 22)),
    )


def hour_profile(rng: np.random.Generator, shift: float) -> np.ndarray:
    """Weight of each hour of the UTC day, mean 1: low at night, humps at noon and evening, moved by `shift` hours."""
    hour = np.arange(24)
    weight = np.full(24, rng.uniform(0.08, 0.25))
    for centre, width, height in ((11.5, 3.0, rng.uniform(0.6, 1.0)), (20.0, 2.3, rng.uniform(0.6, 1.3))):
        away = (hour - centre - shift - rng.normal(0, 0.8) + 12) % 24 - 12
        weight = weight + height * np.exp(-0.5 * (away / width) ** 2)
    return weight / weight.mean()


def _season(rng: np.random.Generator) -> np.ndarray:
    """Factor per hour: hour of the day (another one at weekends), day of the week, growth."""
    shift = -float(rng.integers(-8, 9))
    workday, weekend = hour_profile(rng, shift), hour_profile(rng, shift + 1.0)
    by_day = np.exp(rng.normal(0, 0.06, 7))
    by_day[5:] *= rng.uniform(0.8, 1.25)
    growth = np.exp(rng.uniform(-0.1, 0.35) * np.arange(DAYS) / DAYS)
    days = np.array([weekend if day % 7 >= 5 else workday for day in range(DAYS)])
    factor = (days * (by_day[np.arange(DAYS) % 7] * growth)[:, None]).ravel()
    return factor / factor.mean()


def _weather(rng: np.random.Generator, spread: float) -> np.ndarray:
    """Factor per hour that nobody planned: days that lean on the day before, and rough hours."""
    day, rough = np.zeros(DAYS), rng.uniform(0.3, 0.8)
    for number in range(1, DAYS):
        day[number] = 0.5 * day[number - 1] + spread * np.sqrt(0.75) * rng.normal()
    return np.exp(np.repeat(day, 24) + rng.normal(0, rough * spread, HOURS))


def _moods(rng: np.random.Generator) -> np.ndarray:
    """Factor per hour on the wish to buy: hour of day and weekday, and in some shops a lasting step (new prices)."""
    hour = 1 + rng.uniform(0, 0.15) * np.sin(2 * np.pi * (np.arange(HOURS) - rng.uniform(0, 24)) / 24)
    weekday = np.exp(rng.normal(0, 0.04, 7))[np.arange(HOURS) // 24 % 7]
    step = np.where(np.arange(HOURS) >= rng.integers(14 * 24, HOURS), np.exp(rng.normal(0, 0.08)), 1.0)
    return hour * weekday * (step if rng.random() < 0.3 else 1.0)


def _promotions(rng: np.random.Generator) -> tuple[Promotion, ...]:
    """One or two major and one to three minor promotions, on full hours."""
    found, taken = [], []
    for tier, count in (("major", rng.integers(1, 3)), ("minor", rng.integers(1, 4))):
        for _ in range(count):
            days = rng.integers(1, 4) + (tier == "major")
            window = place(rng, days * DAY, (7 * DAY, SPAN - DAY), taken, 4 * DAY, grid=HOUR)
            if window is None:
                continue
            taken.append(window)
            major = tier == "major"
            traffic, wish = (rng.uniform(1.5, 2.4), rng.uniform(1.15, 1.5)) if major else (
                rng.uniform(1.1, 1.35), rng.uniform(1.03, 1.12))  # fmt: skip
            dip = rng.uniform(0.78, 0.93) if major else rng.uniform(0.93, 1.0)
            found.append(Promotion(*window, tier, traffic, wish, dip, window[1] + DAY * rng.uniform(1, 2.5)))
    return tuple(sorted(found, key=lambda promotion: promotion.starts))


def _promoted(promotions: tuple[Promotion, ...], what: str) -> np.ndarray:
    """Factor per hour of the promotions on `what`; the first three hours are the busiest."""
    seconds, factor = np.arange(HOURS) * float(HOUR), np.ones(HOURS)
    for promotion in promotions:
        during = (seconds >= promotion.starts) & (seconds < promotion.ends)
        factor[during] *= getattr(promotion, what)
        if what == "traffic":
            factor[during & (seconds < promotion.starts + 3 * HOUR)] *= 1.15
        factor[(seconds >= promotion.ends) & (seconds < promotion.dip_ends)] *= promotion.dip
    return factor
