"""Removal effects of channels in an absorbing Markov chain of journeys.

The removal effect of a channel is the share of conversions that would be lost if every journey
that reaches the channel were lost there: 1 - P(conversion without the channel) / P(conversion).

Input   `transition_counts`: one row per conversion_type x context_policy x from_state x to_state.
        At order k a state is a k-gram of channels; its channel is the last one, which is the
        `to_channel` of every row that enters it.
Output  one row per conversion_type x context_policy x channel, sorted; the same bytes whatever the
        order of the input.

With Q the transition probabilities between states, N = (I - Q)^-1 is the fundamental matrix
(Kemeny and Snell, Finite Markov Chains, 1960, chapter III): n = N[start] holds the expected visits
and h = N r the expected reward from each state, r being what one step pays. Removing the states X
of a channel loses n_X (N_XX)^-1 h_X; at order 1 that is n_x h_x / N_xx. One factorisation serves
all channels, and any reward: conversions are the first column of r, revenue the second.
Removal effects as attribution: Anderl, Becker, von Wangenheim and Schumann, International Journal
of Research in Marketing 33 (2016) 457-474.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import bicgstab, spsolve

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"

# Above this many states one sparse solve per channel costs less than the dense inverse.
DENSE_STATES = 2_000

GROUP = ["conversion_type", "context_policy"]
OUTPUT_TYPES = {
    "conversion_type": "string",
    "context_policy": "string",
    "channel": "string",
    "removal_effect": "float64",
    "value_removal_effect": "float64",
    "conversion_share": "float64",
    "value_share": "float64",
    "conversion_probability": "float64",
    "expected_visits": "float64",
    "markov_order": "int64",
}


class Chain(NamedTuple):
    """The n transient states of an absorbing chain; state 0 is the start and has no channel."""

    channel_of_state: np.ndarray  # (n,) text, None for the start
    identity_minus_q: sparse.csr_array  # (n, n)
    rewards: np.ndarray  # (n, 2) paid by one step: probability of conversion, revenue


class Solution(NamedTuple):
    """What the whole chain yields per journey, and what of it each channel's removal loses."""

    visits: np.ndarray  # (channels,) expected visits
    yields: np.ndarray  # (2,) conversions and revenue per journey
    losses: np.ndarray  # (channels, 2) the part of the yields that passes through the channel


def index_states(transitions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The channel of each state, and for each row the states it leaves and enters (-1: it exits).

    A ValueError says so when the rows cannot come from journeys.
    """
    exits = transitions["to_state"].isin([CONVERSION, NULL])
    entered = transitions.loc[~exits, ["to_state", "to_channel"]].drop_duplicates()
    if entered["to_channel"].isna().any() or entered["to_state"].duplicated().any():
        raise ValueError("transition_counts: a state must be entered by one and the same channel.")
    states = pd.Index([START, *entered["to_state"]])
    left = states.get_indexer(transitions["from_state"])
    if (left < 0).any() or not (left == 0).any():
        raise ValueError(f"transition_counts: a journey must begin in {START}, step by step.")
    channel_of_state = np.array([None, *entered["to_channel"]])
    return channel_of_state, left, states.get_indexer(transitions["to_state"])


def build_chain(transitions: pd.DataFrame) -> Chain:
    """Turn the counted transitions of one chain into probabilities."""
    channel_of_state, left, entered = index_states(transitions)
    size, stays = len(channel_of_state), entered >= 0
    count = transitions["transition_count"].to_numpy(dtype=float)
    value = transitions["transition_value"].to_numpy(dtype=float, na_value=0.0)
    converts = (transitions["to_state"] == CONVERSION).to_numpy()
    steps = sparse.csr_array((count[stays], (left[stays], entered[stays])), shape=(size, size))
    outgoing = np.bincount(left, count, minlength=size)

    # Where every ending is unknown, journeys stop for good or circle in a loop nobody was seen to
    # leave. They yield nothing; cutting what leaves such a state keeps I - Q invertible.
    goes_on = can_reach(np.union1d(left[~stays], np.flatnonzero(outgoing == 0)), steps)
    steps = sparse.diags_array(goes_on.astype(float)) @ steps
    outgoing = outgoing.clip(min=1.0)

    # Whole numbers are subtracted before dividing: 1 - q is exact where a self-loop is heavy.
    remaining = sparse.diags_array(outgoing) - steps
    paid = [np.bincount(left, reward, minlength=size) for reward in (count * converts, value)]
    return Chain(
        channel_of_state,
        (sparse.diags_array(1 / outgoing) @ remaining).tocsr(),
        np.stack(paid, axis=1) / outgoing[:, None],
    )


def can_reach(targets: np.ndarray, steps: sparse.csr_array) -> np.ndarray:
    """Mask of the states that lead to a target: a walk backwards from a node behind all targets."""
    size = steps.shape[0]
    last_step = sparse.csr_array(
        (np.ones(len(targets)), (targets, np.zeros(len(targets), dtype=int))), shape=(size, 1)
    )
    backwards = sparse.block_array([[steps, last_step], [None, sparse.csr_array((1, 1))]]).T
    found = csgraph.breadth_first_order(backwards.tocsr(), size, return_predecessors=False)
    return np.isin(np.arange(size), found)


def solve_dense(chain: Chain, channels: list[str]) -> Solution:
    """All channels from one inverse, by the block formula of the module's head."""
    fundamental = linalg.inv(chain.identity_minus_q.toarray())
    expected = fundamental @ chain.rewards
    visits, losses = np.empty(len(channels)), np.empty((len(channels), 2))
    for row, channel in enumerate(channels):
        removed = np.flatnonzero(chain.channel_of_state == channel)
        from_removed = linalg.solve(fundamental[np.ix_(removed, removed)], expected[removed])
        losses[row] = fundamental[0, removed] @ from_removed
        visits[row] = fundamental[0, removed].sum()
    return Solution(visits, expected[0], losses)


def solve_sparse(chain: Chain, channels: list[str]) -> Solution:
    """One solve per channel and measure.

    The unknown is the loss itself, what the journeys through the channel yield, rather than the
    yield without it: no small difference of large numbers. Visits are the expected reward when each
    state of the channel pays 1: solving for N[start] instead breaks the iteration down, since
    nothing enters the start.
    """
    matrix = chain.identity_minus_q
    expected = solve_columns(matrix, chain.rewards)
    visits, losses = np.empty(len(channels)), np.empty((len(channels), 2))
    for row, channel in enumerate(channels):
        removed = chain.channel_of_state == channel
        remaining = matrix[~removed]
        inflow = -(remaining[:, removed] @ expected[removed])
        losses[row] = solve_columns(remaining[:, ~removed], inflow)[0]
        visits[row] = solve_columns(matrix, removed[:, None].astype(float))[0, 0]
    return Solution(visits, expected[0], losses)


def solve_columns(matrix: sparse.csr_array, right: np.ndarray) -> np.ndarray:
    """Solve for each column of `right` by BiCGSTAB; directly where its residual exceeds 1e-12."""
    by_diagonal = sparse.diags_array(1 / matrix.diagonal())
    solved = np.empty_like(right)
    for column, target in enumerate(right.T):
        answer, _ = bicgstab(matrix, target, rtol=1e-14, atol=0.0, maxiter=500, M=by_diagonal)
        residual = np.linalg.norm(matrix @ answer - target)
        if not residual <= 1e-12 * np.linalg.norm(target):  # also where it is not a number
            answer = spsolve(matrix.tocsc(), target)
        solved[:, column] = answer
    return solved


def shares(effects: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Effects over their sum, negative ones taken as 0; `fallback` where none is above 0."""
    positive = effects.clip(min=0.0)
    total = positive.sum()
    return positive / total if total > 0 else fallback


def chain_effects(transitions: pd.DataFrame, dense_states: int = DENSE_STATES) -> pd.DataFrame:
    """The measures of one chain, one row per channel; all effects are 0 without a conversion."""
    chain = build_chain(transitions)
    channels = sorted(set(chain.channel_of_state[1:]))
    solve = solve_dense if len(chain.channel_of_state) <= dense_states else solve_sparse
    visits, yields, losses = solve(chain, channels)

    nothing = np.zeros(len(channels))
    probability, revenue = yields
    removal_effect = (losses[:, 0] / probability).clip(0.0, 1.0) if probability > 0 else nothing
    value_removal_effect = losses[:, 1] / revenue if probability > 0 and revenue > 0 else nothing
    conversion_share = shares(removal_effect, fallback=nothing)
    return pd.DataFrame(
        {
            "channel": channels,
            "removal_effect": removal_effect,
            "value_removal_effect": value_removal_effect,
            "conversion_share": conversion_share,
            "value_share": shares(value_removal_effect, fallback=conversion_share),
            "conversion_probability": probability,
            "expected_visits": visits,
        }
    )


def removal_effects(transition_counts: pd.DataFrame, markov_order: int) -> pd.DataFrame:
    """The output table: one row per conversion_type x context_policy x channel."""
    # States are numbered as they come and sums round in that order: sorted, the bytes repeat.
    ordered = transition_counts.sort_values([*GROUP, "from_state", "to_state"])
    tables = [
        chain_effects(transitions).assign(**dict(zip(GROUP, keys, strict=True)))
        for keys, transitions in ordered.groupby(GROUP, sort=True)
    ]
    empty = pd.DataFrame(columns=list(OUTPUT_TYPES))
    effects = pd.concat(tables or [empty]).assign(markov_order=markov_order)
    return effects[list(OUTPUT_TYPES)].astype(OUTPUT_TYPES)


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
    """dbt's entry point; the YAML hands on the var by which `transition_counts` was built."""
    markov_order = whole_number("markov_order", dbt.config.get("markov_order"), least=1)
    return removal_effects(as_pandas(dbt.ref("transition_counts")), markov_order)
