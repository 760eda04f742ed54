"""Who gets the purchases, by the store; and what each kind of censoring does to the Markov chain."""

import importlib.util

import pandas as pd

from tools.evaluation.attribution import CHANNELS, Shares
from tools.evaluation.scores import Connection, rows_of
from tools.evaluation.store import PROJECT_ROOT

CREDITED = """
    select attribution_model, context_policy, channel, credited_conversions
    from gold.channel_credits
    where conversion_type = 'purchase'
"""
CAUSED = "select channel, incremental_conversions from truth.channel_contribution"

# Endings of journeys that did not convert, by the state they ended in.
ENDINGS = """
    select
        channel_path[-1] as from_state,
        count(*) filter (where is_blocked) as blocked,
        count(*) filter (where journey_status = 'open' and not is_blocked) as open
    from gold.journeys
    where conversion_type = 'purchase' and journey_status <> 'converted' and touch_count > 0
    group by channel_path[-1]
"""
TRANSITIONS = """
    select from_state, to_state, to_channel, transition_count, cast(transition_value as double) as transition_value
    from gold.transition_counts
    where conversion_type = 'purchase' and context_policy = 'naive'
    order by from_state, to_state
"""


def normalised(amounts: dict[str, float]) -> Shares:
    """Amounts of the nine channels as shares of their sum; what is unattributed or another channel's is left out."""
    total = sum(amounts.get(channel, 0.0) for channel in CHANNELS)
    return {channel: amounts.get(channel, 0.0) / total if total else 0.0 for channel in CHANNELS}


def credited(connection: Connection) -> dict[str, dict[str, Shares]]:
    """Shares of purchase credit by attribution model and context policy."""
    amounts: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows_of(connection, CREDITED):
        policies = amounts.setdefault(row["attribution_model"], {})
        policies.setdefault(row["context_policy"], {})[row["channel"]] = row["credited_conversions"]
    return {
        model: {policy: normalised(of_channel) for policy, of_channel in policies.items()}
        for model, policies in amounts.items()
    }


def caused(connection: Connection) -> Shares:
    """Shares of what the channels caused one by one."""
    return normalised({row["channel"]: row["incremental_conversions"] for row in rows_of(connection, CAUSED)})


def censored(connection: Connection) -> dict[str, Shares]:
    """Markov shares with nothing censored, blocked endings censored, and open ones too (the policy context_aware)."""
    endings = pd.DataFrame(rows_of(connection, ENDINGS), columns=["from_state", "blocked", "open"])
    transitions = pd.DataFrame(rows_of(connection, TRANSITIONS))
    found = {"nothing": markov(transitions)}
    for name, left_out in (("blocked", ["blocked"]), ("blocked and open", ["blocked", "open"])):
        fewer = endings.set_index("from_state")[left_out].sum(axis=1)
        found[name] = markov(without_endings(transitions, fewer))
    return found


def without_endings(transitions: pd.DataFrame, fewer: pd.Series) -> pd.DataFrame:
    """Transitions with so many fewer steps from a state (the index) into null."""
    is_loss = transitions["to_state"] == "(null)"
    gone = transitions["from_state"].map(fewer).fillna(0).where(is_loss, 0)
    left = transitions.assign(transition_count=transitions["transition_count"] - gone)
    return left[left["transition_count"] > 0]


def markov(transitions: pd.DataFrame) -> Shares:
    """Shares by removal effects, with the store's own code."""
    effects = _removal_effects().chain_effects(transitions)
    return normalised(dict(zip(effects["channel"], effects["removal_effect"], strict=True)))


def _removal_effects():
    """The Python model, which lives outside of any package."""
    path = PROJECT_ROOT / "python_models" / "markov_removal_effects.py"
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
