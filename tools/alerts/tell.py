"""Who is told what: compares what is wrong now with what each channel was told last, and sends the difference."""

import sys
from datetime import datetime

from tools.alerts.channels import Message, SendError, recipients
from tools.alerts.conditions import KINDS, Condition, moment, recovered, worse
from tools.alerts.memory import Incident, Memory, Told
from tools.alerts.settings import Settings
from tools.alerts.store import Store

NO_CHANNEL = "no channel is configured: set ALERT_PAGERDUTY_ROUTING_KEY, ALERT_PAGE_URLS or ALERT_TICKET_URLS (docs/alerts.md)"


class Teller:
    """One run of the alerts."""

    def __init__(self, store: Store, settings: Settings, channels: list, memory: Memory, now: datetime):
        self.store = store
        self.settings = settings
        self.channels = channels
        self.memory = memory
        self.now = now
        self.all_delivered = True

    def tell(self, conditions: dict[str, Condition | None]) -> None:
        for kind in KINDS:
            incident = self.memory.incidents.get(kind)
            condition = conditions.get(kind)
            if condition:
                self.tell_of(condition, self.opened(condition, incident))
            elif incident and kind in conditions:
                self.tell_end_of(incident)
        if not self.memory.incidents:
            say("the circuit breaker is closed and the last build did not fail")

    def opened(self, condition: Condition, incident: Incident | None) -> Incident:
        """The incident of a condition, new or brought up to date. It stays as severe as it ever was."""
        if not incident:
            key = f"{self.settings.store_name}:{condition.kind}"
            incident = Incident(key, condition.kind, self.now, condition.severity, condition.checks)
        incident.severity = worse(incident.severity, condition.severity)
        incident.checks = condition.checks
        self.memory.incidents[condition.kind] = incident
        self.memory.save()
        return incident

    def tell_of(self, condition: Condition, incident: Incident) -> None:
        window = self.settings.window_at(self.now)
        due = recipients(self.channels, incident.severity)
        due = [channel for channel in self.channels if channel in due or channel.name in incident.told]
        if not due:
            show(self.message(condition, incident, None))
            say(NO_CHANNEL)
        for channel in due:
            told = incident.told.get(channel.name)
            if not self.is_news(condition, told):
                say(f"{condition.title}; {channel.name} was told at {moment(told.sent_at)}")
            elif window:
                until = f"the maintenance ({window.reason}) ends at {moment(window.ends_at)}"
                say(f"{condition.title}; {channel.name} is told after {until}")
            elif self.delivered(channel, self.message(condition, incident, told)):
                incident.told[channel.name] = Told(self.now, condition.checks)
                self.memory.save()

    def is_news(self, condition: Condition, told: Told | None) -> bool:
        return told is None or told.checks != condition.checks or self.now - told.sent_at >= self.settings.repeat

    def message(self, condition: Condition, incident: Incident, told: Told | None) -> Message:
        """What is wrong, and what is new about it for somebody who was told before."""
        since = f", since {moment(incident.opened_at)}" if told else ""
        return Message(
            action="trigger",
            key=incident.key,
            severity=incident.severity,
            title=f"{condition.title}{since}",
            lines=[*(changes(told.checks, condition.checks) if told else []), *condition.lines],
            source=self.settings.store_name,
            details=condition.details,
            links=condition.links,
        )

    def tell_end_of(self, incident: Incident) -> None:
        """Recovery goes to whoever was told of the trouble; the incident is forgotten when all of them know."""
        title, lines = recovered(incident.kind, self.store, incident.opened_at)
        message = Message("resolve", incident.key, incident.severity, title, lines, self.settings.store_name)
        if not incident.told:
            show(message)
        configured = {channel.name: channel for channel in self.channels}
        for name in list(incident.told):
            if name not in configured:
                self.all_delivered = False
                complain(f"{name} was told of the trouble but is not configured now: set it again, or delete {self.memory.path}")
            elif self.delivered(configured[name], message):
                del incident.told[name]
                self.memory.save()
        if not incident.told:
            del self.memory.incidents[incident.kind]
            self.memory.save()

    def delivered(self, channel, message: Message) -> bool:
        taken = deliver(channel, message)
        self.all_delivered = self.all_delivered and taken
        return taken


def deliver(channel, message: Message) -> bool:
    """Whether the channel took the message; if not, one line says so."""
    try:
        channel.send(message)
    except SendError as problem:
        complain(f"{channel.name} did not take '{message.title}' ({problem}): the next run tries again")
        return False
    say(f"told {channel.name}: {message.title}")
    return True


def changes(before: list[str], now: list[str]) -> list[str]:
    added, gone = sorted(set(now) - set(before)), sorted(set(before) - set(now))
    return [f"{word}: {', '.join(names)}" for word, names in (("New", added), ("No longer", gone)) if names]


def show(message: Message) -> None:
    print(f"\n{message.subject}\n" + "".join(f"  {line}\n" for line in message.lines))


def say(text: str) -> None:
    print(f"alerts: {text}")


def complain(text) -> None:
    print(f"alerts: {text}", file=sys.stderr)
