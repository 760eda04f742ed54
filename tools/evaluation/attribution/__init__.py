"""Attribution credit beside the truth: twin worlds with and without faults, what each policy makes of them, and why."""

from tools.demo.world import CHANNELS

MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay", "markov", "shapley")
POLICIES = ("naive", "context_aware")

Shares = dict[str, float]  # channel to its share of the credit, 0 to 1, over the nine channels

__all__ = ["CHANNELS", "MODELS", "POLICIES", "Shares"]
