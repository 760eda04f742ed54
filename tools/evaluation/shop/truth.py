"""The truth of a shop world, for scoring only."""

import numpy as np
import pyarrow as pa

from tools.demo.ids import pick
from tools.evaluation.draw import DAY, HOUR
from tools.evaluation.files import dates, moments
from tools.evaluation.shop.campaigns import PLATFORMS, Campaigns
from tools.evaluation.shop.faults import NO_EVENTS, Faults
from tools.evaluation.shop.frame import EVENT, KINDS, Frame
from tools.evaluation.shop.funnel import Funnel
from tools.evaluation.shop.shape import DAYS, SPAN, Shape
from tools.evaluation.shop.stock import Stock
from tools.evaluation.shop.visits import Visits

AFFECTED = 0.75  # a day on which at least this share of the planted loss shows is a day of the loss


def outages(shape: Shape, faults: Faults, funnel: Funnel) -> pa.Table:
    """One row per outage; `expected_orders`: the orders of the same hours without it."""
    rows = faults.outages
    start, end = np.array([o.start for o in rows]), np.array([o.end for o in rows])
    orders = np.searchsorted(funnel.healthy_orders, end) - np.searchsorted(funnel.healthy_orders, start)
    within = [any(p.starts < o.end and o.start < p.ends for p in shape.promotions) for o in rows]
    return pa.table(
        {
            "outage_id": pa.array([o.outage_id for o in rows], pa.string()),
            "kind": pa.array([o.kind for o in rows], pa.string()),
            "started_at": moments(shape.start, start),
            "ended_at": moments(shape.start, end),
            "share": np.array([o.share for o in rows], float),
            "is_silent": pa.array([o.is_silent or not shape.has_payment_events for o in rows], pa.bool_()),
            "is_known": pa.array([o.is_known for o in rows], pa.bool_()),
            "is_planned": pa.array([o.is_planned for o in rows], pa.bool_()),
            "in_promotion": pa.array(within, pa.bool_()),
            "expected_orders": np.asarray(orders, np.int64),
        }
    )


def losses(shape: Shape, campaigns: Campaigns, faults: Faults) -> pa.Table:
    """One row per tracking loss; the campaign is null when it hits the whole platform."""
    rows = faults.losses
    names = [None if loss.is_platform_wide else campaigns.names[loss.campaigns[0]] for loss in rows]
    return pa.table(
        {
            "loss_id": pa.array([loss.loss_id for loss in rows], pa.string()),
            "kind": pa.array([loss.kind for loss in rows], pa.string()),
            "platform": pa.array([PLATFORMS[loss.platform] for loss in rows], pa.string()),
            "campaign_id": pa.array(names, pa.string()),
            "started_at": moments(shape.start, np.array([loss.start for loss in rows])),
            "ended_at": moments(shape.start, np.array([loss.end for loss in rows])),
            "share": np.array([loss.share for loss in rows], float),
        }
    )


def campaign_days(shape, campaigns: Campaigns, faults: Faults, visits: Visits, funnel: Funnel, seen) -> pa.Table:
    """Campaign × UTC day: what the platform counted, what of the visits went missing, and the verdict.

    `state`: affected, clear, or mixed (a loss shows in part, fraud, or the collector stood still): not scored.
    """
    size = (len(campaigns.names), DAYS)
    clicks = np.round(seen.reshape(*size, 24).sum(axis=2))
    paid = visits.campaign >= 0
    place = (visits.campaign[paid], (visits.seconds[paid] // DAY).astype(int))
    arrived, missing = np.zeros(size), np.zeros(size)
    np.add.at(arrived, place, 1)
    np.add.at(missing, place, (funnel.is_lost | funnel.is_untagged)[paid])
    planted, kind, loss_id = np.zeros(size), np.full(size, None, object), np.full(size, None, object)
    wide = np.zeros(size, bool)
    mixed = np.zeros(size, bool)
    first, last = np.arange(DAYS) * DAY, (np.arange(DAYS) + 1) * DAY
    for loss in faults.losses:
        part = np.clip(np.minimum(last, loss.end) - np.maximum(first, loss.start), 0, None) / DAY
        for campaign in loss.campaigns:
            days = np.flatnonzero(part > 0)
            mixed[campaign, days] |= part[days] < AFFECTED
            planted[campaign, days], kind[campaign, days] = loss.share, loss.kind
            loss_id[campaign, days], wide[campaign, days] = loss.loss_id, loss.is_platform_wide
    for fraud in faults.frauds:
        mixed[fraud.campaign, int(fraud.start // DAY) : int(fraud.end // DAY) + 1] = True
    for start, end in faults.windows(*NO_EVENTS):
        mixed[:, int(start // DAY) : int(end // DAY) + 1] = True
    campaign, day = np.nonzero(campaigns.is_running)
    at = (campaign, day)
    return pa.table(
        {
            "date": dates(shape.start, day),
            "campaign_id": pick(campaigns.names, campaign),
            "platform": pick(PLATFORMS, campaigns.platform[campaign]),
            "clicks": clicks[at].astype(np.int64),
            "arrived": arrived[at].astype(np.int64),
            "missing": missing[at].astype(np.int64),
            "share": planted[at],
            "kind": pa.array(kind[at].tolist(), pa.string()),
            "loss_id": pa.array(loss_id[at].tolist(), pa.string()),
            "is_platform_wide": wide[at],
            "state": pick(("clear", "affected", "mixed"), np.where(mixed[at], 2, (planted[at] > 0).astype(int))),
        }
    )


def touches(shape: Shape, campaigns: Campaigns, stock: Stock, events: Frame, event_id: pa.Array) -> pa.Table:
    """One row per arrival with a product: was it sold out then, was the hour's stock observed, did it run out or come
    back within the hour. A campaign of one product says the product where the landing page does not."""
    rows = np.flatnonzero((events["session"] >= 0) & ((events["stream"] >= 0) | (events["campaign"] >= 0)))
    campaign = events["campaign"][rows]
    sole = np.array([skus[0] if len(skus) == 1 else -1 for skus in campaigns.skus] + [-1])[campaign]
    sku = np.where(events["sku"][rows] >= 0, events["sku"][rows], sole)
    rows, sku = rows[sku >= 0], sku[sku >= 0]
    seconds = events["seconds"][rows]
    hour = (seconds // HOUR).astype(int)
    is_out = stock.out_at(sku, seconds)
    return pa.table(
        {
            "event_id": event_id.take(pa.array(rows)),
            "touched_at": moments(shape.start, seconds),
            "sku_id": pick(stock.names, sku),
            "is_out": is_out,
            "is_observed": stock.is_observed[sku, hour],
            "ran_out_within_hour": is_out & (stock.level[sku, hour] > 0),
            "came_back_within_hour": ~is_out & (stock.level[sku, hour] == 0),
        }
    )


def labels(events: Frame, event_id: pa.Array) -> pa.Table:
    """Events that are no customer's, with their kind; every other event is human."""
    rows = np.flatnonzero(events["kind"] > 0)
    return pa.table({"event_id": event_id.take(pa.array(rows)), "kind": pick(KINDS, events["kind"][rows])})


def hours(shape: Shape, funnel: Funnel) -> pa.Table:
    """Orders and purchase events of each hour, for the picture of a world."""
    edges = np.arange(0, SPAN + 1, HOUR)
    bought = funnel.events["seconds"][funnel.events["name"] == EVENT["purchase"]]
    return pa.table(
        {
            "hour_at": moments(shape.start, edges[:-1]),
            "purchases": np.histogram(bought, edges)[0],
            "healthy_orders": np.histogram(funnel.healthy_orders, edges)[0],
        }
    )
