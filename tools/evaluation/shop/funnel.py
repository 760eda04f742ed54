"""From visits to events: pages, cart, checkout, payment, forms; and what outages and losses take away."""

from dataclasses import dataclass

import numpy as np

from tools.demo.frame import Frame, take
from tools.evaluation.draw import HOUR, generator, inside
from tools.evaluation.shop.faults import NO_EVENTS, PAYMENT, Faults
from tools.evaluation.shop.frame import EVENT, frame, stack
from tools.evaluation.shop.shape import SPAN, UNPAID, Shape
from tools.evaluation.shop.stock import Stock
from tools.evaluation.shop.visits import Visits

EVENTS_WANTED = 1_000_000
LOST_PURCHASES = 0.01  # purchase events that never arrive though the order stands
PAGES = 12  # pages that are no product's
COMEBACKS = (0.1, 0.4)  # share of visitors who could not pay and return later


@dataclass
class Funnel:
    """Events of visitors, their orders, and what was taken away.

    `order_*`: visit (it numbers the order), seconds and revenue of each order.
    `is_lost`, `is_untagged` (per visit): by a tracking loss.
    `healthy_orders`: seconds of the orders of the same shop without outages, sorted.
    """

    events: Frame
    order_visit: np.ndarray
    order_seconds: np.ndarray
    order_value: np.ndarray
    is_lost: np.ndarray
    is_untagged: np.ndarray
    healthy_orders: np.ndarray


def make_funnel(shape: Shape, stock: Stock, visits: Visits, faults: Faults) -> Funnel:
    """Play every visit."""
    rng = generator(shape.seed, "funnel")
    n, everyone = len(visits), np.arange(len(visits))
    home = stock.count + rng.integers(0, PAGES, n)
    page = np.where(visits.has_sku_page, visits.sku, home)
    is_lost, is_untagged = _losses(visits, faults)
    views, after = _views(rng, stock, visits, page)
    pauses = rng.exponential(1.0, (7, n)) * np.array([40, 25, 20, 6, 30, 50, 70])[:, None] + 1.0
    cart = after + pauses[0]
    checkout, form = cart + pauses[1], after + pauses[4]
    basket = np.where(visits.sku >= 0, visits.sku, rng.choice(stock.count, n, p=stock.popularity))
    value = np.round(rng.lognormal(3.9, 0.6, n), 2)
    paid, paid_at, payments = _payments(rng, shape, visits, faults, checkout + pauses[2], pauses[3], home)
    seen = paid & (rng.random(n) >= LOST_PURCHASES)
    answered = inside(faults.windows("form_failure"), form + pauses[5]) < 0
    signs_up = inside(faults.windows("sign_up_failure"), after + pauses[6]) < 0
    comeback, back_at = _comebacks(rng, visits, faults, paid, paid_at)
    events = stack(
        [
            _arrivals(rng, shape, visits, page, is_untagged),
            views,
            _part(visits, visits.wants_cart, "add_to_cart", cart, basket, sku=basket),
            _part(visits, visits.wants_checkout, "begin_checkout", checkout, home),
            *payments,
            _part(visits, seen, "purchase", paid_at, home, order=everyone, value=value),
            _part(visits, visits.wants_form, "form_start", form, home),
            _part(visits, visits.wants_lead & answered, "form_submit", form + pauses[5], home),
            _part(visits, visits.wants_lead & answered, "generate_lead", form + pauses[5] + 0.5, home),
            _part(visits, visits.wants_sign_up & signs_up, "sign_up", after + pauses[6], home),
            *_returns(shape, visits, comeback, back_at, home, value),
        ]
    )
    gone = (events["seconds"] >= SPAN) | (inside(faults.windows(*NO_EVENTS), events["seconds"]) >= 0)
    gone |= (events["session"] >= 0) & is_lost[events["session"]]
    order_visit = np.concatenate([np.flatnonzero(paid), comeback])
    order_seconds = np.concatenate([paid_at[paid], back_at])
    stands = (order_seconds < SPAN) & (inside(faults.windows("site_down"), order_seconds) < 0)
    return Funnel(
        events=take(events, ~gone),
        order_visit=order_visit[stands],
        order_seconds=order_seconds[stands],
        order_value=value[order_visit][stands],
        is_lost=is_lost,
        is_untagged=is_untagged,
        healthy_orders=np.sort(paid_at[visits.wants_pay]),
    )


def _part(visits: Visits, which: np.ndarray, name: str, seconds: np.ndarray, page: np.ndarray, **columns) -> Frame:
    """Events of one name for the visits of a mask; the arrays hold one entry per visit."""
    rows = np.flatnonzero(which)
    return frame(
        len(rows),
        name=EVENT[name],
        session=rows,
        seconds=seconds[rows],
        url=page[rows],
        **{column: getattr(visits, column)[rows] for column in ("cookie", "agent", "country", "ip", "consent")},
        **{column: values[rows] for column, values in columns.items()},
    )


def _arrivals(rng, shape: Shape, visits: Visits, page: np.ndarray, is_untagged: np.ndarray) -> Frame:
    """The first page of each visit: the only event with tags, click id and referrer."""
    direct = [UNPAID[stream][0] for stream in shape.unpaid].index("direct")
    rows = _part(
        visits,
        np.ones(len(visits), bool),
        "page_view",
        visits.seconds,
        page,
        stream=np.where(is_untagged, direct, visits.stream),
        campaign=np.where(is_untagged, -1, visits.campaign),
        has_click_id=(visits.campaign >= 0) & ~is_untagged & (rng.random(len(visits)) < 0.65),
        sku=np.where(visits.has_sku_page, visits.sku, -1),
    )
    rows["name"] = np.where(visits.has_sku_page, EVENT["product_view"], EVENT["page_view"]).astype(np.int8)
    return rows


def _views(rng, stock: Stock, visits: Visits, page: np.ndarray) -> tuple[Frame, np.ndarray]:
    """Further pages, and the moment of each visit's last page.

    Most visitors read; some rush through products in seconds, some reload a page now and then, a few stay for long.
    """
    n = len(visits)
    rest = visits.wants_cart.sum() + 3 * visits.wants_checkout.sum() + 3 * visits.wants_form.sum()
    mean = np.clip((EVENTS_WANTED - n - rest) / n, 0.3, 1.6)
    count = np.minimum(rng.geometric(1 / (1 + mean), n) - 1, 5)
    habit = rng.choice(4, n, p=(0.925, 0.04, 0.03, 0.005))  # reader, hasty, reloader, stayer
    count = np.where(habit == 3, rng.integers(10, 41, n), count)
    session = np.repeat(np.arange(n), count)
    pace = np.where(habit == 1, 3.0, 30.0) * rng.lognormal(0, 0.5, n)
    gap = pace[session] * rng.lognormal(0, 0.8, len(session)) + 0.3
    total = np.cumsum(gap)
    before = np.concatenate([[0.0], total])[np.cumsum(count) - count]
    seconds = visits.seconds[session] + total - before[session]
    last = visits.seconds + np.concatenate([[0.0], total])[np.cumsum(count)] - before
    other = np.where(rng.random(len(session)) < 0.7, rng.choice(stock.count, len(session), p=stock.popularity),
                     stock.count + rng.integers(0, PAGES, len(session)))  # fmt: skip
    same = (habit[session] == 2) | (rng.random(len(session)) < 0.03)
    url = np.where(same, page[session], other)
    is_product = url < stock.count
    columns = {name: getattr(visits, name)[session] for name in ("cookie", "agent", "country", "ip", "consent")}
    name = np.where(is_product, EVENT["product_view"], EVENT["page_view"])
    sku = np.where(is_product, url, -1)
    return frame(len(session), name=name, session=session, seconds=seconds, url=url, sku=sku, **columns), last


def _payments(rng, shape, visits, faults, attempt, answer, page) -> tuple[np.ndarray, np.ndarray, list[Frame]]:
    """Who pays, when, and the events of attempts and refusals.

    A refusal on a healthy day hits one of those who would stop at the checkout anyway, or one who pays at the second
    attempt. During an outage the failing share of the answers stays away, loudly or silently.
    """
    outages = [outage for outage in faults.outages if outage.kind in PAYMENT]
    declined = visits.wants_checkout & (rng.random(len(visits)) < shape.decline_rate)
    retries = rng.random(len(visits)) < shape.retry_rate
    tries = visits.wants_pay | declined
    second = declined & (visits.wants_pay | retries)
    paid_at = attempt + answer + np.where(declined, 45.0 * rng.exponential(1.0, len(visits)) + 10.0, 0.0)
    during = inside([(outage.start, outage.end) for outage in outages], paid_at)
    share = np.array([outage.share for outage in outages] + [0.0])[during]
    silent = np.array([outage.is_silent for outage in outages] + [False])[during]
    blocked = visits.failure_share < share
    paid = visits.wants_pay & ~blocked
    if not shape.has_payment_events:
        return paid, paid_at, []
    refused = declined | (blocked & tries & ~silent)
    again = second | (refused & retries & ~declined)
    return (
        paid,
        paid_at,
        [
            _part(visits, tries, "payment_attempt", attempt, page),
            _part(visits, refused & ~(silent & blocked), "payment_failed", attempt + answer, page),
            _part(visits, again, "payment_attempt", np.maximum(paid_at - answer, attempt + answer + 5.0), page),
            _part(
                visits, again & ~paid & ~silent, "payment_failed", np.maximum(paid_at, attempt + 2 * answer + 5.0), page
            ),
        ],
    )


def _comebacks(rng, visits: Visits, faults: Faults, paid: np.ndarray, paid_at: np.ndarray):
    """Visits that could not pay and are made good hours after the outage; the moments they pay."""
    outages = [outage for outage in faults.outages if outage.kind in PAYMENT]
    ends = np.array([outage.end for outage in outages] + [np.nan])[inside([(o.start, o.end) for o in outages], paid_at)]
    delay = HOUR * rng.exponential(3.0, len(visits)) + 600.0
    returns = visits.wants_pay & ~paid & (rng.random(len(visits)) < rng.uniform(*COMEBACKS))
    moment = ends + delay
    returns &= inside(faults.windows(*PAYMENT, *NO_EVENTS), moment) < 0
    chosen = np.flatnonzero(returns & (moment < SPAN))
    return chosen, moment[chosen]


def _returns(shape: Shape, visits: Visits, comeback: np.ndarray, paid_at, page, value) -> list[Frame]:
    """Events of those who come back: straight to the checkout."""
    direct = [UNPAID[stream][0] for stream in shape.unpaid].index("direct")
    steps = [("page_view", 100.0), ("begin_checkout", 60.0), ("payment_attempt", 5.0), ("purchase", 0.0)]
    if not shape.has_payment_events:
        steps.pop(2)
    columns = {name: getattr(visits, name)[comeback] for name in ("cookie", "agent", "country", "ip", "consent")}
    columns["url"] = page[comeback]
    return [
        frame(
            len(comeback),
            name=EVENT[name],
            seconds=paid_at - before,
            **columns,
            **({"stream": direct} if name == "page_view" else {}),
            **({"order": comeback, "value": value[comeback]} if name == "purchase" else {}),
        )
        for name, before in steps
    ]


def _losses(visits: Visits, faults: Faults) -> tuple[np.ndarray, np.ndarray]:
    """Visits whose events never arrive, and visits that arrive without their tags."""
    gone = {"lost": np.zeros(len(visits), bool), "untagged": np.zeros(len(visits), bool)}
    for loss in faults.losses:
        if loss.kind in gone:
            mine = np.isin(visits.campaign, loss.campaigns) & (visits.seconds >= loss.start)
            gone[loss.kind] |= mine & (visits.seconds < loss.end) & (visits.loss_share < loss.share)
    return gone["lost"], gone["untagged"]
