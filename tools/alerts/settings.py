"""Settings of the alerts, all from the environment, and the maintenance windows. docs/alerts.md lists them."""

import csv
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

SEVERITIES = ("ticket", "page")  # the worse one last
WINDOWS = Path(__file__).with_name("maintenance.csv")


class SettingError(Exception):
    """A setting cannot be read; the text is one line that names it and never holds a secret."""


@dataclass(frozen=True)
class Window:
    """A time in which bad news waits; it ends before `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Settings:
    """What the environment says."""

    store_name: str
    pagerduty_key: str
    pagerduty_url: str
    urls: dict[str, str]  # severity: addresses as apprise writes them
    runbook_base_url: str
    build_severity: str
    repeat: timedelta
    backoff: float  # seconds before the second attempt
    windows: tuple[Window, ...]

    def window_at(self, now: datetime) -> Window | None:
        return next((window for window in self.windows if window.starts_at <= now < window.ends_at), None)


def read_settings(db: Path, environment=os.environ) -> Settings:
    def text(name, default=""):
        return environment.get(name, "").strip() or default

    return Settings(
        store_name=text("ALERT_STORE_NAME", db.stem),
        pagerduty_key=text("ALERT_PAGERDUTY_ROUTING_KEY"),
        pagerduty_url=web_address("ALERT_PAGERDUTY_URL", text("ALERT_PAGERDUTY_URL", "https://events.pagerduty.com"), ["https"]),
        urls={severity: text(f"ALERT_{severity.upper()}_URLS") for severity in SEVERITIES},
        runbook_base_url=web_address("ALERT_RUNBOOK_BASE_URL", text("ALERT_RUNBOOK_BASE_URL"), ["https", "http"]),
        build_severity=one_of("ALERT_BUILD_SEVERITY", text("ALERT_BUILD_SEVERITY", "page"), SEVERITIES),
        repeat=timedelta(hours=positive("ALERT_REPEAT_HOURS", text("ALERT_REPEAT_HOURS", "24"))),
        backoff=positive("ALERT_BACKOFF_SECONDS", text("ALERT_BACKOFF_SECONDS", "2")),
        windows=read_windows(Path(text("ALERT_MAINTENANCE_FILE", str(WINDOWS)))),
    )


def web_address(name, value, schemes) -> str:
    """A value is not repeated in the error: an address may hold a password."""
    try:
        parts = urlsplit(value)
        is_complete = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        is_complete = False
    if value and not is_complete:
        raise SettingError(f"{name} is no complete address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return value.rstrip("/")


def one_of(name, value, allowed) -> str:
    if value not in allowed:
        raise SettingError(f"{name} is '{value}': choose {' or '.join(allowed)}")
    return value


def positive(name, value) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0
    if not 0 < number < 1_000_000:
        raise SettingError(f"{name} is '{value}': it must be a number above 0")
    return number


def read_windows(path: Path) -> tuple[Window, ...]:
    """The rows of the maintenance file: starts_at, ends_at, reason; times without an offset are UTC."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            return tuple(as_window(row) for row in csv.DictReader(handle, restval="", strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise SettingError(f"the maintenance file {path} cannot be read ({problem})") from problem
    except (KeyError, ValueError) as problem:
        raise SettingError(
            f"the maintenance file {path} needs the columns starts_at, ends_at and reason, with times such as "
            f"2025-11-28 22:00 and an end after the start ({problem})"
        ) from problem


def as_window(row) -> Window:
    window = Window(as_utc(row["starts_at"]), as_utc(row["ends_at"]), row["reason"])
    if window.ends_at <= window.starts_at:
        raise ValueError(f"{row['ends_at']} is not after {row['starts_at']}")
    return window


def as_utc(text) -> datetime:
    at = datetime.fromisoformat(text.strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
