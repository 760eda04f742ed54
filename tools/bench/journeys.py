"""Seeded synthetic journeys, counted by distinct path: the one input of every contestant.

Lengths are geometric (mean about 3, at most 20), channels popular as 1 / rank, and a journey converts with a probability
that depends on the channels it touched. Everything comes from the seed: the same numbers make the same table.
"""

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow

LONGEST = 20
MEAN_LENGTH = 3
CHUNK = 500_000  # journeys held at a time


def draw_journeys(channels: int, journeys: int, seed: int):
    """Chunks of journeys as Arrow tables: path (numbers of channels), is_converted, revenue in cents."""
    popularity = 1 / np.arange(1, channels + 1)
    popularity /= popularity.sum()
    strength = np.random.default_rng([seed, channels]).uniform(0.005, 0.08, channels)
    for chunk, begin in enumerate(range(0, journeys, CHUNK)):
        draw = np.random.default_rng([seed, channels, chunk])
        number = min(CHUNK, journeys - begin)
        lengths = draw.geometric(1 / MEAN_LENGTH, number).clip(max=LONGEST)
        begins = np.concatenate([[0], lengths.cumsum()])
        touches = draw.choice(channels, begins[-1], p=popularity)
        stays = np.add.reduceat(np.log1p(-strength[touches]), begins[:-1])
        is_converted = draw.random(number) < 1 - np.exp(stays)
        cents = np.where(is_converted, draw.integers(500, 20_000, number), 0)
        path = pyarrow.ListArray.from_arrays(
            pyarrow.array(begins, pyarrow.int32()), pyarrow.array(touches + 1, pyarrow.int16())
        )
        yield pyarrow.table({"path": path, "is_converted": is_converted, "cents": cents})


def channel_name(number: int) -> str:
    """All of one length, so that no name lies within another: some packages compare names as substrings."""
    return f"channel_{number:04d}"


def write_path_counts(file: Path, channels: int, journeys: int, seed: int) -> None:
    """Write the model `path_counts` of these journeys into a DuckDB file, and the same as CSV for other packages."""
    database = duckdb.connect(str(file))
    database.execute("create table drawn (path smallint[], journeys bigint, conversions bigint, cents bigint)")
    for chunk in draw_journeys(channels, journeys, seed):
        database.register("chunk", chunk)
        database.execute(
            "insert into drawn select path, count(*), count(*) filter (is_converted), sum(cents) from chunk group by path"
        )
    names = [channel_name(number) for number in range(1, channels + 1)]
    database.execute(
        """
        create table path_counts as
        select
            'purchase' as conversion_type, 'naive' as context_policy,
            list_transform(path, lambda number: $names[number]) as channel_path,
            cast(sum(journeys) as bigint) as journey_count,
            cast(sum(conversions) as bigint) as conversion_count,
            cast(sum(journeys) - sum(conversions) as bigint) as loss_count,
            cast(sum(cents) as double) / 100 as net_revenue
        from drawn group by path order by path
        """,
        {"names": names},
    )
    database.execute("drop table drawn")
    database.execute(
        f"""
        copy (
            select array_to_string(channel_path, ' > ') as path, journey_count, conversion_count, loss_count, net_revenue
            from path_counts
        ) to '{file.with_suffix(".csv")}' (header)
        """
    )
    database.close()


if __name__ == "__main__":
    write_path_counts(Path(sys.argv[1]), *map(int, sys.argv[2:]))
