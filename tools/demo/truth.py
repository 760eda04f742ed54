"""The recorded truth: what each channel caused, whose purchases were blocked, what was planted. No model reads it."""

import numpy as np
import pyarrow as pa

from tools.demo.catalogue import CAMPAIGN_IDS, CAMPAIGNS, SKUS
from tools.demo.faults import Fault
from tools.demo.frame import Frame
from tools.demo.ids import pick
from tools.demo.inventory import Inventory
from tools.demo.people import People
from tools.demo.plan import faults_of
from tools.demo.purchases import OUTAGE, Draws, Regime
from tools.demo.streams import OPEN, VISIT
from tools.demo.tables import event_id, order_id, person_id, times
from tools.demo.traffic import Touches
from tools.demo.visits import Visits
from tools.demo.world import CHANNELS, World, at, minute_of


class Contribution:
    """Orders and revenue (USD) in every regime, summed over blocks."""

    def __init__(self, regimes: list[Regime]):
        self.regimes = regimes
        self.conversions = np.zeros(len(regimes), np.int64)
        self.revenue = np.zeros(len(regimes))

    def add(self, bought: np.ndarray, draws: Draws) -> None:
        """Add one block's purchases (regime × touch)."""
        self.conversions += bought.sum(axis=1)
        self.revenue += np.where(bought, draws.revenue_usd, 0.0).sum(axis=1)

    def table(self) -> pa.Table:
        """truth/channel_contribution: world as it is minus world without; `share` is that of the nine channels' sum."""
        lost = self.conversions[0] - self.conversions[1:]
        lost_revenue = self.revenue[0] - self.revenue[1:]
        names = [regime.name for regime in self.regimes[1:]]
        each = np.isin(names, CHANNELS)
        return pa.table(
            {
                "channel": names,
                "incremental_conversions": lost,
                "incremental_revenue": np.round(lost_revenue, 2),
                "share": pa.array(lost / max(1, lost[each].sum()), mask=~each),
                "conversions": np.full(len(names), self.conversions[0]),
                "conversions_without": self.conversions[1:],
            }
        )


def outcome_table(people: People, touches: Touches, bought: np.ndarray, regimes: list[Regime]) -> pa.Table:
    """truth/person_outcomes: purchases of every person in the world as it is (`base`) and in each other world."""
    columns = {"person_id": person_id(people.number)}
    for row, regime in enumerate(regimes):
        name = regime.name if row == 0 else f"without_{regime.name}"
        columns[name] = np.bincount(touches.person[bought[row]], minlength=len(people))
    return pa.table(columns)


def order_table(people: People, visits: Visits) -> pa.Table:
    """truth/orders: who placed each web order, through which channel they came, and whether its visit was tracked."""
    rows = np.flatnonzero(visits.buys)
    return pa.table(
        {
            "order_id": order_id(visits.order[rows]),
            "person_id": person_id(people.number[visits.person[rows]]),
            "ordered_at": times(visits.arrives_at[rows] + visits.duration[rows]),
            "channel": pick(CHANNELS, visits.channel[rows]),
            "campaign_id": pick(CAMPAIGN_IDS, visits.campaign[rows]),
            "is_tracked": visits.is_tracked[rows],
            "is_comeback": visits.is_comeback[rows],
        }
    )


def blocked_table(people: People, visits: Visits) -> pa.Table:
    """truth/blocked_purchases: visits that wanted to buy and could not, and when the person came back and bought."""
    rows = np.flatnonzero(visits.wants & (visits.blocked > 0))
    back = np.flatnonzero(visits.is_comeback)
    bought_at = dict(
        zip(
            visits.touch[back].tolist(),
            (visits.arrives_at + visits.duration)[back].tolist(),
            strict=True,
        )
    )
    recovered = np.array([bought_at.get(touch, np.nan) for touch in visits.touch[rows].tolist()])
    return pa.table(
        {
            "person_id": person_id(people.number[visits.person[rows]]),
            "wanted_at": times(visits.arrives_at[rows] + visits.duration[rows]),
            "reason": pick(("out_of_stock", "outage"), (visits.blocked[rows] == OUTAGE).astype(int)),
            "sku_id": pick(SKUS, visits.sku[rows]),
            "recovered_at": times(recovered),
        }
    )


def touch_stock_table(
    people: People,
    touches: Touches,
    visits: Visits,
    landing: np.ndarray,
    views: Frame,
    seen: np.ndarray,
    inventory: Inventory,
) -> pa.Table:
    """truth/touch_out_of_stock: every recorded touch of a campaign with SKUs, and whether its SKU was sold out.

    `landing`: event key of each visit's arrival (0: none); `views`: impressions and opens, `seen`: the touch of each.
    """
    advertises = np.array([bool(campaign.skus) for campaign in CAMPAIGNS] + [False])
    clicks = np.flatnonzero(advertises[visits.campaign] & (landing > 0))
    shown = np.flatnonzero(advertises[touches.campaign[seen]])
    touch = np.r_[visits.touch[clicks], seen[shown]]
    seconds, sku = touches.seconds[touch], touches.sku[touch]
    kind = touches.kind[touch]
    return pa.table(
        {
            "event_id": event_id(np.r_[landing[clicks], views["event"][shown]]),
            "person_id": person_id(people.number[touches.person[touch]]),
            "touched_at": times(seconds),
            "interaction_type": pick(("click", "view", "open"), np.select([kind == VISIT, kind == OPEN], [0, 2], 1)),
            "channel": pick(CHANNELS, touches.channel[touch]),
            "campaign_id": pick(CAMPAIGN_IDS, touches.campaign[touch]),
            "sku_id": pick(SKUS, sku),
            "is_out_of_stock": inventory.is_out[sku, minute_of(seconds)],
        }
    )


def fault_table(world: World, inventory: Inventory) -> pa.Table:
    """truth/faults: everything planted."""
    faults: list[Fault] = [*faults_of(world), *inventory.faults()]
    texts = {
        name: [getattr(fault, name) for fault in faults]
        for name in ("fault_id", "kind", "scope", "campaign_id", "sku_id", "description")
    }
    columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    columns["starts_at"] = times(np.array([at(fault.starts_at) for fault in faults]))
    columns["ends_at"] = times(np.array([at(fault.ends_at) for fault in faults]))
    columns["magnitude"] = pa.array([fault.magnitude for fault in faults], pa.float64())
    order = (
        "fault_id",
        "kind",
        "starts_at",
        "ends_at",
        "scope",
        "campaign_id",
        "sku_id",
        "magnitude",
        "description",
    )
    return pa.table({name: columns[name] for name in order})
