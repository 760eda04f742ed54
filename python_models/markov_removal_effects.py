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
from scipy.sparse.linalg import spsolve

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"

# Above this many states iterating costs less than the dense inverse.
DENSE_STATES = 200

# Cells of the blocks of columns that are solved together (8 bytes each, some ten blocks at a time).
SPARSE_CELLS = 1_000_000
STEPS = 500

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
    """All channels by iteration, many at a time.

    Without the states X of a channel, f holds the expected first entries into X: the loss is f h_X,
    a sum of products that are never negative rather than a small difference of large numbers. The
    start is solved by hand, since nothing enters it.
    """
    matrix = chain.identity_minus_q
    inner, backwards = matrix[1:, 1:], matrix[1:, 1:].T.tocsr()
    begins = -matrix[[0], 1:].toarray()[0]
    in_no_column = np.full(len(begins), -1)
    expected = solve_columns(inner, chain.rewards[1:], in_no_column)
    visited = solve_columns(backwards, begins[:, None], in_no_column)[:, 0]

    channel = pd.Index(channels).get_indexer(chain.channel_of_state[1:])
    losses = np.empty((len(channels), 2))
    width = max(1, SPARSE_CELLS // len(begins))
    for first in range(0, len(channels), width):
        columns = min(width, len(channels) - first)
        left_out = np.where((channel >= first) & (channel < first + columns), channel - first, -1)
        begins_in = np.repeat(begins[:, None], columns, axis=1)
        elsewhere = solve_columns(backwards, begins_in, left_out)
        removed = np.flatnonzero(left_out >= 0)
        entries = begins[removed] - (backwards @ elsewhere)[removed, left_out[removed]]
        for measure in range(2):
            lost = entries * expected[removed, measure]
            losses[first : first + columns, measure] = np.bincount(left_out[removed], lost)
    visits = np.bincount(channel, visited)
    return Solution(visits, chain.rewards[0] + begins @ expected, losses)


def solve_columns(matrix: sparse.csr_array, right: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Solve for each column of `right`; directly where the residual of BiCGSTAB exceeds 1e-12.

    `left_out` holds for each state the one column whose system goes without it (-1: none); the
    state is 0 there.
    """
    removed = np.flatnonzero(left_out >= 0)
    nowhere = removed, left_out[removed]
    right = right.copy()
    right[nowhere] = 0.0
    solved, _ = bicgstab(matrix, right, nowhere=nowhere)
    residual = matrix @ solved - right
    residual[nowhere] = 0.0
    close = np.linalg.norm(residual, axis=0) <= 1e-12 * np.linalg.norm(right, axis=0)
    for column in np.flatnonzero(~close):  # also where it is not a number
        kept = left_out != column
        solved[:, column] = 0.0
        solved[kept, column] = spsolve(matrix[kept][:, kept].tocsc(), right[kept, column])
    return solved


def bicgstab(matrix: sparse.csr_array, right: np.ndarray, nowhere: tuple) -> tuple[np.ndarray, int]:
    """BiCGSTAB for all columns at once, and how many steps it took; van der Vorst, SIAM Journal on
    Scientific and Statistical Computing 13 (1992) 631-644. `nowhere` are cells held at 0."""
    by_diagonal = 1 / matrix.diagonal()
    scaled = (matrix @ sparse.diags_array(by_diagonal)).tocsr()

    def multiply(columns: np.ndarray) -> np.ndarray:
        product = scaled @ columns
        product[nowhere] = 0.0
        return product

    def dot(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->j", left, right)

    def ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
        return np.divide(over, under, out=np.zeros_like(over), where=under != 0)

    solved, residual, direction = np.zeros_like(right), right.copy(), right.copy()
    target, rho = 1e-28 * dot(right, right), dot(right, right)
    for step in range(STEPS):
        if (dot(residual, residual) <= target).all():
            break
        moved = multiply(direction)
        alpha = ratio(rho, dot(right, moved))
        residual -= alpha * moved
        turned = multiply(residual)
        omega = ratio(dot(turned, residual), dot(turned, turned))
        solved += alpha * direction + omega * residual
        residual -= omega * turned
        rho, before = dot(right, residual), rho
        direction -= omega * moved
        direction *= ratio(rho, before) * ratio(alpha, omega)
        direction += residual
    return by_diagonal[:, None] * solved, step


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
