"""What was told to whom, in a JSON file beside the database: one entry per open incident, without any secret."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass
class Told:
    """The last message about an incident that a channel took."""

    sent_at: datetime
    checks: list[str]


@dataclass
class Incident:
    """Something that is wrong, from the run that saw it first until every channel that was told knows it is over."""

    key: str  # the dedup key
    kind: str
    opened_at: datetime
    severity: str  # the worst so far
    checks: list[str]
    told: dict[str, Told] = field(default_factory=dict)  # by the channel's name


class Memory:
    """The open incidents by kind. Saved after every message that a channel took, so that a killed run repeats none."""

    def __init__(self, path: Path):
        self.path = path
        self.incidents: dict[str, Incident] = {}

    def load(self) -> str | None:
        """Read the file; one that cannot be read is set aside, and the answer is where to."""
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            self.incidents = {incident["kind"]: as_incident(incident) for incident in stored["incidents"]}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError):
            aside = self.path.with_name(self.path.name + ".unreadable")
            os.replace(self.path, aside)
            return str(aside)
        return None

    def save(self) -> None:
        """Write a new file and put it in the old one's place: a reader sees either, never half of one."""
        stored = {"incidents": [asdict(incident) for incident in self.incidents.values()]}
        written = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        written.write_text(json.dumps(stored, indent=2, default=datetime.isoformat) + "\n", encoding="utf-8")
        os.replace(written, self.path)


def as_incident(stored: dict) -> Incident:
    told = {name: Told(as_time(entry["sent_at"]), entry["checks"]) for name, entry in stored["told"].items()}
    return Incident(**{**stored, "opened_at": as_time(stored["opened_at"]), "told": told})


def as_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at
