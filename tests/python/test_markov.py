"""Laws of the Markov model: hand-solved chains, brute force, what holds for any journeys."""

import importlib.util
from collections import Counter
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL_FILE = Path(__file__).parents[2] / "python_models" / "markov_removal_effects.py"
spec = importlib.util.spec_from_file_location("markov_removal_effects", MODEL_FILE)
markov = importlib.util.module_from_spec(spec)
spec.loader.exec_module(markov)

pytestmark = pytest.mark.filterwarnings("error")

# `eta` lies within `beta`: names must be compared whole.
CHANNELS = ["beta", "direct", "email", "eta"]
EXACT = {"rtol": 0, "atol": 1e-12}


class Journey(NamedTuple):
    """The channels of one journey, and how it ended: `converted`, `lost` or `unknown`."""

    path: tuple[str, ...]
    ending: str
    revenue: float = 0.0


def count_transitions(journeys: list[Journey], order: int = 1) -> pd.DataFrame:
    """What SQL counts: transitions between k-grams padded with the start, repeats not collapsed."""
    counts, revenues = Counter(), Counter()
    for path, ending, revenue in journeys:
        padded = [markov.START] * order + list(path)
        state = markov.START
        for last in range(order, len(padded)):
            entered = " > ".join(padded[last - order + 1 : last + 1])
            counts[state, entered, padded[last]] += 1
            state = entered
        if ending != "unknown":
            end = markov.CONVERSION if ending == "converted" else markov.NULL
            counts[state, end, None] += 1
            revenues[state, end, None] += revenue if ending == "converted" else 0.0
    return pd.DataFrame(
        [
            ("purchase", "naive", *transition, count, revenues[transition])
            for transition, count in counts.items()
        ],
        columns=[
            *["conversion_type", "context_policy", "from_state", "to_state", "to_channel"],
            *["transition_count", "transition_value"],
        ],
    )


def effects(journeys: list[Journey], order: int = 1) -> pd.DataFrame:
    return markov.removal_effects(count_transitions(journeys, order), order).set_index("channel")


def gauss(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """Gauss-Jordan elimination in exact arithmetic."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next(row for row in range(column, size) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for row in range(size):
            if row != column:
                factor = rows[row][column]
                pairs = zip(rows[row], rows[column], strict=True)
                rows[row] = [mine - factor * theirs for mine, theirs in pairs]
    return [row[-1] for row in rows]


def numpy_solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[float]:
    return np.linalg.solve(np.array(matrix, dtype=float), np.array(right, dtype=float)).tolist()


def brute_force(transitions: pd.DataFrame, removed: str | None = None, solve=gauss) -> tuple:
    """P(conversion) and expected revenue of the chain, rebuilt with one channel's inflow lost.

    Only states that can convert enter the equations: the others yield nothing.
    """
    rows = list(
        transitions[
            ["from_state", "to_state", "to_channel", "transition_count", "transition_value"]
        ]
        .astype(object)
        .itertuples(index=False, name=None)
    )
    total = Counter()
    for left, _, _, count, _ in rows:
        total[left] += int(count)
    kept = [row for row in rows if removed is None or row[2] != removed]
    converting = {left for left, entered, *_ in kept if entered == markov.CONVERSION}
    while grown := {row[0] for row in kept if row[1] in converting} - converting:
        converting |= grown
    if markov.START not in converting:
        return 0, 0
    states = [markov.START, *sorted(converting - {markov.START})]
    index = {state: place for place, state in enumerate(states)}
    matrix = [[Fraction(row == column) for column in states] for row in states]
    conversions, revenues = [Fraction(0)] * len(states), [Fraction(0)] * len(states)
    for left, entered, _, count, revenue in kept:
        if left not in converting:
            continue
        if entered == markov.CONVERSION:
            conversions[index[left]] += Fraction(int(count), total[left])
            revenues[index[left]] += Fraction(revenue) / total[left]
        elif entered in converting:
            matrix[index[left]][index[entered]] -= Fraction(int(count), total[left])
    return solve(matrix, conversions)[0], solve(matrix, revenues)[0]


paths = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=6).map(tuple)
revenues = st.integers(min_value=0, max_value=100).map(float)
complete_journeys = st.lists(
    st.builds(Journey, paths, st.sampled_from(["converted", "lost"]), revenues),
    min_size=1,
    max_size=25,
)
any_journeys = st.lists(
    st.builds(Journey, paths, st.sampled_from(["converted", "lost", "unknown"]), revenues),
    min_size=1,
    max_size=25,
)
orders = st.integers(min_value=1, max_value=3)
a_few_examples = settings(max_examples=40, deadline=None, derandomize=True)


def seeded_journeys(number: int, channels: int, seed: int) -> list[Journey]:
    draw = np.random.default_rng(seed)
    names = np.array([f"channel_{index:02d}" for index in range(channels)])
    endings = draw.choice(["converted", "lost", "unknown"], number, p=[0.3, 0.6, 0.1])
    return [
        Journey(tuple(draw.choice(names, draw.geometric(0.25))), ending, float(draw.integers(100)))
        for ending in endings
    ]


def test_two_channels_solved_by_hand():
    # P(conversion) = 1/2. Without email only direct's own 1/4 arrives, of which 2/3 convert.
    journeys = [
        Journey(("email", "direct"), "converted", 10.0),
        Journey(("email", "direct"), "lost"),
        Journey(("email",), "lost"),
        Journey(("direct",), "converted", 30.0),
    ]
    table = effects(journeys)
    assert table["conversion_probability"].tolist() == pytest.approx([0.5, 0.5], abs=1e-15)
    assert table["removal_effect"].to_dict() == pytest.approx({"direct": 1.0, "email": 2 / 3})
    assert table["value_removal_effect"].to_dict() == pytest.approx({"direct": 1.0, "email": 2 / 3})
    assert table["conversion_share"].to_dict() == pytest.approx({"direct": 0.6, "email": 0.4})
    assert table["expected_visits"].to_dict() == pytest.approx({"direct": 0.75, "email": 0.75})


def test_revenue_moves_credit_when_one_channel_sells_dearer():
    journeys = [Journey(("email",), "converted", 90.0), Journey(("direct",), "converted", 10.0)]
    table = effects(journeys)
    assert table["conversion_share"].to_dict() == pytest.approx({"direct": 0.5, "email": 0.5})
    assert table["value_share"].to_dict() == pytest.approx({"direct": 0.1, "email": 0.9})


def test_a_cycle_with_a_self_loop_solved_by_hand():
    # email: 1/2 to itself, 1/4 to direct, 1/4 converts; direct: 1/2 to email, 1/2 is lost.
    # h_email = (1/4 + h_direct/4) / (1/2), h_direct = h_email/2: h_email = 2/3.
    transitions = count_transitions(
        [
            Journey(("email", "email", "direct", "email", "email"), "converted"),
            Journey(("direct",), "lost"),
        ]
    )
    transitions.loc[transitions["from_state"] == markov.START, "transition_count"] = [1, 0]
    table = markov.removal_effects(transitions, 1).set_index("channel")
    assert table.loc["email", "conversion_probability"] == pytest.approx(2 / 3)
    # Without direct, email converts with (1/4) / (1/2) = 1/2.
    assert table["removal_effect"].to_dict() == pytest.approx({"direct": 0.25, "email": 1.0})


@a_few_examples
@given(any_journeys, orders)
def test_effects_agree_with_removing_each_channel_in_exact_fractions(journeys, order):
    transitions = count_transitions(journeys, order)
    probability, revenue = brute_force(transitions)
    for channel, row in effects(journeys, order).iterrows():
        without, revenue_without = brute_force(transitions, removed=channel)
        effect = 1 - without / probability if probability else 0
        value_effect = 1 - revenue_without / revenue if revenue else 0
        assert row["conversion_probability"] == pytest.approx(float(probability), abs=1e-12)
        assert row["removal_effect"] == pytest.approx(float(effect), abs=1e-12)
        assert row["value_removal_effect"] == pytest.approx(float(value_effect), abs=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_effects_agree_with_solving_again_without_each_channel(order):
    journeys = seeded_journeys(3_000, channels=8, seed=1)
    transitions = count_transitions(journeys, order)
    probability, revenue = brute_force(transitions, solve=numpy_solve)
    table = effects(journeys, order)
    for channel, row in table.iterrows():
        without, revenue_without = brute_force(transitions, channel, solve=numpy_solve)
        assert row["removal_effect"] == pytest.approx(1 - without / probability, abs=1e-12)
        assert row["value_removal_effect"] == pytest.approx(
            1 - revenue_without / revenue, abs=1e-12
        )


@a_few_examples
@given(complete_journeys, orders)
def test_the_chain_reproduces_the_conversion_rate_and_the_visits(journeys, order):
    table = effects(journeys, order)
    conversion_rate = np.mean([journey.ending == "converted" for journey in journeys])
    np.testing.assert_allclose(table["conversion_probability"], conversion_rate, **EXACT)
    visits = Counter(channel for journey in journeys for channel in journey.path)
    visits_per_journey = [visits[channel] / len(journeys) for channel in table.index]
    np.testing.assert_allclose(table["expected_visits"], visits_per_journey, **EXACT)


@a_few_examples
@given(any_journeys)
def test_self_loops_do_not_change_effects_at_order_one(journeys):
    transitions = count_transitions(journeys)
    dropped = transitions[transitions["from_state"] != transitions["to_state"]]
    table, without_loops = (
        markov.removal_effects(transitions, 1),
        markov.removal_effects(dropped, 1),
    )
    for measure in ["removal_effect", "value_removal_effect", "conversion_probability"]:
        np.testing.assert_allclose(without_loops[measure], table[measure], **EXACT)


@a_few_examples
@given(complete_journeys)
def test_at_the_longest_path_the_effect_is_the_share_of_conversions_that_hold_the_channel(journeys):
    longest = max(len(journey.path) for journey in journeys)
    converted = [journey.path for journey in journeys if journey.ending == "converted"]
    for channel, row in effects(journeys, longest).iterrows():
        holding = sum(channel in path for path in converted)
        expected = holding / len(converted) if converted else 0.0
        assert row["removal_effect"] == pytest.approx(expected, abs=1e-12)


@a_few_examples
@given(any_journeys, orders)
def test_with_every_conversion_worth_one_revenue_is_credited_like_conversions(journeys, order):
    table = effects([journey._replace(revenue=1.0) for journey in journeys], order)
    np.testing.assert_allclose(table["value_removal_effect"], table["removal_effect"], **EXACT)
    np.testing.assert_allclose(table["value_share"], table["conversion_share"], **EXACT)


@a_few_examples
@given(any_journeys, orders)
def test_effects_lie_within_zero_and_one_and_shares_sum_to_one(journeys, order):
    table = effects(journeys, order)
    assert table["removal_effect"].between(0.0, 1.0).all()
    nothing_converted = table["conversion_probability"].iloc[0] == 0
    for share in ["conversion_share", "value_share"]:
        assert table[share].sum() == pytest.approx(0 if nothing_converted else 1, abs=1e-12)


@a_few_examples
@given(any_journeys, orders, st.randoms(use_true_random=False))
def test_the_order_of_input_rows_does_not_change_a_bit(journeys, order, random):
    transitions = count_transitions(journeys, order)
    shuffled = transitions.iloc[random.sample(range(len(transitions)), len(transitions))]
    pd.testing.assert_frame_equal(
        markov.removal_effects(shuffled, order),
        markov.removal_effects(transitions, order),
        check_exact=True,
    )


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_sparse_path_equals_the_dense_path(order):
    transitions = count_transitions(seeded_journeys(1_500, channels=8, seed=2), order)
    dense = markov.chain_effects(transitions)
    sparse = markov.chain_effects(transitions, dense_states=0)
    pd.testing.assert_frame_equal(sparse, dense, check_exact=False, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("answer", [np.nan, 0.01])
def test_where_iteration_does_not_converge_the_sparse_path_solves_directly(monkeypatch, answer):
    def give_up(matrix, target, **_):
        return np.full_like(target, answer), 1

    transitions = count_transitions(seeded_journeys(300, channels=5, seed=3), 2)
    dense = markov.chain_effects(transitions)
    monkeypatch.setattr(markov, "bicgstab", give_up)
    sparse = markov.chain_effects(transitions, dense_states=0)
    pd.testing.assert_frame_equal(sparse, dense, check_exact=False, rtol=1e-10, atol=1e-13)


def test_a_large_chain_takes_the_sparse_path_and_keeps_the_laws():
    journeys = seeded_journeys(4_000, channels=60, seed=4)
    journeys = [journey for journey in journeys if journey.ending != "unknown"]
    transitions = count_transitions(journeys, order=2)
    assert transitions["to_state"].nunique() > markov.DENSE_STATES
    table = markov.chain_effects(transitions)
    conversion_rate = np.mean([journey.ending == "converted" for journey in journeys])
    np.testing.assert_allclose(table["conversion_probability"], conversion_rate, rtol=1e-11)
    visits = Counter(channel for journey in journeys for channel in journey.path)
    visits_per_journey = [visits[channel] / len(journeys) for channel in table["channel"]]
    np.testing.assert_allclose(table["expected_visits"], visits_per_journey, rtol=1e-10)


def test_rare_conversions_after_heavy_loops_keep_their_digits():
    transitions = pd.DataFrame(
        [
            ("(start)", "beta", "beta", 1_000_000, 0.0),
            ("beta", "beta", "beta", 10**12, 0.0),
            ("beta", "eta", "eta", 3, 0.0),
            ("beta", "(null)", None, 999_997, 0.0),
            ("eta", "(conversion)", None, 1, 5.0),
            ("eta", "(null)", None, 2, 0.0),
        ],
        columns=["from_state", "to_state", "to_channel", "transition_count", "transition_value"],
    ).assign(conversion_type="purchase", context_policy="naive")
    table = markov.removal_effects(transitions, 1)
    np.testing.assert_allclose(table["conversion_probability"], 1e-6, rtol=1e-12)
    np.testing.assert_allclose(table["removal_effect"], 1.0, rtol=1e-12)
    np.testing.assert_allclose(table["expected_visits"], [1_000_001, 3e-6], rtol=1e-12)


def test_without_a_conversion_effects_and_shares_are_zero():
    table = effects([Journey(("email", "eta"), "lost"), Journey(("beta",), "unknown")])
    measures = ["removal_effect", "value_removal_effect", "conversion_share", "value_share"]
    assert (table[[*measures, "conversion_probability"]] == 0).all(axis=None)


def test_without_revenue_value_is_shared_like_conversions():
    journeys = [Journey(("email", "eta"), "converted"), Journey(("eta",), "converted")]
    table = effects(journeys)
    assert (table["value_removal_effect"] == 0).all()
    assert table["value_share"].tolist() == table["conversion_share"].tolist()


def test_unknown_revenue_counts_as_none():
    transitions = count_transitions([Journey(("email",), "converted")])
    transitions["transition_value"] = np.nan
    assert markov.removal_effects(transitions, 1)["value_share"].tolist() == [1.0]


def test_refunds_above_revenue_give_a_channel_no_share():
    journeys = [Journey(("email",), "converted", 50.0), Journey(("eta",), "converted", -10.0)]
    table = effects(journeys)
    assert table["value_removal_effect"].to_dict() == pytest.approx({"email": 1.25, "eta": -0.25})
    assert table["value_share"].to_dict() == {"email": 1.0, "eta": 0.0}


def test_a_state_with_only_unknown_endings_yields_nothing():
    journeys = [Journey(("email",), "converted"), Journey(("email", "eta", "beta"), "unknown")]
    table = effects(journeys)
    assert table["conversion_probability"].tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert table["removal_effect"].to_dict() == pytest.approx({"beta": 0, "email": 1, "eta": 0})
    assert table["expected_visits"].to_dict() == pytest.approx(
        {"beta": 0.5, "email": 1, "eta": 0.5}
    )


def test_a_loop_nobody_was_seen_to_leave_yields_nothing():
    journeys = [
        Journey(("email",), "converted"),
        Journey(("eta", "beta", "beta", "eta"), "unknown"),
    ]
    table = effects(journeys)
    assert table.loc["email", "conversion_probability"] == pytest.approx(0.5)
    assert table["removal_effect"].to_dict() == pytest.approx({"email": 1, "beta": 0, "eta": 0})
    assert np.isfinite(table["expected_visits"]).all()


def test_each_conversion_type_and_policy_is_a_chain_of_its_own():
    purchases = count_transitions([Journey(("email", "eta"), "converted", 5.0)])
    leads = count_transitions([Journey(("eta",), "converted"), Journey(("beta",), "lost")])
    leads = leads.assign(conversion_type="lead", context_policy="context_aware")
    table = markov.removal_effects(pd.concat([purchases, leads]), 1)
    keys = table[["conversion_type", "context_policy", "channel"]].to_numpy().tolist()
    assert keys == [
        ["lead", "context_aware", "beta"],
        ["lead", "context_aware", "eta"],
        ["purchase", "naive", "email"],
        ["purchase", "naive", "eta"],
    ]
    assert table["conversion_probability"].tolist() == pytest.approx([0.5, 0.5, 1.0, 1.0])


def test_empty_input_gives_an_empty_table_with_the_same_types():
    transitions = count_transitions([Journey(("email",), "converted")])
    table = markov.removal_effects(transitions, 1)
    empty = markov.removal_effects(transitions.iloc[:0], 1)
    assert empty.empty
    assert empty.dtypes.to_dict() == table.dtypes.to_dict()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("to_channel", "eta", "one and the same channel"), ("from_state", "eta", "must begin in")],
)
def test_rows_that_no_journey_makes_are_named_in_one_line(column, value, message):
    transitions = count_transitions([Journey(("email", "email"), "converted")])
    transitions.loc[0, column] = value
    with pytest.raises(ValueError, match=message) as raised:
        markov.removal_effects(transitions, 1)
    assert "\n" not in str(raised.value)


class FakeDbt:
    """What dbt hands to `model`: one input, and the config of the YAML."""

    def __init__(self, relation, **settings):
        self.ref = {"transition_counts": relation}.__getitem__
        self.config = settings


@pytest.mark.parametrize("wrap", ["df", "toPandas", None])
def test_the_model_reads_any_engine_and_reports_the_order(wrap):
    transitions = count_transitions([Journey(("email", "eta"), "converted")], order=2)
    relation = SimpleNamespace(**{wrap: lambda: transitions}) if wrap else transitions
    table = markov.model(FakeDbt(relation, markov_order="2"), session=None)
    assert table["markov_order"].tolist() == [2, 2]
    assert table.dtypes.astype(str).to_dict() == markov.OUTPUT_TYPES


@pytest.mark.parametrize("markov_order", [0, -1, "two", 1.5, None, True])
def test_a_bad_order_is_refused_in_one_line(markov_order):
    dbt = FakeDbt(count_transitions([Journey(("email",), "lost")]), markov_order=markov_order)
    with pytest.raises(
        ValueError, match=r"^markov_order must be a whole number of at least 1, .+$"
    ):
        markov.model(dbt, session=None)
