"""One contestant's run of one model, in a process and an environment of its own; prints one line of JSON.

Imports nothing of this project but files by their path: other packages' environments run it too. Reading the table and
bringing it into the shape that a package asks for is not counted; the package's own work on it is.
"""

import importlib.util
import json
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load(path: str):
    """A Python file of this project as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Clock:
    """Wall and CPU seconds between `with` and its end."""

    def __enter__(self):
        self.began = time.perf_counter(), self._cpu()
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.perf_counter() - self.began[0], self._cpu() - self.began[1]

    @staticmethod
    def _cpu() -> float:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime


def our_sql(model: str) -> str:
    """What counts from the distinct paths what the model needs."""
    model_sql = load("tools/bench/counts.py").model_sql
    return model_sql("coalition_counts") if model == "shapley" else model_sql("transition_counts", int(model[-1]))


def our_answers(module, counts, model: str) -> dict[str, float]:
    """Removal effects, or conversions by the set game."""
    if model == "shapley":
        table, column = module.shapley_values(counts, "set", 1, 0), "shapley_value"
    else:
        table, column = module.removal_effects(counts, int(model[-1])), "removal_effect"
    return dict(zip(table["channel"], table[column].astype(float), strict=True))


def our_module(model: str):
    return load(f"python_models/{'shapley_values' if model == 'shapley' else 'markov_removal_effects'}.py")


def ours(model: str, paths: Path) -> dict:
    """SQL and Python model of this project. The counts between the two are kept for `our_python`."""
    import duckdb
    import pandas  # noqa: F401  its import is not what is measured

    module, query = our_module(model), our_sql(model)
    with Clock() as whole:
        database = duckdb.connect(str(paths), read_only=True)
        with Clock() as sql:
            counts = database.execute(query).df()
        answers = our_answers(module, counts, model)
    counts.to_parquet(paths.with_suffix(f".{model}.parquet"))
    return found(whole, answers) | {"sql_seconds": sql.cpu}


def our_python(model: str, paths: Path) -> dict:
    """The Python model alone, on the counts that `ours` kept."""
    import pandas

    module = our_module(model)
    counts = pandas.read_parquet(paths.with_suffix(f".{model}.parquet"))
    if model == "shapley":
        counts["coalition"] = counts["coalition"].map(list)
    with Clock() as clock:
        answers = our_answers(module, counts, model)
    return found(clock, answers) | {"counted_rows": len(counts)}


def channel_attribution(model: str, paths: Path) -> dict:
    import os

    import ChannelAttribution

    table = read_csv(paths)
    table["path"] = table["path"].str.replace(" > ", ">")
    with Clock() as clock:
        result = ChannelAttribution.markov_model(
            table, "path", "conversion_count", var_null="loss_count", order=int(model[-1]), out_more=True, sep=">",
            ncore=os.cpu_count(), verbose=False, flg_pro=False,
        )  # fmt: skip
    effects = result["removal_effects"]
    return found(clock, dict(zip(effects.iloc[:, 0], effects.iloc[:, 1].astype(float))))


def marketing_attribution_models(model: str, paths: Path) -> dict:
    from mam import MAM

    table = rows_by_ending(read_csv(paths))
    with Clock() as clock:
        attribution = MAM(
            table, "grouped_journey", channels_colname="path", journey_with_conv_colname="converted",
            occurrences_colname="journeys",
        )  # fmt: skip
        if model == "shapley":
            result = attribution.run_shapley()
        else:
            result = attribution.run_markov(transition_to_same_state=True)
    if model == "shapley":
        return found(clock, dict(result.to_polars().iter_rows()))
    return found(clock, result.metadata["removal_effect"]["removal_effect"].to_dict())


def mta(model: str, paths: Path) -> dict:
    from mta import MTA

    table = read_csv(paths).rename(columns={"conversion_count": "total_conversions", "loss_count": "total_null"})
    with Clock() as clock:
        attribution = MTA(data=table, allow_loops=True, add_timepoints=False)
        if model == "shapley":
            attribution.shapley(normalize=False)
        else:
            attribution.markov(normalize=False)
    return found(clock, dict(attribution.attribution["shapley" if model == "shapley" else "markov"]))


def do_attribution(model: str, paths: Path) -> dict:
    from do_attribution import MarkovAttribution, ShapleyAttribution

    table = read_csv(paths)
    if model == "shapley":  # it takes no counts: one row per conversion; lost journeys do not matter to its game
        table = table.loc[table.index.repeat(table["conversion_count"])]
        with Clock() as clock:
            result = ShapleyAttribution().fit(table["path"].to_numpy(), [1] * len(table))
        return found(clock, result["shapley_values"])
    table = rows_by_ending(table)
    with Clock() as clock:
        result = MarkovAttribution(order=int(model[-1]), removal_strategy="redirect_to_null").fit(
            table["path"].to_numpy(), table["converted"].to_numpy(), table["journeys"].to_numpy()
        )
    return found(clock, result["removal_effects"])


def read_csv(paths: Path):
    import pandas

    return pandas.read_csv(paths.with_suffix(".csv"))


def rows_by_ending(table):
    """One row per path and ending: path, converted (0, 1), journeys."""
    import pandas

    ends = [
        table[["path"]].assign(converted=converted, journeys=table[column])
        for converted, column in ((1, "conversion_count"), (0, "loss_count"))
    ]
    rows = pandas.concat(ends, ignore_index=True)
    return rows[rows["journeys"] > 0].reset_index(drop=True)


def found(clock: Clock, answers: dict) -> dict:
    """What is printed; answers by the name of the channel."""
    return {
        "wall_seconds": clock.wall,
        "cpu_seconds": clock.cpu,
        "answers": {name: float(value) for name, value in answers.items()},
    }


CONTESTANTS = {
    "this project": ours,
    "this project, Python alone": our_python,
    "ChannelAttribution": channel_attribution,
    "marketing-attribution-models": marketing_attribution_models,
    "mta": mta,
    "do-attribution": do_attribution,
}

if __name__ == "__main__":
    name, model, file = sys.argv[1:]
    printed = CONTESTANTS[name](model, Path(file))
    print("\n" + json.dumps(printed))
