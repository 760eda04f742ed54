"""Outages: alarms against planted ones, by event and by hour, beside the article's daily z-score.

All moments are naive UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.evaluation.scores import Connection, rows_of

NEEDS = {
    "silver.outages": {"scope", "step", "started_at", "ended_at", "detected_at", "is_alarm"},
    "gold.system_health_hourly": {"hour_at", "scope", "system_health_tag", "suspected_step"},
    "gold.traffic_summary": {"date", "source", "z_score"},
}
SLACK = timedelta(hours=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ARTICLE_Z = -3
SIDE_STEPS = {"form_failure": ("form", "lead"), "sign_up_failure": ("sign",)}
HEALTHY_TAGS = {None, "NORMAL", "INSUFFICIENT_HISTORY", "INSUFFICIENT_DATA", "NO_DATA", "INGESTION_GAP"}


@dataclass(frozen=True)
class Span:
    """Something between two moments, the second exclusive."""

    start: datetime
    end: datetime

    def meets(self, other: "Span", slack: timedelta = timedelta()) -> bool:
        return self.start < other.end + slack and other.start < self.end + slack

    def shared(self, other: "Span") -> timedelta:
        return max(timedelta(), min(self.end, other.end) - max(self.start, other.start))


def span(row: dict) -> Span:
    return Span(row["started_at"], row["ended_at"])


def is_of(step: str | None, kind: str) -> bool:
    """Whether a step that broke can be that kind's: forms and sign-ups by name, every other step the shop's."""
    words = [word for words in SIDE_STEPS.values() for word in words]
    return any(word in (step or "") for word in SIDE_STEPS.get(kind, ())) if kind in SIDE_STEPS else not any(
        word in (step or "") for word in words)  # fmt: skip


def judge_events(planted: list[dict], alarms: list[dict]) -> list[dict]:
    """Each planted outage: was it found, after how many hours, and how much of it the alarms cover.

    An alarm that was raised before the outage began, and went on, tells no delay.
    """
    judged = []
    for outage in planted:
        mine = [alarm for alarm in alarms if is_of(alarm["step"], outage["kind"]) and span(alarm).meets(span(outage))]
        detected = min((alarm["detected_at"] for alarm in mine), default=outage["started_at"])
        delay = (detected - outage["started_at"]) / HOUR if detected > outage["started_at"] else None
        covered = sum((span(alarm).shared(span(outage)) for alarm in mine), timedelta()) / HOUR
        judged.append(
            {name: outage[name] for name in ("outage_id", "kind", "share", "is_silent", "is_known", "in_promotion")}
            | {"expected_orders": outage["expected_orders"], "started_at": outage["started_at"].isoformat()}
            | {"hours": (outage["ended_at"] - outage["started_at"]) / HOUR, "covered_hours": covered}
            | {"is_found": bool(mine), "delay_hours": delay}
        )
    return judged


def false_alarms(planted: list[dict], alarms: list[dict]) -> list[dict]:
    """Alarms that no planted outage explains, not even one two hours away."""
    return [
        {name: str(alarm[name]) for name in ("started_at", "ended_at", "step")}
        for alarm in alarms
        if not any(span(alarm).meets(span(outage), SLACK) for outage in planted)
    ]


def judge_hours(planted: list[dict], hours: list[dict]) -> dict[str, int]:
    """Hours by truth and flag. Hours less than half inside an outage, or in a gap of the collector, do not count.

    Nor do hours in which a form or the sign-up is broken and flagged as such.
    """
    counts = {"hits": 0, "misses": 0, "false": 0, "quiet": 0}
    for hour in hours:
        here = Span(hour["hour_at"], hour["hour_at"] + HOUR)
        meeting = [outage for outage in planted if span(outage).meets(here)]
        is_flagged = hour["system_health_tag"] not in HEALTHY_TAGS
        sides = [outage for outage in meeting if outage["kind"] in SIDE_STEPS]
        shop = [outage for outage in meeting if outage["kind"] not in SIDE_STEPS]
        if any(outage["kind"] == "ingestion_gap" for outage in shop):
            continue
        if any(span(outage).shared(here) >= HOUR / 2 for outage in shop):
            counts["hits" if is_flagged else "misses"] += 1
        elif not shop and not (is_flagged and any(is_of(hour["suspected_step"], side["kind"]) for side in sides)):
            counts["false" if is_flagged else "quiet"] += 1
    return counts


def judge_days(planted: list[dict], days: list[dict]) -> dict:
    """The article's rule, day × source: outages of payments on a flagged day, flagged days that nothing explains."""
    flagged = [row for row in days if row["z_score"] is not None and row["z_score"] < ARTICLE_Z]
    spans = [Span(row["date"], row["date"] + DAY) for row in flagged]
    return {
        "events": [
            {"kind": outage["kind"], "is_found": any(span(outage).meets(day) for day in spans)}
            for outage in planted
            if outage["kind"] not in SIDE_STEPS
        ],
        "false_days": sum(not any(span(outage).meets(day) for outage in planted) for day in spans),
        "source_days": len(days),
    }


def score(connection: Connection) -> dict:
    """All of it for one world. The first seven days of hours, before any detector can know the shop, do not count."""
    planted = rows_of(connection, "select * replace (started_at at time zone 'UTC' as started_at, "
                      "ended_at at time zone 'UTC' as ended_at) from truth.outages order by started_at")  # fmt: skip
    found = rows_of(connection, "select * from silver.outages where scope = 'all' order by started_at")
    hours = rows_of(
        connection,
        """select hour_at, system_health_tag, suspected_step from gold.system_health_hourly
        where scope = 'all' and hour_at >= (select min(hour_at) from gold.system_health_hourly) + interval 7 day""",
    )
    days = rows_of(connection, "select cast(date as timestamp) as date, z_score from gold.traffic_summary")
    alarms = [row for row in found if row["is_alarm"]]
    return {
        "events": judge_events(planted, found),
        "false_alarms": false_alarms(planted, alarms),
        "days": len(hours) / 24 + 7,
        "hours": judge_hours(planted, hours),
        "article": judge_days(planted, days),
    }
