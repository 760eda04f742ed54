"""A media mix model on the store's features, beside what the channels caused: `python -m tools.evaluation.mmm`.

Orders of a day = base + weekday + trend + demand + Σ over channels of coefficient × carried-over effort, with no
coefficient of a channel below zero. Demand: visits that no campaign brought. Three readings of the same panel
(analyses/mmm_panel.sql):

raw       effort as the platforms report it
costs     the expected spend where the store says that a cost is an anomaly
flags     besides, major promotions, outages and sold-out products as further terms, and days weighted by confidence

Intervals: residuals drawn again in blocks of a week around the fit (Künsch 1989), and fitted again. `known_by_others`
says how far a channel's effort follows from all other terms (R²): what is left is all that the days can tell about it.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import lsq_linear

from tools.evaluation.analyses import run_analysis
from tools.evaluation.store import PROJECT_ROOT
from tools.evaluation.tables import Table

READINGS = ("raw", "costs", "flags")
BLOCK_DAYS, DRAWS, SEED = 7, 500, 20_180_414
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True)
class Design:
    """One reading of the panel, a row per day: `efforts` (days × channels), `terms` (days × other terms)."""

    channels: tuple[str, ...]
    efforts: np.ndarray
    terms: np.ndarray
    orders: np.ndarray
    weights: np.ndarray

    @property
    def matrix(self) -> np.ndarray:
        """All columns, channels first."""
        return np.hstack([self.efforts, self.terms])


def design(panel: pd.DataFrame, reading: str) -> Design:
    """The columns of one reading; each is scaled to a mean of 1 or centred, so that sizes compare."""
    column = "adstock" if reading == "raw" else "believed_adstock"
    efforts = panel.pivot(index="date", columns="channel", values=column).sort_index()
    days = panel.groupby("date").first().sort_index()
    since = np.arange(len(days)) / len(days)
    weekday = pd.to_datetime(days.index.to_series()).dt.day_of_week.to_numpy()
    demand = days["unadvertised_sessions"].to_numpy(float)
    terms = [np.ones(len(days)), since - since.mean(), demand / demand.mean() - 1]
    terms += [(weekday == day) - 1 / 7 for day in range(1, 7)]
    weights = np.ones(len(days))
    if reading == "flags":
        by_day = panel.groupby("date").mean(numeric_only=True).sort_index()
        terms += [days["is_major_promo"].to_numpy(float), 1 - days["system_health_score"].to_numpy(float)]
        terms += [1 - by_day["availability"].to_numpy(float)]
        weights = by_day["confidence_score"].to_numpy(float)
    values = efforts.to_numpy(float)
    kept = [term for term in terms if np.ptp(term) > 0 or term is terms[0]]
    orders = days["orders"].to_numpy(float)
    return Design(tuple(efforts.columns), values / values.mean(axis=0), np.column_stack(kept), orders, weights)


def solve(plan: Design, orders: np.ndarray) -> np.ndarray:
    """Weighted least squares; the channels' coefficients are at least 0."""
    lowest = np.r_[np.zeros(len(plan.channels)), np.full(plan.terms.shape[1], -np.inf)]
    by = np.sqrt(plan.weights)
    return lsq_linear(plan.matrix * by[:, None], orders * by, (lowest, np.inf)).x


def contributions(plan: Design) -> pd.DataFrame:
    """By channel: orders over all days, their interval, and how far other terms know its effort."""
    count = len(plan.channels)
    days = plan.efforts.sum(axis=0)
    found = solve(plan, plan.orders)
    expected = plan.matrix @ found
    residuals = plan.orders - expected
    rng = np.random.default_rng(SEED)
    drawn = np.empty((DRAWS, count))
    for draw in range(DRAWS):
        starts = rng.integers(0, len(residuals) - BLOCK_DAYS + 1, -(-len(residuals) // BLOCK_DAYS))
        again = (starts[:, None] + np.arange(BLOCK_DAYS)).ravel()[: len(residuals)]
        drawn[draw] = solve(plan, expected + residuals[again] - residuals[again].mean())[:count]
    low, high = np.quantile(drawn, INTERVAL, axis=0)
    return pd.DataFrame(
        {
            "channel": plan.channels,
            "orders": found[:count] * days,
            "low": low * days,
            "high": high * days,
            "known_by_others": [_known_by_others(plan, place) for place in range(count)],
        }
    )


def _known_by_others(plan: Design, place: int) -> float:
    """R² of a channel's effort on all other columns."""
    others, effort = np.delete(plan.matrix, place, axis=1), plan.efforts[:, place]
    fitted = others @ np.linalg.lstsq(others, effort, rcond=None)[0]
    return float(1 - np.var(effort - fitted) / np.var(effort))


def against_truth(panel: pd.DataFrame, caused: dict[str, float]) -> list[dict]:
    """One dict per reading and channel: the contribution, its interval, and the orders it caused."""
    rows = []
    for reading in READINGS:
        for row in contributions(design(panel, reading)).to_dict("records"):
            rows.append({"reading": reading, **row, "caused": caused[row["channel"]]})
    return rows


def table(rows: list[dict], effort: dict[str, float]) -> Table:
    """Contributions by channel in every reading; `effort` is what the channel really spent, or its touches."""
    lines = []
    for channel, spent in effort.items():
        mine = {row["reading"]: row for row in rows if row["channel"] == channel}
        cells = [f"{mine['raw']['caused']:,.0f}"]
        for reading in READINGS:
            found = mine[reading]
            cells += [f"{found['orders']:,.0f} ({found['low']:,.0f} to {found['high']:,.0f})"]
        per = 1_000 * mine["flags"]["orders"] / spent
        known = (f"{mine[reading]['known_by_others']:.2f}" for reading in ("raw", "flags"))
        lines.append((channel, *cells, f"{per:.1f}", *known))
    return Table(
        "Media mix model: orders by channel",
        ("", "caused", "raw (90 %)", "costs repaired (90 %)", "all flags (90 %)", "orders per 1,000 of effort",
         "known by others, raw", "all flags"),
        tuple(lines),
        "Effort is spend, or touches where a channel costs nothing.",
    )  # fmt: skip


def main() -> int:
    """Read the arguments, fit the store's panel, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tools.evaluation.mmm", description=__doc__.splitlines()[0])
    parser.add_argument("--db", default=PROJECT_ROOT / "data" / "feature_store.duckdb", type=Path)
    parser.add_argument("--truth", default=PROJECT_ROOT / "data" / "demo" / "truth", type=Path,
                        help="of the demo world that the store was built from")  # fmt: skip
    arguments = parser.parse_args()
    truth = arguments.truth / "channel_contribution.parquet"
    try:
        with duckdb.connect(str(arguments.db), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            panel = run_analysis(connection, "mmm_panel")
            caused = dict(connection.execute("select channel, incremental_conversions from read_parquet($1)",
                                             [str(truth)]).fetchall())  # fmt: skip
    except (duckdb.Error, KeyError) as problem:
        print(f"evaluation: {arguments.db} with {truth}: {str(problem).splitlines()[0]}", file=sys.stderr)
        return 2
    effort = panel.groupby("channel")["believed_effort"].sum().to_dict()
    print(table(against_truth(panel, caused), effort).text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
