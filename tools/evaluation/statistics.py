"""Intervals: Wilson for shares, Poisson for counts, a bootstrap over worlds for everything else."""

from collections.abc import Callable

import numpy as np
from scipy import stats

Z = stats.norm.ppf(0.975)


def wilson(hits: float, trials: float) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    share, shrink = hits / trials, 1 + Z**2 / trials
    centre = (share + Z**2 / (2 * trials)) / shrink
    half = Z / shrink * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def poisson(count: int, exposure: float) -> tuple[float, float]:
    """Exact 95 % interval of a rate (Garwood 1936): `count` events in `exposure` units of time; NaN without any."""
    if not exposure:
        return float("nan"), float("nan")
    low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low / exposure), float(stats.chi2.ppf(0.975, 2 * count + 2) / 2 / exposure)


def bootstrap(worlds: list, statistic: Callable[[list], float], draws: int = 1_000) -> tuple[float, float]:
    """95 % percentile interval of `statistic` over worlds drawn with replacement; the draws are always the same."""
    rng = np.random.default_rng(20_180_414)
    picks = rng.integers(0, len(worlds), (draws, len(worlds)))
    values = np.array([statistic([worlds[number] for number in pick]) for pick in picks])
    values = values[np.isfinite(values)]
    return tuple(float(value) for value in np.quantile(values, (0.025, 0.975))) if len(values) else (np.nan, np.nan)


def ratio(part: float, whole: float) -> float:
    """A share; NaN of nothing."""
    return part / whole if whole else float("nan")


def f1(hits: float, false: float, misses: float) -> float:
    """Harmonic mean of precision and recall; NaN when there was nothing to find and nothing was said."""
    return ratio(2 * hits, 2 * hits + false + misses)
