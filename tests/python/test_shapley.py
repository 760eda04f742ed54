"""Laws of the Shapley model: the axioms, brute force over all permutations, sampling."""

import importlib.util
import itertools
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL_FILE = Path(__file__).parents[2] / "python_models" / "shapley_values.py"
spec = importlib.util.spec_from_file_location("shapley_values", MODEL_FILE)
shapley = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shapley)

pytestmark = pytest.mark.filterwarnings("error")

# `eta` lies within `beta`, and `direct` is also a word of `direct_mail`.
CHANNELS = ["beta", "direct", "direct_mail", "email", "eta"]
GAMES = ["set", "conversion_rate"]
EXACT = {"rtol": 0, "atol": 1e-9}


def count_coalitions(rows: list[tuple]) -> pd.DataFrame:
    """What SQL counts, from (channels, journeys, conversions, net revenue)."""
    return pd.DataFrame(
        [("purchase", "naive", sorted(names), *counts) for names, *counts in rows],
        columns=["conversion_type", "context_policy", "coalition", *shapley.COUNTS],
    )


def values(rows: list[tuple], game: str, permutations: int = 200, seed: int = 7) -> pd.DataFrame:
    table = shapley.shapley_values(count_coalitions(rows), game, permutations, seed)
    return table.set_index("channel")


def worth(rows: list[tuple], within: set[str], game: str) -> np.ndarray:
    """v(S) of conversions and revenue, straight from its definition."""
    inside = [counts for names, *counts in rows if set(names) <= within]
    journeys, *rewards = np.sum(inside, axis=0) if inside else np.zeros(3)
    if game == "set":
        return np.array(rewards)
    return np.array(rewards) / journeys if journeys else np.zeros(2)


def brute_force(rows: list[tuple], game: str) -> dict[str, np.ndarray]:
    """The mean marginal contribution over all permutations of the channels."""
    channels = sorted(set().union(*(names for names, *_ in rows)))
    sums = {channel: np.zeros(2) for channel in channels}
    for order in itertools.permutations(channels):
        for place, channel in enumerate(order):
            with_channel = worth(rows, set(order[: place + 1]), game)
            sums[channel] += with_channel - worth(rows, set(order[:place]), game)
    return {channel: total / math.factorial(len(channels)) for channel, total in sums.items()}


@st.composite
def coalition_rows(draw, channels=CHANNELS):
    """Coalitions, some of which occur twice or hold no counted journey."""
    names = draw(
        st.lists(st.frozensets(st.sampled_from(channels), min_size=1), min_size=1, max_size=12)
    )
    rows = []
    for coalition in names:
        journeys = draw(st.integers(min_value=0, max_value=50))
        conversions = draw(st.integers(min_value=0, max_value=journeys))
        revenue = draw(st.integers(min_value=0, max_value=100)) * conversions
        rows.append((coalition, journeys, conversions, float(revenue)))
    return rows


games = st.sampled_from(GAMES)
a_few_examples = settings(max_examples=40, deadline=None, derandomize=True)


def many_channels(channels: int, coalitions: int, seed: int) -> list[tuple]:
    draw = np.random.default_rng(seed)
    names = [f"channel_{index:02d}" for index in range(channels)]
    strength = draw.uniform(0.0, 0.1, channels)
    rows = [({name}, 40, int(draw.binomial(40, 0.1)), 0.0) for name in names]
    for _ in range(coalitions):
        chosen = draw.choice(channels, draw.integers(2, 6), replace=False)
        journeys = int(draw.integers(5, 60))
        conversions = int(draw.binomial(journeys, strength[chosen].sum()))
        rows.append(({names[index] for index in chosen}, journeys, conversions, 20.0 * conversions))
    return rows


def test_the_set_game_splits_a_conversion_equally_over_its_channels():
    table = values(
        [({"email"}, 4, 1, 10.0), ({"email", "eta"}, 3, 2, 60.0), ({"beta"}, 5, 0, 0.0)], "set"
    )
    assert table["shapley_value"].to_dict() == {"beta": 0.0, "email": 2.0, "eta": 1.0}
    assert table["shapley_revenue"].to_dict() == {"beta": 0.0, "email": 40.0, "eta": 30.0}
    assert table["conversion_share"].to_dict() == pytest.approx(
        {"beta": 0.0, "email": 2 / 3, "eta": 1 / 3}
    )
    assert table["value_share"].to_dict() == pytest.approx(
        {"beta": 0.0, "email": 4 / 7, "eta": 3 / 7}
    )
    assert set(table["method"]) == {"closed_form"}


def test_the_rate_game_of_two_channels_solved_by_hand():
    # v(email) = 1/10, v(eta) = 0 (no journey), v(both) = 4/20: email gets (1/10 + 2/10) / 2.
    table = values([({"email"}, 10, 1, 5.0), ({"email", "eta"}, 10, 3, 15.0)], "conversion_rate")
    assert table["shapley_value"].to_dict() == pytest.approx({"email": 0.15, "eta": 0.05})
    assert table["shapley_revenue"].to_dict() == pytest.approx({"email": 0.75, "eta": 0.25})
    assert set(table["method"]) == {"exact"}


@a_few_examples
@given(coalition_rows(), games)
def test_values_agree_with_all_permutations(rows, game):
    table = values(rows, game)
    expected = brute_force(rows, game)
    assert list(table.index) == list(expected)
    found = table[["shapley_value", "shapley_revenue"]].to_numpy()
    np.testing.assert_allclose(found, np.array(list(expected.values())), **EXACT)


def test_values_agree_with_all_permutations_of_six_channels():
    rows = many_channels(channels=6, coalitions=30, seed=1)
    for game in GAMES:
        found = values(rows, game)[["shapley_value", "shapley_revenue"]].to_numpy()
        np.testing.assert_allclose(found, np.array(list(brute_force(rows, game).values())), **EXACT)


@a_few_examples
@given(coalition_rows(), games)
def test_efficiency_values_sum_to_what_all_channels_are_worth(rows, game):
    table = values(rows, game)
    conversions, revenue = worth(rows, set(CHANNELS), game)
    assert table["shapley_value"].sum() == pytest.approx(conversions, abs=1e-9)
    assert table["shapley_revenue"].sum() == pytest.approx(revenue, abs=1e-9)
    assert table["conversion_share"].sum() == pytest.approx(1, abs=1e-9)
    assert table["value_share"].sum() == pytest.approx(1, abs=1e-9)


@a_few_examples
@given(coalition_rows(["beta", "email", "eta"]), games)
def test_symmetry_interchangeable_channels_are_worth_the_same(rows, game):
    twin = {"beta": "direct", "direct": "beta"}
    mirrored = [({twin.get(name, name) for name in names}, *counts) for names, *counts in rows]
    table = values([*rows, *mirrored, ({"beta"}, 1, 1, 1.0), ({"direct"}, 1, 1, 1.0)], game)
    measures = ["shapley_value", "shapley_revenue"]
    np.testing.assert_allclose(table.loc["beta", measures], table.loc["direct", measures], **EXACT)


@a_few_examples
@given(coalition_rows(["beta", "email"]), games)
def test_null_player_a_channel_that_adds_nothing_gets_nothing(rows, game):
    with_idle = values([*rows, ({"eta"}, 0, 0, 0.0), ({"beta", "eta"}, 0, 0, 0.0)], game)
    without_idle = values([*rows, ({"beta"}, 0, 0, 0.0)], game)
    for measure in ["shapley_value", "shapley_revenue"]:
        assert with_idle.loc["eta", measure] == pytest.approx(0, abs=1e-9)
        others = with_idle.drop("eta")[measure]
        np.testing.assert_allclose(others, without_idle[measure], **EXACT)


@a_few_examples
@given(coalition_rows(), st.data())
def test_additivity_the_values_of_two_rewards_sum_to_those_of_their_sum(rows, data):
    # The rate game divides by journeys, so it is additive in rewards over the same journeys.
    rewards = st.integers(min_value=0, max_value=100)
    first = [(names, journeys, data.draw(rewards), 0.0) for names, journeys, *_ in rows]
    second = [(names, journeys, data.draw(rewards), 0.0) for names, journeys, *_ in rows]
    both = [(*one[:2], one[2] + two[2], 0.0) for one, two in zip(first, second, strict=True)]
    for game in GAMES:
        total = values(first, game)["shapley_value"] + values(second, game)["shapley_value"]
        np.testing.assert_allclose(values(both, game)["shapley_value"], total, **EXACT)


@a_few_examples
@given(coalition_rows(), games)
def test_revenue_of_one_per_conversion_is_valued_like_conversions(rows, game):
    table = values([(*row[:3], float(row[2])) for row in rows], game)
    np.testing.assert_allclose(table["shapley_revenue"], table["shapley_value"], **EXACT)
    np.testing.assert_allclose(table["value_share"], table["conversion_share"], **EXACT)


@a_few_examples
@given(coalition_rows(), games, st.randoms(use_true_random=False))
def test_the_order_of_input_rows_does_not_change_a_bit(rows, game, random):
    coalitions = count_coalitions(rows)
    shuffled = coalitions.iloc[random.sample(range(len(rows)), len(rows))]
    pd.testing.assert_frame_equal(
        shapley.shapley_values(shuffled, game, 10, 0),
        shapley.shapley_values(coalitions, game, 10, 0),
        check_exact=True,
    )


def test_a_channel_whose_name_is_part_of_another_stays_out_of_it():
    table = values([({"beta"}, 1, 1, 1.0), ({"eta"}, 1, 0, 0.0)], "set")
    assert table["shapley_value"].to_dict() == {"beta": 1.0, "eta": 0.0}


def test_a_harmful_channel_has_a_negative_value_and_no_share():
    table = values([({"email"}, 10, 5, 50.0), ({"email", "eta"}, 90, 0, 0.0)], "conversion_rate")
    assert table.loc["eta", "shapley_value"] == pytest.approx(-0.225)
    assert table["conversion_share"].to_dict() == {"email": 1.0, "eta": 0.0}
    assert table["value_share"].to_dict() == {"email": 1.0, "eta": 0.0}


@pytest.mark.parametrize("game", GAMES)
def test_without_a_conversion_shares_are_equal_and_nothing_is_missing(game):
    table = values([({"email", "eta"}, 3, 0, 0.0), ({"beta"}, 0, 0, 0.0)], game)
    assert (table["shapley_value"] == 0).all()
    assert table["conversion_share"].tolist() == pytest.approx([1 / 3] * 3)
    assert table["value_share"].tolist() == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("game", GAMES)
def test_without_revenue_value_is_shared_like_conversions(game):
    table = values([({"email"}, 3, 2, np.nan), ({"email", "eta"}, 3, 1, np.nan)], game)
    assert (table["shapley_revenue"] == 0).all()
    assert table["value_share"].tolist() == table["conversion_share"].tolist()


def test_twenty_channels_are_exact_and_one_more_is_sampled():
    for channels, method in [(20, "exact"), (21, "permutation_sampling")]:
        table = values(many_channels(channels, coalitions=50, seed=2), "conversion_rate")
        assert len(table) == channels
        assert set(table["method"]) == {method}


def test_sampling_lies_within_its_standard_error_of_the_exact_values(monkeypatch):
    rows = many_channels(channels=12, coalitions=80, seed=3)
    exact = values(rows, "conversion_rate")
    monkeypatch.setattr(shapley, "EXACT_CHANNELS", 0)
    sampled = values(rows, "conversion_rate", permutations=2_400)
    assert (exact["standard_error"] == 0).all()
    assert (sampled["standard_error"] > 0).all()
    deviation = (sampled["shapley_value"] - exact["shapley_value"]) / sampled["standard_error"]
    assert deviation.abs().max() < 4
    # Were the error overstated, deviations would crowd around 0.
    assert 0.3 < math.sqrt((deviation**2).mean()) < 2.0


def test_cyclic_shifts_err_less_than_as_many_plain_permutations():
    coalitions = shapley.read_coalitions(count_coalitions(many_channels(12, 80, seed=3)))
    exact = shapley.exact_rate_game(coalitions).values[0]
    plain, shifted = [], []
    for seed in range(12):
        draw = np.random.default_rng(seed)
        orders = [draw.permutation(12) for _ in range(240)]
        marginals = [shapley.marginal_values(coalitions, order)[0] for order in orders]
        plain.append(np.mean(marginals, axis=0) - exact)
        shifted.append(shapley.sampled_rate_game(coalitions, 240, seed).values[0] - exact)
    assert np.linalg.norm(shifted) < 0.75 * np.linalg.norm(plain)


def test_sampling_is_efficient_and_repeats_for_a_seed():
    rows = many_channels(channels=30, coalitions=200, seed=5)
    first, again = (values(rows, "conversion_rate", seed=1) for _ in range(2))
    other = values(rows, "conversion_rate", seed=2)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not np.allclose(first["shapley_value"], other["shapley_value"], rtol=1e-6)
    every_channel = set().union(*(names for names, *_ in rows))
    conversions, revenue = worth(rows, every_channel, "conversion_rate")
    assert first["shapley_value"].sum() == pytest.approx(conversions, abs=1e-9)
    assert first["shapley_revenue"].sum() == pytest.approx(revenue, abs=1e-9)


def test_seventy_channels_fit_the_closed_form():
    table = values(many_channels(channels=70, coalitions=300, seed=6), "set")
    assert len(table) == 70
    assert set(table["method"]) == {"closed_form"}


def test_each_conversion_type_and_policy_is_a_game_of_its_own():
    purchases = count_coalitions([({"email", "eta"}, 4, 2, 10.0)])
    leads = count_coalitions([({"eta"}, 2, 1, 0.0)]).assign(
        conversion_type="lead", context_policy="context_aware"
    )
    table = shapley.shapley_values(pd.concat([purchases, leads]), "set", 10, 0)
    keys = table[["conversion_type", "context_policy", "channel"]].to_numpy().tolist()
    assert keys == [
        ["lead", "context_aware", "eta"],
        ["purchase", "naive", "email"],
        ["purchase", "naive", "eta"],
    ]
    assert table["shapley_value"].tolist() == [1.0, 1.0, 1.0]


def test_empty_input_gives_an_empty_table_with_the_same_types():
    coalitions = count_coalitions([({"email"}, 1, 1, 1.0)])
    table = shapley.shapley_values(coalitions, "set", 10, 0)
    empty = shapley.shapley_values(coalitions.iloc[:0], "set", 10, 0)
    assert empty.empty
    assert empty.dtypes.to_dict() == table.dtypes.to_dict()


@pytest.mark.parametrize("coalition", [None, np.nan, [], np.array([])])
def test_a_coalition_of_nobody_is_refused_in_one_line(coalition):
    coalitions = count_coalitions([({"email"}, 1, 1, 1.0)])
    coalitions["coalition"] = pd.Series([coalition], dtype=object)
    with pytest.raises(ValueError, match=r"^coalition_counts: a coalition is empty.+$"):
        shapley.shapley_values(coalitions, "set", 10, 0)


class FakeDbt:
    """What dbt hands to `model`: one input, and the config of the YAML."""

    def __init__(self, relation, **settings):
        self.ref = {"coalition_counts": relation}.__getitem__
        defaults = {"shapley_game": "set", "shapley_permutations": 10, "shapley_seed": 0}
        self.config = defaults | settings


@pytest.mark.parametrize("wrap", ["df", "toPandas", None])
def test_the_model_reads_any_engine_and_keeps_types(wrap):
    coalitions = count_coalitions([({"email", "eta"}, 4, 2, 10.0)])
    coalitions["coalition"] = coalitions["coalition"].map(np.array)  # as DuckDB hands over a list
    relation = SimpleNamespace(**{wrap: lambda: coalitions}) if wrap else coalitions
    table = shapley.model(FakeDbt(relation, shapley_permutations="10"), session=None)
    assert table["shapley_value"].tolist() == [1.0, 1.0]
    assert table.dtypes.astype(str).to_dict() == shapley.OUTPUT_TYPES


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("shapley_game", "banzhaf", "shapley_game must be 'set' or 'conversion_rate', not"),
        ("shapley_game", None, "shapley_game must be 'set' or 'conversion_rate', not"),
        ("shapley_permutations", 0, "shapley_permutations must be a whole number of at least 1"),
        ("shapley_seed", "x", "shapley_seed must be a whole number of at least 0"),
    ],
)
def test_a_bad_setting_is_refused_in_one_line(setting, value, message):
    dbt = FakeDbt(count_coalitions([({"email"}, 1, 1, 1.0)]), **{setting: value})
    with pytest.raises(ValueError, match=f"^{message}.*$"):
        shapley.model(dbt, session=None)
