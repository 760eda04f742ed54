"""Files: streamed, byte for byte the same each time, and in place all at once or not at all."""

import gzip
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from tools.demo.schemas import RAW, SPOILED

IN_PARTS = "raw.clickstream_events"
AS_TEXT = "raw.offline_conversions"
MALFORMED_ROWS = 36


class Output:
    """The folder of one world. Use as a context manager: on success it replaces `target`, otherwise nothing changes."""

    def __init__(self, target: Path, blocks_per_part: int):
        self.target, self.blocks_per_part = target.resolve(), blocks_per_part
        self.folder = self.target.with_name(f".{target.name}.half-made-{os.getpid()}")
        self.rows: dict[str, int] = {}
        self._writers: dict[str, pa.parquet.ParquetWriter] = {}
        self._text = None

    def __enter__(self) -> "Output":
        if self.target.exists() and any(self.target.iterdir()) and not (self.target / "world.json").exists():
            raise FileExistsError(f"{self.target} holds something else than a demo world; choose another --out")
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, kind, error, trace) -> None:
        for writer in self._writers.values():
            writer.close()
        if self._text:
            self._text.close()
        if kind is None:
            before = self.folder.with_name(self.folder.name + "-before")
            if self.target.exists():
                self.target.rename(before)
            self.folder.rename(self.target)
            shutil.rmtree(before, ignore_errors=True)
        else:
            shutil.rmtree(self.folder)

    def raw(self, name: str, table: pa.Table, block: int = 0) -> None:
        """Append rows to a raw table, as the contract's columns and types."""
        schema = RAW[name]
        table = table.select(schema.names).cast(schema)
        if name == AS_TEXT:
            self._write_text(name, table)
            return
        path = f"raw/{name.replace('.', '/')}"
        if name == IN_PARTS:
            path += f"/part-{block // self.blocks_per_part:05d}"
        self._write(path, table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def truth(self, name: str, table: pa.Table) -> None:
        """Append rows to a table of the truth."""
        self._write(f"truth/{name}", table)
        self.rows[f"truth.{name}"] = self.rows.get(f"truth.{name}", 0) + table.num_rows

    def finish_part(self, block: int, last: bool) -> None:
        """Close the part of the clickstream that this block ends."""
        if last or (block + 1) % self.blocks_per_part == 0:
            path = f"raw/{IN_PARTS.replace('.', '/')}/part-{block // self.blocks_per_part:05d}"
            self._writers.pop(path).close()

    def note(self, facts: dict) -> None:
        """Write world.json."""
        text = json.dumps(facts | {"rows": dict(sorted(self.rows.items()))}, indent=2)
        (self.folder / "world.json").write_text(text + "\n")

    def _write(self, path: str, table: pa.Table) -> None:
        if path not in self._writers:
            file = self.folder / f"{path}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            self._writers[path] = pa.parquet.ParquetWriter(file, table.schema, compression="zstd", version="2.6")
        self._writers[path].write_table(table)

    def _write_text(self, name: str, table: pa.Table) -> None:
        if self._text is None:
            file = self.folder / f"raw/{name.replace('.', '/')}.csv.gz"
            file.parent.mkdir(parents=True, exist_ok=True)
            # No time and no name in the header: the same rows are the same bytes.
            self._text = gzip.GzipFile(filename="", mode="wb", fileobj=file.open("wb"), mtime=0)
        options = pa.csv.WriteOptions(include_header=name not in self.rows)
        pa.csv.write_csv(table, self._text, options)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows


def spoil(name: str, table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """`table` with copies of some of its rows added, each without one required value."""
    columns = SPOILED[name]
    count = min(MALFORMED_ROWS, table.num_rows)
    copies = table.take(pa.array(np.sort(rng.choice(table.num_rows, count, replace=False))))
    for number, column in enumerate(columns):
        place = copies.schema.get_field_index(column)
        missing = pa.array(np.arange(count) % len(columns) == number)
        values = pa.compute.if_else(missing, pa.scalar(None, copies.schema.field(column).type), copies.column(column))
        copies = copies.set_column(place, column, values)
    return pa.concat_tables([table, copies])
