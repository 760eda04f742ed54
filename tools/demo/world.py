"""The frame of the world: its days, its size, and where every random number comes from.

Time inside the package is float seconds since `START` (UTC). People are simulated in blocks of `BLOCK_PEOPLE`;
a block draws from generators of its own, so the same people come out however the blocks are grouped into files.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from tools.demo.chance import ByRow

VERSION = 1
START = np.datetime64("2025-09-01T00:00:00", "ms")
DAYS = 91
DAY = 86_400
SPAN = float(DAYS * DAY)
HOURS = DAYS * 24
MINUTES = DAYS * 1_440

BLOCK_PEOPLE = 4_096
EVENTS_PER_PERSON = 24.4  # measured over the default world; turns a size in events into people
SIZES = {"small": 100_000, "default": 1_000_000}
UNITS = {"K": 1_000, "M": 1_000_000}
LARGEST = 200_000_000

CHANNELS = (
    "direct",
    "organic_search",
    "paid_search",
    "paid_shopping",
    "paid_social",
    "paid_video",
    "email",
    "affiliates",
    "referral",
)
CHANNEL = {name: code for code, name in enumerate(CHANNELS)}
MARKETING = ("paid_search", "paid_shopping", "paid_social", "paid_video", "email", "affiliates")

# planted: the faults of `faults.FAULTS`, the same for every seed. none: a shop without them. drawn: the same kinds at
# other times and places, from the seed. replanted: the planted ones in a world that is the twin of the last two.
FAULT_CHOICES = ("planted", "none", "drawn", "replanted")

COUNTRIES = ("US", "GB", "DE", "FR", "NL", "ES", "IE")
COUNTRY_SHARES = (0.34, 0.21, 0.19, 0.10, 0.07, 0.05, 0.04)
CURRENCIES = ("USD", "EUR", "GBP")
COUNTRY_CURRENCY = np.array([0, 2, 1, 1, 1, 1, 1])


@dataclass(frozen=True)
class World:
    """Size, seed, the channels taken away from the world that is written, and which faults it has."""

    events: int = SIZES["small"]
    seed: int = 11
    without: frozenset[str] = frozenset()
    faults: str = "planted"

    @property
    def people(self) -> int:
        """How many people give about `events` events."""
        return max(200, round(self.events / EVENTS_PER_PERSON))

    @property
    def blocks(self) -> range:
        """Numbers of the blocks of people."""
        return range(-(-self.people // BLOCK_PEOPLE))

    def members(self, block: int) -> np.ndarray:
        """Global numbers of the people of one block."""
        return np.arange(block * BLOCK_PEOPLE, min((block + 1) * BLOCK_PEOPLE, self.people))

    def rng(self, stage: str, block: int = 0) -> np.random.Generator:
        """The generator of one stage of one block: a child of the seed, independent of all others."""
        key = (zlib.crc32(stage.encode()), block)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def for_rows(self, rng: np.random.Generator, keys: np.ndarray) -> np.random.Generator | ByRow:
        """A generator for rows that a fault may add or take away: each keeps its numbers in worlds with other faults.

        The planted world goes on in sequence: its bytes are promised.
        """
        return rng if self.faults == "planted" else ByRow(rng, keys)

    def names(self, keys: np.ndarray) -> np.ndarray:
        """Numbers that tell such rows apart: their places in the planted world, else their keys."""
        return np.arange(len(keys)) if self.faults == "planted" else keys


def parse_size(text: str) -> int:
    """Events asked for: a name of `SIZES`, or a number with an optional K or M. ValueError says what is wrong."""
    if text in SIZES:
        return SIZES[text]
    number, unit = (text[:-1], UNITS[text[-1].upper()]) if text[-1:].upper() in UNITS else (text, 1)
    try:
        events = int(float(number) * unit)
    except (ValueError, OverflowError):
        raise ValueError(f"size {text!r} is none of small, default, or a number of events such as 5M") from None
    if not 10_000 <= events <= LARGEST:
        raise ValueError(f"size {text!r} is outside 10K to {LARGEST // 1_000_000}M events")
    return events


def at(moment: str) -> float:
    """Seconds since `START` of a UTC moment such as '2025-11-11 11:40'."""
    return float((np.datetime64(moment, "ms") - START).astype(np.int64)) / 1_000


def to_milliseconds(seconds: np.ndarray) -> np.ndarray:
    """Seconds since `START` as integer milliseconds since the Unix epoch."""
    return START.astype(np.int64) + np.floor(np.asarray(seconds, float) * 1_000).astype(np.int64)


def minute_of(seconds: np.ndarray) -> np.ndarray:
    """Index of the minute, clipped to the world."""
    return np.clip(np.asarray(seconds) // 60, 0, MINUTES - 1).astype(np.int64)
