"""What is wrong now, and the words for it. There are two conditions: the breaker is open, and the last build failed."""

from dataclasses import dataclass, field
from datetime import datetime

from tools.alerts.settings import SEVERITIES, Settings
from tools.alerts.store import Build, Check, Serving, Store

KINDS = ("breaker", "build")
UNKNOWN_SERVING = "What consumers are served could not be read."


@dataclass(frozen=True)
class Condition:
    """One thing that is wrong, however many checks say so."""

    kind: str
    severity: str
    title: str
    lines: list[str]
    checks: list[str]  # what tripped or failed: another list is news, the same one is not
    details: dict = field(default_factory=dict)  # the same for machines
    links: dict[str, str] = field(default_factory=dict)  # text: address


def find_conditions(store: Store, exit_code: int | None, settings: Settings, why_unknown="") -> dict[str, Condition | None]:
    """By kind: what is wrong, or None where all is well. A kind of which nothing is known is left out."""
    found = {}
    if store.serving and store.serving.is_open is not None:
        found["breaker"] = open_breaker(store.serving, settings) if store.serving.is_open else None
    if store.build or exit_code is not None:
        found["build"] = failed_build(store, exit_code, settings, why_unknown)
    return found


def open_breaker(serving: Serving, settings: Settings) -> Condition:
    """A breaker that is open without a tripped check is held by a person, who needs no page."""
    tripped = serving.tripped
    severities = [check.severity for check in tripped]
    title = f"{counted(len(tripped), 'check')} tripped" if tripped else "a person holds publishing"
    lines = [line for check in tripped for line in in_words(check, settings)]
    lines += [f"A person holds publishing: {serving.hold_reason}"] if serving.hold_reason else []
    return Condition(
        kind="breaker",
        severity="page" if "page" in severities else "ticket",
        title=f"Circuit breaker open: {title}",
        lines=[*lines, served(serving), "What was built since then is not published."],
        checks=[check.name for check in tripped],
        details={"checks": [as_details(check, settings) for check in tripped], "serving": serving_details(serving)},
        links={
            f"Runbook of {check.name}": runbook(check, settings)
            for check in tripped
            if check.runbook and settings.runbook_base_url
        },
    )


def failed_build(store: Store, exit_code: int | None, settings: Settings, why_unknown: str) -> Condition | None:
    """The last build as a condition, if it failed."""
    reason = why_build_failed(store.build, exit_code, why_unknown)
    if not reason:
        return None
    causes, why = reason
    build, serving = store.build, store.serving
    return Condition(
        kind="build",
        severity=settings.build_severity,
        title="Build failed",
        lines=[why, served(serving) if serving else UNKNOWN_SERVING],
        checks=causes,
        details={
            "why": why,
            "exit_code": exit_code,
            "build_id": build.build_id if build else None,
            "serving": serving_details(serving) if serving else None,
        },
    )


def why_build_failed(build: Build | None, exit_code: int | None, why_unknown: str) -> tuple[list[str], str] | None:
    """(causes, in words). dbt's exit code tells of builds that could not write the log: before they began, or killed.

    A build without an end is no longer running, for the store could be opened.
    """
    if build and build.outcome is None:
        return ["killed"], f"It began at {moment(build.started_at)} and was killed or crashed: it never wrote its end."
    if build and build.outcome == "failed":
        nodes = f"{counted(build.failed_nodes, 'node')} failed" if build.failed_nodes else "It failed"
        message = build.message or "the build log holds no message"
        return message.split(", "), f"It began at {moment(build.started_at)}. {nodes}: {message}"
    if exit_code and not (build and build.outcome == "tripped"):
        why = f"dbt ended with exit code {exit_code}, and the build log does not say why. {why_unknown}"
        return [f"exit code {exit_code}"], why.strip()
    return None


def recovered(kind: str, store: Store, opened_at: datetime) -> tuple[str, list[str]]:
    """Title and lines of the news that it is over."""
    title = "Circuit breaker closed again" if kind == "breaker" else "Builds succeed again"
    serving = served(store.serving) if store.serving else UNKNOWN_SERVING
    return title, [f"The trouble was first seen at {moment(opened_at)}.", serving]


def in_words(check: Check, settings: Settings) -> list[str]:
    """A check in up to three lines: the numbers, the reason, the runbook."""
    numbers = f"observed {number(check.observed)}, threshold {number(check.threshold)}"
    usual = "" if check.baseline is None else f", usual {number(check.baseline)}"
    lines = [f"{check.name} ({check.severity}): {numbers}{usual}"]
    lines += [f"  {check.reason}"] if check.reason else []
    lines += [f"  Runbook: {runbook(check, settings)}"] if check.runbook else []
    return lines


def as_details(check: Check, settings: Settings) -> dict:
    return {
        "check": check.name,
        "severity": check.severity,
        "observed": check.observed,
        "threshold": check.threshold,
        "baseline": check.baseline,
        "reason": check.reason,
        "runbook": runbook(check, settings),
    }


def serving_details(serving: Serving) -> dict:
    return {
        "version": serving.version_id,
        "as_of": serving.as_of and serving.as_of.isoformat(),
        "staleness_hours": serving.staleness_hours,
    }


def served(serving: Serving) -> str:
    if not serving.version_id:
        return "Consumers are served nothing: no version has been published yet."
    stale = "" if serving.staleness_hours is None else f", {number(serving.staleness_hours)} hours old"
    as_of = f" as of {moment(serving.as_of)}" if serving.as_of else ""
    return f"Consumers are served version {serving.version_id}{as_of}{stale}."


def runbook(check: Check, settings: Settings) -> str | None:
    if not check.runbook or not settings.runbook_base_url:
        return check.runbook
    return f"{settings.runbook_base_url}/{check.runbook.lstrip('/')}"


def worse(one: str, other: str) -> str:
    return max(one, other, key=SEVERITIES.index)


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: float | None) -> str:
    """Two decimals at most, or three digits of what is less than one: 86,400 and 0.0125 both read well."""
    if value is None:
        return "unknown"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 1 else f"{value:.3g}"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
