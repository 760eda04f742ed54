"""Errors of credit in measured cases: against the twins, and against what channels caused."""

import numpy as np

from tools.evaluation.attribution import CHANNELS, Shares
from tools.evaluation.attribution.hits import hit_channels
from tools.evaluation.statistics import bootstrap, ratio

# How a credit was made: in which store, under which policy.
ACCOUNTS = {
    "naive": ("faulty", "naive"),
    "context_aware": ("faulty", "context_aware"),
    "naive, resumed": ("resumed", "naive"),
    "context_aware, resumed": ("resumed", "context_aware"),
}
# Markov with blocked journeys censored and open ones lost: the part of context_aware that is about blocking.
BLOCKED_ALONE = "blocked alone"
MARKOV_ACCOUNTS = {BLOCKED_ALONE: ("faulty", BLOCKED_ALONE), **ACCOUNTS}


def credit(case: dict, account: str, model: str) -> Shares:
    """Shares of credit by channel."""
    store, policy = MARKOV_ACCOUNTS[account]
    return _shares(case, store, model, policy)


def _shares(case: dict, store: str, model: str, policy: str) -> Shares:
    return case["censored"][store]["blocked"] if policy == BLOCKED_ALONE else case["shares"][store][model][policy]


def judged(case: dict, group: str) -> list[str]:
    """The channels of a group: `hit` (those with the largest share of purchases blocked) or `all` nine."""
    return hit_channels(case["hits"]["by_channel"]) if group == "hit" else list(CHANNELS)


def twin_error(case: dict, account: str, model: str, twin: str, group: str) -> float:
    """Mean absolute error of the group's shares against the twin's credit under the same policy."""
    mine, other = credit(case, account, model), _shares(case, twin, model, MARKOV_ACCOUNTS[account][1])
    return float(np.mean([abs(mine[channel] - other[channel]) for channel in judged(case, group)]))


def true_error(case: dict, account: str, model: str) -> float:
    """The share of the credit that stands with the wrong channel, against what the channels caused."""
    found = credit(case, account, model)
    return sum(abs(found[channel] - case["caused"][channel]) for channel in CHANNELS) / 2


def of_naive(cases: list[dict], account: str, model: str, twin: str, group: str) -> tuple[float, float, float]:
    """Summed errors of an account over those of naive, and its 95 % interval by a bootstrap over cases."""
    pairs = [[twin_error(case, name, model, twin, group) for name in (account, "naive")] for case in cases]

    def statistic(chosen: list[list[float]]) -> float:
        return ratio(*np.sum(chosen, axis=0))

    return statistic(pairs), *bootstrap(pairs, statistic)


def rate_errors(campaigns: list[dict], part: str) -> tuple[float, float, float]:
    """Orders per click in the twin, and the error of campaigns' rates relative to it: mean and mean absolute, weighted
    by clicks. `part`: empty for all clicks of the faulty world, `kept_` for those that no flag says met a wall.
    """
    clicks = np.array([row["clicks"] for row in campaigns], float)
    twin = np.array([row["twin_orders"] / row["twin_clicks"] for row in campaigns])
    rate = np.array([row[f"{part}orders"] / max(1, row[f"{part}clicks"]) for row in campaigns])
    usual = float(np.average(twin, weights=clicks))
    off = rate - twin
    return usual, *(float(np.average(errors, weights=clicks)) / usual for errors in (off, np.abs(off)))
