"""Parquet files of a world: raw tables in the contract's columns and types, and the tables of the truth."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.demo.schemas import RAW


def moments(start: np.datetime64, seconds: np.ndarray) -> pa.Array:
    """Seconds since `start` as UTC timestamps in milliseconds; NaN is null."""
    seconds = np.asarray(seconds, float)
    known = np.isfinite(seconds)
    first = start.astype("datetime64[ms]").astype(np.int64)
    whole = first + np.floor(np.where(known, seconds, 0.0) * 1_000).astype(np.int64)
    return pa.array(whole, pa.int64(), mask=~known).cast(pa.timestamp("ms", tz="UTC"))


def dates(start: np.datetime64, days: np.ndarray) -> pa.Array:
    """Days since `start` as dates."""
    first = start.astype("datetime64[D]").astype(np.int64)
    return pa.array((first + np.asarray(days)).astype(np.int32), pa.int32()).cast(pa.date32())


def write_raw(folder: Path, tables: dict[str, dict[str, pa.Array | np.ndarray | list]]) -> None:
    """Write raw tables below `folder`/raw; columns a table leaves out are null."""
    for name, columns in tables.items():
        schema = RAW[name]
        unknown = columns.keys() - set(schema.names)
        if unknown:
            raise KeyError(f"{name} has no columns {sorted(unknown)}")
        rows = len(next(iter(columns.values())))
        arrays = [
            pa.array(columns[field.name], from_pandas=True).cast(field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in schema
        ]
        _write(folder / "raw" / f"{name.replace('.', '/')}.parquet", pa.table(arrays, schema=schema))


def write_truth(folder: Path, tables: dict[str, pa.Table]) -> None:
    """Write tables of the truth below `folder`/truth."""
    for name, table in tables.items():
        _write(folder / "truth" / f"{name}.parquet", table)


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
