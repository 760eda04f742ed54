"""A year of forty campaigns on a healthy day: budgets, prices, promotions, launches and pauses, currencies."""

from dataclasses import dataclass

import numpy as np

from tools.evaluation.draw import generator

DAYS = 365
PLATFORMS = ("google", "facebook", "tiktok")
CURRENCIES = ("USD", "EUR", "GBP", "JPY")
RATES = (1.0, 1.08, 1.27, 0.0067)  # reporting currency (USD) for one unit, on an average day
FIRST_START, LAST_START = np.datetime64("2022-01-03"), np.datetime64("2025-01-01")


@dataclass(frozen=True)
class Accounts:
    """Arrays are campaign × day; `amount` is cost in the campaign's own currency."""

    start: np.datetime64
    names: list[str]
    platform: np.ndarray  # index of PLATFORMS, per campaign
    currency: np.ndarray  # index of CURRENCIES, per campaign
    rates: np.ndarray  # currency × day
    clicks: np.ndarray
    impressions: np.ndarray
    amount: np.ndarray
    is_running: np.ndarray


def make_accounts(seed: int) -> Accounts:
    """Draw the year."""
    rng = generator(seed, "accounts")
    count = int(rng.integers(36, 45))
    platform = np.concatenate([np.repeat([0, 1, 2], 4), rng.choice(3, count - 12, p=(0.45, 0.35, 0.2))])
    currency = np.concatenate([[0, 0, 0, 1, 2, 3, 3, 3], rng.choice(4, count - 8, p=(0.45, 0.25, 0.15, 0.15))])
    rates = np.array(RATES)[:, None] * np.exp(np.cumsum(rng.normal(0, 0.004, (len(CURRENCIES), DAYS)), axis=1))
    rates[0] = 1.0
    price = rng.lognormal(-0.4, 0.6, (count, 1)) * np.exp(np.cumsum(rng.normal(0, rng.uniform(0.002, 0.015, (count, 1)),
                                                                     (count, DAYS)), axis=1))  # fmt: skip
    is_small = rng.random(count) < 0.25
    clicks_a_day = np.where(is_small, rng.uniform(1, 6, count), np.exp(rng.uniform(np.log(20), np.log(2_000), count)))
    budget = clicks_a_day[:, None] * _steps(rng, count) * (1 + 0.25 * _weekdays(rng, count))
    clicks_factor, price_factor = _promotions(rng, count)
    is_running = _running(rng, count)
    clicks = rng.poisson(budget * clicks_factor * rng.lognormal(0, 0.12, (count, DAYS))) * is_running
    noise = rng.lognormal(0, rng.uniform(0.04, 0.2, (count, 1)), (count, DAYS))
    usd = clicks * price * price_factor * noise
    return Accounts(
        start=FIRST_START + np.timedelta64(int(rng.integers(0, (LAST_START - FIRST_START).astype(int))), "D"),
        names=[f"{PLATFORMS[p][0]}{seed % 1000:03d}-{number:03d}" for number, p in enumerate(platform)],
        platform=platform,
        currency=currency,
        rates=rates,
        clicks=clicks,
        impressions=clicks + rng.poisson(clicks * rng.uniform(20, 120, (count, 1)) + 30) * is_running,
        amount=_rounded(usd / rates[currency], currency),
        is_running=is_running,
    )


def _rounded(amount: np.ndarray, currency: np.ndarray) -> np.ndarray:
    """Amounts in whole cents; yen have none."""
    return np.where((currency == CURRENCIES.index("JPY"))[:, None], np.round(amount), np.round(amount, 2))


def _steps(rng, count: int) -> np.ndarray:
    """Up to three lasting changes of each budget, from a quarter to four times."""
    factor = np.ones((count, DAYS))
    for campaign in range(count):
        for day in rng.integers(0, DAYS, rng.integers(0, 4)):
            factor[campaign, day:] *= np.clip(rng.lognormal(0, 0.7), 0.25, 4.0)
    return factor


def _weekdays(rng, count: int) -> np.ndarray:
    return rng.normal(0, 0.4, (count, 7))[:, np.arange(DAYS) % 7].clip(-1, 1)


def _promotions(rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Factors on clicks and price: four to seven times a year most campaigns double or triple their price or spend."""
    clicks, price = np.ones((count, DAYS)), np.ones((count, DAYS))
    for _ in range(rng.integers(4, 8)):
        first = int(rng.integers(0, DAYS - 8))
        days, joins = slice(first, first + int(rng.integers(2, 8))), rng.random(count) < 0.8
        price[joins, days] *= rng.uniform(1.3, 2.5)
        clicks[joins, days] *= rng.uniform(1.0, 2.0)
    return clicks, price


def _running(rng, count: int) -> np.ndarray:
    """Half of the campaigns run all year; the others are launched, ended or paused."""
    is_running = np.ones((count, DAYS), bool)
    for campaign in np.flatnonzero(rng.random(count) < 0.5):
        first, length = int(rng.integers(10, DAYS - 60)), int(rng.integers(3, 45))
        how = rng.integers(3)
        is_running[campaign, (slice(0, first), slice(first + 40, DAYS), slice(first, first + length))[how]] = False
    return is_running
