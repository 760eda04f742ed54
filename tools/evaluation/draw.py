"""Chance: one generator per seed and stage, and windows of time that keep apart."""

import zlib

import numpy as np

HOUR, DAY = 3_600, 86_400


def generator(seed: int, stage: str) -> np.random.Generator:
    """The generator of one stage, a child of the seed: what one stage draws changes no other."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(stage.encode()),)))


def place(
    rng: np.random.Generator,
    length: float,
    within: tuple[float, float],
    taken: list[tuple[float, float]],
    apart: float,
    grid: float = 60.0,
) -> tuple[float, float] | None:
    """A window of `length` seconds that starts on `grid`, at least `apart` from those `taken`; None if none fits."""
    for _ in range(200):
        start = grid * np.floor(rng.uniform(within[0], max(within[0], within[1] - length)) / grid)
        end = start + length
        if end <= within[1] and all(end + apart <= first or start >= last + apart for first, last in taken):
            return float(start), float(end)
    return None


def inside(windows: list[tuple[float, float]], seconds: np.ndarray) -> np.ndarray:
    """Which of the disjoint windows [start, end) each moment lies in; −1 in none."""
    if not windows:
        return np.full(len(seconds), -1)
    order = np.argsort([start for start, _ in windows])
    starts, ends = np.array(windows)[order].T
    found = np.searchsorted(starts, seconds, side="right") - 1
    return np.where((found >= 0) & (seconds < ends[found]), order[found], -1)
