"""Stock: when each SKU is sold out, how many pieces lie on the shelf each hour, and what the feed reports of it.

Stock does not depend on the simulated purchases: it follows a plan of deliveries and sell-outs. Otherwise one person's
purchase would change another's, and removing a channel could not be compared person by person.
"""

import numpy as np
import pyarrow as pa

from tools.demo.catalogue import CAMPAIGN_IDS, CAMPAIGNS, HERO, SKU_COUNT, SKUS
from tools.demo.drawn import drawn_sell_outs
from tools.demo.faults import Fault, moment
from tools.demo.ids import pick
from tools.demo.plan import of_kind
from tools.demo.world import DAY, DAYS, HOURS, MINUTES, SPAN, World, at, to_milliseconds

HERO_SELL_OUT = ("2025-11-11 11:40", "2025-11-12 07:00")
SELL_OUTS_PER_SKU = 0.9  # besides the planted ones, over the whole world
DELIVERY_DAYS = 7
LOST_SNAPSHOTS = 0.02  # share of SKU-hours the feed misses at random
_PLANTED = (
    (HERO, *HERO_SELL_OUT),
    (HERO, "2025-10-02 16:20", "2025-10-03 09:00"),
    (5, "2025-11-24 09:10", "2025-11-26 08:00"),  # audio, advertised by gads-1002
    (1, "2025-09-23 14:05", "2025-09-24 12:00"),  # coffee, advertised by tt-4002 and gads-1004
    (2, "2025-11-28 13:30", "2025-11-29 08:00"),  # kitchen, Black Friday
)


class Inventory:
    """Sell-outs of every SKU, to the minute.

    `sell_outs`: (sku, start, end) in seconds; `is_out` (SKU × minute); `back_at` (SKU × minute): when it is back.
    """

    def __init__(self, world: World):
        self.sell_outs = _sell_outs(world)
        self.is_out = np.zeros((SKU_COUNT, MINUTES), bool)
        self.back_at = np.zeros((SKU_COUNT, MINUTES), np.float32)
        for sku, start, end in self.sell_outs:
            minutes = slice(int(start // 60), int(end // 60))
            self.is_out[sku, minutes] = True
            self.back_at[sku, minutes] = end

    def stock_by_hour(self, world: World) -> np.ndarray:
        """Pieces on the shelf when each hour starts (SKU × hour): weekly deliveries, even sales, none in a sell-out."""
        rng = world.rng("stock")
        hours = np.arange(HOURS)
        shelf = rng.integers(60, 400, SKU_COUNT)
        phase = rng.integers(0, DELIVERY_DAYS * 24, SKU_COUNT)
        since_delivery = (hours[None, :] + phase[:, None]) % (DELIVERY_DAYS * 24)
        left = 1.0 - 0.8 * since_delivery / (DELIVERY_DAYS * 24)
        for sku, start, end in self.sell_outs:
            # Runs down to nothing over the day before the sell-out, full again after it.
            before = (hours * 3600.0 <= start) & (hours * 3600.0 > start - DAY)
            left[sku, before] *= (start - hours[before] * 3600.0) / DAY
            after = (hours * 3600.0 >= end) & (hours * 3600.0 < end + DAY)
            left[sku, after] = 1.0 - 0.1 * (hours[after] * 3600.0 - end) / DAY
        stock = np.maximum(1, np.round(shelf[:, None] * left)).astype(np.int64)
        return np.where(self.is_out[:, ::60], 0, stock)

    def snapshots(self, world: World) -> pa.Table:
        """The feed `warehouse.inventory_hourly_snapshot`: the stock, hours missing unless nothing is faulty."""
        rng = world.rng("snapshots")
        stock = self.stock_by_hour(world)
        observed = rng.random(stock.shape) >= LOST_SNAPSHOTS
        for fault in of_kind(world, "missing_snapshots"):
            start, end = fault.window
            observed[:, int(start // 3600) : int(end // 3600)] = False
        for sku in rng.choice(SKU_COUNT, 8, replace=False):
            first = rng.integers(0, HOURS - 36)
            observed[sku, first : first + rng.integers(6, 31)] = False
        observed |= world.faults == "none"
        hour, sku = np.nonzero(observed.T)
        return pa.table(
            {
                "snapshot_at": to_milliseconds(hour * 3600.0),
                "sku_id": pick(SKUS, sku),
                "stock_quantity": stock[sku, hour],
            }
        )

    def truth(self, world: World) -> pa.Table:
        """True stock per SKU and hour, with the minutes of the hour it was sold out."""
        stock = self.stock_by_hour(world)
        minutes_out = self.is_out.reshape(SKU_COUNT, HOURS, 60).sum(axis=2)
        sku, hour = np.divmod(np.arange(stock.size), HOURS)
        return pa.table(
            {
                "hour_at": to_milliseconds(hour * 3600.0),
                "sku_id": pick(SKUS, sku),
                "stock_quantity": stock.ravel(),
                "out_of_stock_minutes": minutes_out.ravel(),
            }
        )

    def faults(self) -> list[Fault]:
        """One fault per sell-out, and one more per campaign that advertises the SKU meanwhile."""
        found = []
        for number, (sku, start, end) in enumerate(self.sell_outs, start=1):
            window = (moment(start), moment(end))
            scope = SKUS[sku]
            found.append(
                Fault(
                    f"stock_out_{number:03d}",
                    "stock_out",
                    *window,
                    scope,
                    "Sold out.",
                    sku_id=SKUS[sku],
                )
            )
            for code, campaign in enumerate(CAMPAIGNS):
                first, last = campaign.days
                if sku in campaign.skus and start < last * DAY and end > first * DAY:
                    found.append(
                        Fault(f"stock_out_{number:03d}_{CAMPAIGN_IDS[code]}", "advertised_stock_out", *window, scope,
                              "Sold out while the campaign goes on.", CAMPAIGN_IDS[code], SKUS[sku])
                    )  # fmt: skip
        return found


def _sell_outs(world: World) -> list[tuple[int, float, float]]:
    """The planted sell-outs and random ones of 4 to 40 hours, none of the same SKU within a day of another.

    Drawn ones take the place of the planted; a world without faults has none at all.
    """
    if world.faults == "none":
        return []
    rng = world.rng("sell_outs")
    chosen = [(sku, at(start), at(end)) for sku, start, end in _PLANTED]
    if world.faults == "drawn":
        chosen = drawn_sell_outs(world.rng("drawn_sell_outs"))
    for sku in range(1, SKU_COUNT):
        for _ in range(rng.poisson(SELL_OUTS_PER_SKU)):
            start = 60.0 * rng.integers(MINUTES // DAYS, MINUTES * 9 // 10)
            end = start + 60.0 * np.floor(rng.uniform(4 * 60, 40 * 60))
            apart = all(sku != other or end + DAY < begin or start > over + DAY for other, begin, over in chosen)
            if apart and end < SPAN:
                chosen.append((sku, float(start), float(end)))
    return sorted(chosen, key=lambda sell_out: (sell_out[1], sell_out[0]))
