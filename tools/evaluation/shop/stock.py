"""Stock of each SKU: when it is sold out, to the minute, and what the hourly feed reports of it."""

import numpy as np

from tools.evaluation.draw import DAY, HOUR, generator, place
from tools.evaluation.shop.shape import DAYS, HOURS, SPAN

MINUTES = DAYS * 1_440


class Stock:
    """`sell_outs`: (sku, start, end) in seconds; `is_out` (SKU × minute); `level`, `is_observed` (SKU × hour)."""

    def __init__(self, seed: int):
        rng = generator(seed, "stock")
        self.count = int(rng.integers(30, 61))
        self.names = [f"SKU-{number:03d}" for number in range(self.count)]
        popularity = (1.0 + np.arange(self.count)) ** -rng.uniform(0.4, 0.9)
        self.popularity = rng.permutation(popularity / popularity.sum())
        self.sell_outs = self._draw_sell_outs(rng)
        self.is_out = np.zeros((self.count, MINUTES), bool)
        for sku, start, end in self.sell_outs:
            self.is_out[sku, int(start // 60) : int(end // 60)] = True
        self.level = self._draw_level(rng)
        self.is_observed = self._draw_observed(rng)

    def out_at(self, sku: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Whether each SKU is sold out at each moment; −1 is no SKU and never out."""
        minute = np.clip(seconds // 60, 0, MINUTES - 1).astype(np.int64)
        return (sku >= 0) & self.is_out[np.maximum(sku, 0), minute]

    def _draw_sell_outs(self, rng: np.random.Generator) -> list[tuple[int, float, float]]:
        found = []
        for sku in range(self.count):
            taken = []
            for _ in range(rng.poisson(1.3)):
                hours = np.exp(rng.uniform(np.log(3), np.log(60)))
                window = place(rng, HOUR * hours, (DAY, SPAN - HOUR), taken, 1.5 * DAY)
                if window is None:
                    continue
                start, end = window
                start = HOUR * np.floor(start / HOUR) if rng.random() < 0.5 else start
                end = HOUR * np.ceil(end / HOUR) if rng.random() < 0.6 else 60 * np.ceil(end / 60)
                taken.append((start, end))
                found.append((sku, float(start), float(end)))
        return found

    def _draw_level(self, rng: np.random.Generator) -> np.ndarray:
        """Pieces at the start of each hour: weekly deliveries, sales between them, running low before a sell-out."""
        hours = np.arange(HOURS)
        shelf, phase = rng.integers(40, 500, self.count), rng.integers(0, 168, self.count)
        left = 1.0 - 0.8 * ((hours[None, :] + phase[:, None]) % 168) / 168
        for sku, start, end in self.sell_outs:
            low = rng.uniform(0.2, 1.5) * DAY
            before = (hours * HOUR <= start) & (hours * HOUR > start - low)
            left[sku, before] *= (start - hours[before] * HOUR) / low
            after = (hours * HOUR >= end) & (hours * HOUR < end + DAY)
            left[sku, after] = 1.0
        pieces = np.maximum(1, np.round(shelf[:, None] * left)).astype(np.int64)
        return np.where(self.is_out[:, ::60], 0, pieces)

    def _draw_observed(self, rng: np.random.Generator) -> np.ndarray:
        """Two per cent of the snapshots are missing at random, some SKUs for longer, the whole feed once or twice."""
        observed = rng.random((self.count, HOURS)) >= 0.02
        for _ in range(rng.integers(2, 6)):
            first = rng.integers(0, HOURS - 40)
            observed[rng.integers(self.count), first : first + rng.integers(6, 36)] = False
        for _ in range(rng.integers(0, 3)):
            first = rng.integers(0, HOURS - 40)
            observed[:, first : first + rng.integers(3, 13)] = False
        return observed
