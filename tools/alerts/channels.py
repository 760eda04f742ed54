"""Where alerts go: PagerDuty through its own client, which groups by a key and resolves, and all else through apprise.

Both libraries try again by themselves; both are kept from logging, because their words may hold an address with its secrets.
"""

import logging
import re
from dataclasses import dataclass, field

from tools.alerts.settings import SEVERITIES, SettingError, Settings

ATTEMPTS = 3
SECONDS = 10  # that PagerDuty has for an answer
SERVICE_SECONDS = 60  # that apprise gives an address, attempts and waits included
SHOWN_HOSTS = {"form", "forms", "json", "jsons", "mailto", "mailtos", "xml", "xmls"}  # elsewhere the host may be a token
TRANSIENT = (429, 500, 502, 503, 504)

for library in ("apprise", "pagerduty"):
    logging.getLogger(library).addHandler(logging.NullHandler())


class SendError(Exception):
    """A channel did not take a message; the text says what it answered and holds no secret."""


@dataclass(frozen=True)
class Message:
    """One message about one incident."""

    action: str  # trigger, resolve or test
    key: str
    severity: str
    title: str
    lines: list[str]
    source: str
    details: dict = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"[{self.source}] {self.title}"

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class PagerDuty:
    """Events of the Events API v2. Pages are critical and tickets warnings, which a service can keep from waking anybody."""

    name = "PagerDuty"
    severity = "page"

    def __init__(self, settings: Settings):
        from pagerduty import EventsApiV2Client

        self.client = EventsApiV2Client(settings.pagerduty_key, base_url=settings.pagerduty_url)
        self.client.timeout = SECONDS
        self.client.sleep_timer = settings.backoff / self.client.sleep_timer_base  # multiplied before the first wait
        self.client.max_network_attempts = ATTEMPTS - 1  # after the first
        self.client.retry = dict.fromkeys(TRANSIENT, ATTEMPTS - 1)

    def send(self, message: Message) -> None:
        """Trigger or resolve; a test does both, so that nothing stays open."""
        from pagerduty import Error

        try:
            if message.action != "resolve":
                self.client.trigger(
                    summary=message.subject[:1024],
                    source=message.source,
                    dedup_key=message.key,
                    severity="critical" if message.severity == "page" else "warning",
                    payload={"component": "attribution feature store"},
                    custom_details={"message": message.text, **message.details},
                    links=[{"href": address, "text": text} for text, address in message.links.items()],
                )
            if message.action != "trigger":
                self.client.resolve(message.key)
        except Error as problem:
            answer = problem.response
            raise SendError(f"HTTP {answer.status_code}" if answer is not None else "it cannot be reached") from None


class Address:
    """One address of apprise, such as slack://… or mailto://…"""

    def __init__(self, url: str, severity: str, number: int, settings: Settings):
        from apprise import Apprise, AppriseAsset

        self.severity = severity
        self.name = f"ALERT_{severity.upper()}_URLS {number} ({shown(url)})"
        asset = AppriseAsset(
            app_id="Attribution feature store",
            default_service_retry=ATTEMPTS - 1,
            default_service_wait=settings.backoff,
            service_timeout=SERVICE_SECONDS,
        )
        self.apprise = Apprise(asset=asset)
        if not self.apprise.add(url):
            raise SettingError(f"{self.name} is no complete address: see https://appriseit.com/services for how it is written")

    def send(self, message: Message) -> None:
        from apprise import NotifyFormat, NotifyType

        kind = {"resolve": NotifyType.SUCCESS, "test": NotifyType.INFO}.get(
            message.action, NotifyType.FAILURE if message.severity == "page" else NotifyType.WARNING
        )
        result = self.apprise.notify(
            title=message.subject, body=message.text, notify_type=kind, body_format=NotifyFormat.TEXT
        )
        attempts = [attempt for service in result.results for attempt in service.attempts]
        if not attempts or not attempts[-1]:  # the result itself is a success with ?optional=yes, whatever happened
            statuses = re.findall(r"error=(\d{3})\b", " ".join(str(line) for attempt in attempts for line in attempt.logs))
            raise SendError(f"HTTP {statuses[-1]}" if statuses else "it cannot be reached or refuses the message")


def make_channels(settings: Settings) -> list:
    """Every configured channel."""
    channels = [PagerDuty(settings)] if settings.pagerduty_key else []
    for severity in reversed(SEVERITIES):
        channels += [Address(url, severity, number, settings) for number, url in enumerate(split(settings.urls[severity]), 1)]
    return channels


def recipients(channels: list, severity: str) -> list:
    """The channels of a severity. Where it has none the others get it: rather an unwanted page than an unseen alert."""
    return [channel for channel in channels if channel.severity == severity] or channels


def split(text: str) -> list[str]:
    """The addresses in a text: whatever begins with a scheme after white space, a comma or a semicolon."""
    return [url for url in re.split(r"[\s,;]+(?=\w+://)", text) if url]


def shown(url: str) -> str:
    """An address without anything that could be a secret."""
    scheme = re.match(r"(\w+)://", url)
    if not scheme:
        return "no scheme"
    host = re.match(r"\w+://(?:[^/?#]*@)?([\w.-]+)(?::\d+)?(?=[/?#]|$)", url) if scheme[1].lower() in SHOWN_HOSTS else None
    return f"{scheme[1]}://{host[1]}/…" if host else f"{scheme[1]}://…"
