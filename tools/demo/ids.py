"""Identifiers: 64-bit keys in the simulation, text of fixed width in the files."""

import numpy as np
import pyarrow as pa

_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)


def mix(*parts: np.ndarray | int) -> np.ndarray:
    """One well spread uint64 key from integers (splitmix64, Steele, Lea and Flood 2014), element by element."""
    with np.errstate(over="ignore"):
        key = np.uint64(0x9E3779B97F4A7C15)
        for part in parts:
            key = (key ^ np.asarray(part).astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
            key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            key = key ^ (key >> np.uint64(31))
    return key


def share(key: np.ndarray) -> np.ndarray:
    """A key as a number in [0, 1)."""
    return (key >> np.uint64(11)).astype(float) / 2.0**53


def hex_text(prefix: str, keys: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """`prefix` followed by the key in 16 hexadecimal digits; null where not `present`."""
    digits = _HEX[keys.astype(">u8").view(np.uint8).reshape(-1, 8)].reshape(-1, 16)
    return _fixed_width(prefix, digits, present)


def number_text(prefix: str, numbers: np.ndarray, width: int, present: np.ndarray | None = None) -> pa.Array:
    """`prefix` followed by the number with leading zeros; null where not `present`."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    digits = (np.maximum(numbers, 0)[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    return _fixed_width(prefix, digits, present)


def _fixed_width(prefix: str, body: np.ndarray, present: np.ndarray | None) -> pa.Array:
    """Text array whose values all have one width, straight from its bytes."""
    count, head = len(body), np.frombuffer(prefix.encode(), np.uint8)
    matrix = np.hstack([np.broadcast_to(head, (count, len(head))), body])
    offsets = np.arange(count + 1, dtype=np.int32) * matrix.shape[1]
    validity = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    return pa.StringArray.from_buffers(
        count, pa.py_buffer(offsets.tobytes()), pa.py_buffer(matrix.tobytes()), validity
    )


def pick(words: list[str] | tuple[str, ...] | pa.Array, codes: np.ndarray) -> pa.Array:
    """The word of each code; null where the code is negative."""
    codes = np.asarray(codes, np.int64)
    return pa.array(words, pa.string()).take(pa.array(np.maximum(codes, 0), mask=codes < 0))
