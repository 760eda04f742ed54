"""Random numbers that belong to a row, not to its place in a sequence.

One visit more or less moves every later number of a sequence, so two worlds that differ by one fault would differ in
everybody's logins. A number made from the row's own key stays, and so do the rows that no fault touched.
"""

import numpy as np
from scipy.special import ndtri
from scipy.stats import poisson

from tools.demo.ids import mix, share


class ByRow:
    """What the demo uses of numpy's Generator, one number per key; every call draws anew."""

    def __init__(self, rng: np.random.Generator, keys: np.ndarray):
        self.salt, self.keys, self.calls = int(rng.integers(2**63)), np.asarray(keys), 0

    def random(self, count: int | None = None) -> np.ndarray:
        """Uniform in [0, 1)."""
        assert count in (None, len(self.keys))
        self.calls += 1
        return share(mix(self.salt, self.calls, self.keys))

    def uniform(self, low, high, count: int | None = None) -> np.ndarray:
        """Uniform in [low, high)."""
        return low + (high - low) * self.random(count)

    def integers(self, low: int, high: int, count: int | None = None) -> np.ndarray:
        """Whole numbers from low to below high."""
        return np.floor(self.uniform(low, high, count)).astype(np.int64)

    def choice(self, options: int, count: int, p: np.ndarray) -> np.ndarray:
        """Codes below `options` with probabilities `p`."""
        return np.minimum(np.searchsorted(np.cumsum(p), self.random(count), side="right"), options - 1)

    def exponential(self, mean: float, count: int | None = None) -> np.ndarray:
        """Waiting times."""
        return -mean * np.log1p(-self.random(count))

    def lognormal(self, mean: float, sigma: float, count: int | None = None) -> np.ndarray:
        """Exponentials of normal numbers."""
        return np.exp(mean + sigma * ndtri(self._inner(count)))

    def poisson(self, mean, count: int | None = None) -> np.ndarray:
        """Counts."""
        return poisson.ppf(self._inner(count), mean).astype(np.int64)

    def binomial(self, trials: int, p: float, count: int | None = None) -> np.ndarray:
        """Successes of a few trials."""
        return sum((self.random(count) < p).astype(np.int64) for _ in range(trials))

    def _inner(self, count: int | None) -> np.ndarray:
        """Uniform in (0, 1), for inverse distribution functions."""
        return np.maximum(self.random(count), 2.0**-54)
