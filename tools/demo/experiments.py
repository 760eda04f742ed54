"""Hold-out experiments: for some weeks half the people get no touch of a channel, in a world resolved for them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tools.demo.ids import mix, share
from tools.demo.people import People
from tools.demo.purchases import Draws, Regime
from tools.demo.reference import dates
from tools.demo.traffic import Touches
from tools.demo.world import DAY, World, at

HOLDOUTS = (
    # channel, first day, day after the last
    ("paid_social", "2025-09-15", "2025-10-13"),
    ("paid_video", "2025-10-13", "2025-11-10"),
    ("email", "2025-11-03", "2025-12-01"),
)


@dataclass
class Holdouts:
    """Counts of the experiments, summed over blocks: rows are experiments, columns treated and control."""

    world: World

    def __post_init__(self):
        self.users, self.conversions = np.zeros((2, len(HOLDOUTS), 2), np.int64)

    @property
    def regimes(self) -> list[Regime]:
        """Worlds in which the channel is absent while its experiment runs."""
        base = self.world.without
        return [
            Regime(f"holdout_{name}", base, frozenset({name}), at(start), at(end)) for name, start, end in HOLDOUTS
        ]

    def add(self, people: People, touches: Touches, draws: Draws, base: np.ndarray, held_out: np.ndarray) -> None:
        """Add a block: `base` purchases of the world as it is, `held_out` (experiment × touch) without the channel."""
        for row, regime in enumerate(self.regimes):
            control = share(mix(self.world.seed, 401, row, people.number)) < 0.5
            within = (draws.bought_at >= regime.start) & (draws.bought_at < regime.end)
            in_control = control[touches.person]
            self.users[row] += [np.sum(~control), np.sum(control)]
            self.conversions[row] += [
                np.sum(base & within & ~in_control),
                np.sum(held_out[row] & within & in_control),
            ]

    def table(self) -> pa.Table:
        """`experiments.holdout_results`."""
        days = np.array([[at(start) // DAY, at(end) // DAY - 1] for _, start, end in HOLDOUTS]).astype(int)
        return pa.table(
            {
                "experiment_id": [f"holdout-{row + 1:02d}" for row in range(len(HOLDOUTS))],
                "channel": [name for name, _, _ in HOLDOUTS],
                "started_on": dates(days[:, 0]),
                "ended_on": dates(days[:, 1]),
                "treated_users": self.users[:, 0],
                "treated_conversions": self.conversions[:, 0],
                "control_users": self.users[:, 1],
                "control_conversions": self.conversions[:, 1],
            }
        )
