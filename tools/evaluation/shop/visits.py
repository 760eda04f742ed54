"""Visits: one row per session before anything goes wrong, with what its visitor would do on a healthy day."""

from dataclasses import dataclass

import numpy as np

from tools.demo.ids import mix
from tools.evaluation.draw import HOUR, generator
from tools.evaluation.shop.campaigns import Campaigns
from tools.evaluation.shop.shape import DAYS, HOURS, Shape
from tools.evaluation.shop.stock import Stock

AGENTS = (
    ("iOS", "mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/18.6 Mobile/15E148 Safari/604.1"),
    ("iOS", "mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Mobile/15E148 Instagram 390.0.0.28.85"),
    ("Android", "mobile", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 "
     "Mobile Safari/537.36"),
    ("Android", "mobile", "Mozilla/5.0 (Linux; Android 15; SM-S928B) AppleWebKit/537.36 (KHTML, like Gecko) "
     "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"),
    ("Windows", "desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/140.0.0.0 Safari/537.36"),
    ("Windows", "desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"),
    ("Windows", "desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"),
    ("macOS", "desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/18.5 Safari/605.1.15"),
    ("Linux", "desktop", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
     "Safari/537.36"),
)  # fmt: skip
AGENT_SHARES = (0.28, 0.06, 0.24, 0.06, 0.18, 0.04, 0.05, 0.07, 0.02)
COUNTRIES = ("US", "GB", "DE", "FR", "NL")
SHARED_ADDRESSES = 60  # carriers and offices behind which many visitors stand


@dataclass
class Visits:
    """Columns per visit. `wants_*` say how far the visitor goes when nothing is broken, `share` columns are uniform."""

    seconds: np.ndarray
    stream: np.ndarray  # position in Shape.unpaid, −1 for paid visits
    campaign: np.ndarray  # −1 for others
    sku: np.ndarray  # product looked at, −1 for none
    has_sku_page: np.ndarray  # whether it lands on the product's page
    cookie: np.ndarray
    agent: np.ndarray
    country: np.ndarray
    ip: np.ndarray
    consent: np.ndarray
    wants_cart: np.ndarray
    wants_checkout: np.ndarray
    wants_pay: np.ndarray
    wants_form: np.ndarray
    wants_lead: np.ndarray
    wants_sign_up: np.ndarray
    loss_share: np.ndarray  # lost when the loss of the moment is larger
    failure_share: np.ndarray  # cannot pay when the failure of the moment is larger

    def __len__(self) -> int:
        return len(self.seconds)


def make_clicks(shape: Shape, campaigns: Campaigns) -> tuple[np.ndarray, np.ndarray]:
    """Clicks and landed clicks (campaign × hour) before any fault."""
    rng = generator(shape.seed, "clicks")
    clicks = rng.poisson(campaigns.click_rate)
    gap = campaigns.gap[:, None] + campaigns.gap_noise[:, None] * rng.normal(0, 1, (len(campaigns.names), DAYS))
    return clicks, rng.binomial(clicks, np.repeat(np.clip(1.0 - gap, 0.5, 1.0), 24, axis=1))


def make_visits(shape: Shape, campaigns: Campaigns, stock: Stock, landed: np.ndarray) -> Visits:
    """Draw every visit of the shop."""
    rng = generator(shape.seed, "visits")
    unpaid_per_hour = max(0.25 * shape.sessions_per_hour, shape.sessions_per_hour - landed.sum() / HOURS)
    by_day = np.repeat(np.exp(rng.normal(0, rng.uniform(0.05, 0.15), (len(shape.unpaid), DAYS))), 24, axis=1)
    unpaid = rng.poisson(unpaid_per_hour * shape.unpaid_share[:, None] * shape.traffic * by_day)
    counts = np.vstack([unpaid, landed])
    row, hour = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), HOURS)
    n = len(row)
    seconds = hour * float(HOUR) + rng.uniform(0, HOUR, n)
    campaign = row - len(shape.unpaid)
    sku, has_sku_page = _products(rng, campaigns, stock, campaign)

    wish = np.concatenate([shape.unpaid_wish, campaigns.wish])
    wish = wish * counts.sum() / (wish * counts.sum(axis=1)).sum()
    cart_rate = shape.cart_rate * wish[row] * shape.wish[hour] * np.where(stock.out_at(sku, seconds), 0.15, 1.0)
    wants_cart = rng.random(n) < np.minimum(cart_rate, 0.9)
    wants_checkout = wants_cart & (rng.random(n) < np.minimum(shape.checkout_rate * shape.will[hour], 0.95))
    wants_form = rng.random(n) < shape.form_rate * shape.traffic.clip(0.3, 1.0)[hour]
    person = rng.integers(0, max(1, int(0.8 * n)), n)  # 0.8 n cookies, 1.75 visits to each that is used
    cookie = mix(shape.seed, 1, person)
    shared = rng.zipf(1.3, n)
    is_shared = rng.random(n) < 0.15
    return Visits(
        seconds=seconds,
        stream=np.where(campaign < 0, row, -1),
        campaign=np.maximum(campaign, -1),
        sku=sku,
        has_sku_page=has_sku_page,
        cookie=cookie,
        agent=_of_person(person, shape.seed, 2, AGENT_SHARES),
        country=_of_person(person, shape.seed, 3, (0.4, 0.2, 0.2, 0.1, 0.1)),
        ip=np.where(is_shared, mix(shape.seed, 4, shared % SHARED_ADDRESSES), mix(cookie, 5)),
        consent=np.where(mix(cookie, 6) % np.uint64(2) == 0, 1, -1),
        wants_cart=wants_cart,
        wants_checkout=wants_checkout,
        wants_pay=wants_checkout & (rng.random(n) < shape.pay_rate),
        wants_form=wants_form,
        wants_lead=wants_form & (rng.random(n) < shape.lead_rate),
        wants_sign_up=rng.random(n) < shape.sign_up_rate,
        loss_share=rng.random(n),
        failure_share=rng.random(n),
    )


def _products(rng, campaigns: Campaigns, stock: Stock, campaign: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The product of each visit (−1 for none), and whether the landing page says it."""
    n = len(campaign)
    sku = np.where(rng.random(n) < 0.55, rng.choice(stock.count, n, p=stock.popularity), -1)
    has_page = sku >= 0
    for number, skus in enumerate(campaigns.skus):
        if len(skus):
            mine = np.flatnonzero(campaign == number)
            sku[mine] = skus[rng.integers(0, len(skus), len(mine))]
            has_page[mine] = rng.random(len(mine)) < 0.85
    return sku, has_page


def _of_person(person: np.ndarray, seed: int, salt: int, shares: tuple[float, ...]) -> np.ndarray:
    """A code that stays with the person, by shares."""
    number = (mix(seed, salt, person) >> np.uint64(11)).astype(float) / 2.0**53
    return np.searchsorted(np.cumsum(shares)[:-1], number, side="right")
