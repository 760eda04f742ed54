"""Shapley values of channels, by one of two games over the set of channels a journey holds.

Input   `coalition_counts`: one row per conversion_type x context_policy x coalition, the distinct
        channels of a journey.
Output  one row per conversion_type x context_policy x channel, sorted; the same bytes whatever the
        order of the input.

`set` game: v(S) = conversions of the journeys whose channels all lie in S. Each conversion then
splits equally over its coalition (Zhao, Mahboobi and Bagheri, 2018,
https://arxiv.org/abs/1804.05327). It ignores the order of touches and the journeys that were lost.

`conversion_rate` game: v(S) = conversions / journeys of the journeys whose channels all lie in S,
0 where there is none and so for the empty set. Values are points of the conversion rate and may be
negative; a channel with few journeys can get a large one. Exact to 20 channels. Above, the mean
over seeded permutations (Castro, Gomez and Tejada, Computers & Operations Research 36 (2009)
1726-1730), each in all its cyclic shifts so that every channel stands once at every position.

Revenue is valued by the same game with net revenue in place of conversions. In either game the
values sum to v(all channels).
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

# Time and memory double with every channel: see `exact_rate_game`.
EXACT_CHANNELS = 20

GROUP = ["conversion_type", "context_policy"]
COUNTS = ["journey_count", "conversion_count", "net_revenue"]
OUTPUT_TYPES = {
    "conversion_type": "string",
    "context_policy": "string",
    "channel": "string",
    "shapley_value": "float64",
    "shapley_revenue": "float64",
    "conversion_share": "float64",
    "value_share": "float64",
    "standard_error": "float64",
    "game": "string",
    "method": "string",
}


class Coalitions(NamedTuple):
    """m coalitions over n channels; the members of all coalitions stand in one flat array."""

    channels: list[str]  # (n,) sorted
    member: np.ndarray  # (sum of sizes,) index of a channel
    begin: np.ndarray  # (m,) where a coalition's members begin
    counts: np.ndarray  # (3, m) journeys, conversions, net revenue


class Values(NamedTuple):
    """Shapley values per channel, with the standard error of those for conversions."""

    values: np.ndarray  # (2, n) conversions, revenue
    standard_error: np.ndarray  # (n,)
    method: str


def read_coalitions(coalition_counts: pd.DataFrame) -> Coalitions:
    """Index the channels of one group; a ValueError when a coalition is empty."""
    if any(np.ndim(names) == 0 or len(names) == 0 for names in coalition_counts["coalition"]):
        raise ValueError("coalition_counts: a coalition is empty; a journey needs a touch.")
    members = [sorted(set(names)) for names in coalition_counts["coalition"]]
    counts = coalition_counts[COUNTS].to_numpy(dtype=float, na_value=0.0).tolist()
    # Sorted by all that is in a row, so that sums round alike for any order of rows.
    members, counts = zip(*sorted(zip(members, counts, strict=True)), strict=True)
    channels = sorted(set().union(*members))
    index = {name: place for place, name in enumerate(channels)}
    return Coalitions(
        channels,
        np.array([index[name] for names in members for name in names]),
        np.cumsum([0, *(len(names) for names in members[:-1])]),
        np.array(counts).T,
    )


def conversion_rates(totals: np.ndarray) -> np.ndarray:
    """v(S) of the rate game from the counts within S, (3, ...) to (2, ...); 0 without journeys."""
    journeys, rewards = totals[0], totals[1:]
    return np.divide(rewards, journeys, out=np.zeros_like(rewards), where=journeys > 0)


def set_game(coalitions: Coalitions) -> Values:
    """The closed form: what a coalition earned is split equally over its members."""
    sizes = np.diff(coalitions.begin, append=len(coalitions.member))
    equal_parts = np.repeat(coalitions.counts[1:] / sizes, sizes, axis=1)
    values = np.stack([np.bincount(coalitions.member, part) for part in equal_parts])
    return Values(values, np.zeros(len(coalitions.channels)), "closed_form")


def exact_rate_game(coalitions: Coalitions) -> Values:
    """All 2^n coalitions as bit masks.

    The counts within each S come from the zeta transform (sums over subsets). With the weight
    w(s) = 1 / (n C(n-1, s)) the value of a channel is the sum of w(|S| - 1) v(S) over the S that
    hold it less the sum of w(|S|) v(S) over the others. That equals the sum of both over the S that
    hold it less the second over all S: one array, folded in halves bit by bit, gives all channels
    in O(2^n).
    """
    n = len(coalitions.channels)
    mask = np.add.reduceat(1 << coalitions.member, coalitions.begin)
    totals = np.stack([np.bincount(mask, count, minlength=1 << n) for count in coalitions.counts])
    for bit in range(n):
        without, within = np.moveaxis(totals.reshape(3, -1, 2, 1 << bit), 2, 0)
        within += without
    rates = conversion_rates(totals)

    size = np.bitwise_count(np.arange(1 << n))
    weight = np.array([1 / (n * math.comb(n - 1, s)) for s in range(n)])
    when_in, when_out = np.append(0.0, weight)[size], np.append(weight, 0.0)[size]
    outside = (rates * when_out).sum(axis=1)
    folded = rates * (when_in + when_out)
    values = np.empty((2, n))
    for bit in reversed(range(n)):
        without, within = np.moveaxis(folded.reshape(2, 2, 1 << bit), 1, 0)
        values[:, bit] = within.sum(axis=1) - outside
        folded = without + within
    return Values(values, np.zeros(n), "exact")


def sampled_rate_game(coalitions: Coalitions, permutations: int, seed: int) -> Values:
    """The mean over at least `permutations` orders, taken as two or more rounds of cyclic shifts.

    Orders within a round depend on each other, rounds do not: the standard error is that of rounds.
    """
    n = len(coalitions.channels)
    draw = np.random.default_rng(seed)
    rounds = np.empty((max(2, math.ceil(permutations / n)), 2, n))
    for one_round in rounds:
        order = draw.permutation(n)
        one_round[:] = np.mean(
            [marginal_values(coalitions, np.roll(order, shift)) for shift in range(n)], axis=0
        )
    standard_error = rounds[:, 0].std(axis=0, ddof=1) / math.sqrt(len(rounds))
    return Values(rounds.mean(axis=0), standard_error, "permutation_sampling")


def marginal_values(coalitions: Coalitions, order: np.ndarray) -> np.ndarray:
    """What each channel adds to v when the channels enter in `order`, (2, n)."""
    position = np.argsort(order)
    complete_at = np.maximum.reduceat(position[coalitions.member], coalitions.begin)
    totals = np.stack(
        [np.bincount(complete_at, count, minlength=len(order)) for count in coalitions.counts]
    )
    rates = conversion_rates(totals.cumsum(axis=1))
    return np.diff(rates, prepend=0.0)[:, position]


def shares(values: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Values divided by their sum, negative ones taken as 0; `fallback` where none is above 0."""
    positive = values.clip(min=0.0)
    total = positive.sum()
    return positive / total if total > 0 else fallback


def group_values(
    coalition_counts: pd.DataFrame, game: str, permutations: int, seed: int
) -> pd.DataFrame:
    """The measures of one group, one row per channel."""
    coalitions = read_coalitions(coalition_counts)
    n = len(coalitions.channels)
    if game == "set":
        solved = set_game(coalitions)
    elif n <= EXACT_CHANNELS:
        solved = exact_rate_game(coalitions)
    else:
        solved = sampled_rate_game(coalitions, permutations, seed)
    conversion_share = shares(solved.values[0], fallback=np.full(n, 1 / n))
    return pd.DataFrame(
        {
            "channel": coalitions.channels,
            "shapley_value": solved.values[0],
            "shapley_revenue": solved.values[1],
            "conversion_share": conversion_share,
            "value_share": shares(solved.values[1], fallback=conversion_share),
            "standard_error": solved.standard_error,
            "game": game,
            "method": solved.method,
        }
    )


def shapley_values(
    coalition_counts: pd.DataFrame, game: str, permutations: int, seed: int
) -> pd.DataFrame:
    """The output table: one row per conversion_type x context_policy x channel."""
    tables = [
        group_values(group, game, permutations, seed).assign(**dict(zip(GROUP, keys, strict=True)))
        for keys, group in coalition_counts.groupby(GROUP, sort=True)
    ]
    empty = pd.DataFrame(columns=list(OUTPUT_TYPES))
    return pd.concat(tables or [empty])[list(OUTPUT_TYPES)].astype(OUTPUT_TYPES)


def checked_game(value: object) -> str:
    """The name of a game; a ValueError in one line otherwise."""
    if value not in ("set", "conversion_rate"):
        raise ValueError(f"shapley_game must be 'set' or 'conversion_rate', not {value!r}.")
    return value


def whole_number(name: str, value: object, least: int) -> int:
    """A setting as an int; a ValueError in one line otherwise."""
    text = str(value).strip()
    if not text.isdecimal() or int(text) < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {value!r}.")
    return int(text)


def as_pandas(table) -> pd.DataFrame:
    """A DuckDB relation, a Spark frame or a pandas frame as pandas."""
    if isinstance(table, pd.DataFrame):
        return table
    return table.df() if hasattr(table, "df") else table.toPandas()


def model(dbt, session) -> pd.DataFrame:
    """dbt's entry point; the settings come from vars by way of the YAML."""
    return shapley_values(
        as_pandas(dbt.ref("coalition_counts")),
        game=checked_game(dbt.config.get("shapley_game")),
        permutations=whole_number(
            "shapley_permutations", dbt.config.get("shapley_permutations"), least=1
        ),
        seed=whole_number("shapley_seed", dbt.config.get("shapley_seed"), least=0),
    )
