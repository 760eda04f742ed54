"""Panels of what went wrong and what was done: outages, the shop's health, builds, and the acts of people."""

from html import escape

import altair as alt

from tools.dashboards.page import (
    BAD, GOOD_CELL, LINE, MUTED, SHOWN_DAYS, SOFT, WARN, by_day, chart, day, empty, moment, number, panel, share, table, tag,
)  # fmt: skip
from tools.dashboards.store import one, rows

WHOLE = "whole shop"
OUTCOMES = {
    "published": ("good", "published"),
    "tripped": ("bad", "not published: a check tripped"),
    "failed": ("bad", "failed"),
    "not_audited": ("", "a part only, not audited"),
    None: ("warn", "never ended: killed, or still running"),
}


def outages(connection):
    """Outages as bars in time, the whole shop first."""
    found = rows(connection, "select * from silver.outages order by started_at, scope, conversion_type")
    source = "silver.outages"
    if not found:
        return panel("Outages", empty("No outage was found, in the whole shop or in a source."), source=source, wide=True)
    kinds = ["detected", "known", "planned", "no alarm"]
    values = [
        {
            "scope": scope_of(row), "start": f"{row['started_at']:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{row['ended_at']:%Y-%m-%dT%H:%M:%SZ}", "kind": kind_of(row), "from": moment(row["started_at"]),
            "until": moment(row["ended_at"]), "step": row["step"], "missing": number(row["missing_sessions"]),
        }
        for row in found
    ]  # fmt: skip
    scopes = sorted({value["scope"] for value in values}, key=lambda scope: (scope != WHOLE, scope))
    drawn = alt.Chart(alt.InlineData(values=values)).mark_bar(height=16, cornerRadius=1, minBandSize=3).encode(
        x=by_day("start"), x2="end:T",
        y=alt.Y("scope:N", title=None, sort=scopes),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[BAD, WARN, SOFT, MUTED])),
        tooltip=["scope:N", "step:N", "from:N", "until:N", "kind:N", alt.Tooltip("missing:N", title="missing sessions")],
    ).properties(height=30 * len(scopes))  # fmt: skip
    lines = [
        [
            escape(scope_of(row)), escape(row["conversion_type"].replace("_", " ")),
            row["step"].replace("_", " "), moment(row["started_at"]), moment(row["ended_at"]), kind_of(row),
            number((row["detected_at"] - row["started_at"]).total_seconds() / 3600, ",.0f") if row["detected_at"] else "–",
            number(row["missing_sessions"]),
        ]
        for row in reversed(found)
    ]  # fmt: skip
    head = ["scope", "towards", "step", "from", "until", "kind", "hours to detect", "missing"]
    whole = sum(row["scope"] == "all" for row in found)
    last = max(found, key=lambda row: row["ended_at"])
    says = (
        f"<b>{whole}</b> of the whole shop, {len(found) - whole} of single sources. "
        f"The last ended {moment(last['ended_at'])}, at the step {last['step'].replace('_', ' ')}."
    )
    return panel("Outages", chart(drawn, "Outages in time", table(head, lines, left=6)), says, source, wide=True)


def scope_of(outage):
    return WHOLE if outage["scope"] == "all" else outage["scope"]


def kind_of(outage):
    if outage["is_planned"]:
        return "planned"
    if outage["is_known_incident"]:
        return "known"
    return "detected" if outage["is_alarm"] else "no alarm"


def health(connection):
    """The shop's health by day and hour: what passed of what should have."""
    found = rows(connection, """
        select cast(hour_at as date) as date, extract(hour from hour_at) as hour,
            system_health_score as score, system_health_tag as tag
        from gold.system_health_hourly
        where scope = 'all' and hour_at >= (select cast(max(hour_at) as date) - ? from gold.system_health_hourly)
        order by hour_at
    """, [SHOWN_DAYS - 1])  # fmt: skip
    title, source = "The shop's health by hour", "gold.system_health_hourly"
    if not found:
        return panel(title, empty("No hour to judge yet."), source=source, wide=True)
    kinds = ["healthy", "outage", "too little to tell"]
    words = {"NORMAL": "healthy", "POTENTIAL_OUTAGE": "outage", "INSUFFICIENT_HISTORY": "too little to tell"}
    values = [
        {
            "date": day(row["date"]), "day": day(row["date"]), "hour": row["hour"], "kind": words[row["tag"]],
            "score": share(row["score"], 0),
        }
        for row in found
    ]  # fmt: skip
    drawn = alt.Chart(alt.InlineData(values=values)).mark_rect(width={"band": 0.94}, height={"band": 0.92}).encode(
        x=by_day("date", band=True),
        y=alt.Y("hour:O", title=None, axis=alt.Axis(values=[0, 6, 12, 18], labelExpr="datum.value + ':00'")),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[GOOD_CELL, BAD, LINE])),
        tooltip=[alt.Tooltip("day:N", title="date"), "hour:O", "kind:N", alt.Tooltip("score:N", title="passed")],
    ).properties(height=220)  # fmt: skip
    by_date = {}
    for row in found:
        by_date.setdefault(row["date"], []).append(row)
    lines = [
        [day(date), *(sum(row["tag"] == name for row in of_day) for name in words),
         share(min((row["score"] for row in of_day if row["score"] is not None), default=None), 0)]
        for date, of_day in reversed(by_date.items())
    ]  # fmt: skip
    bad = sum(row["tag"] == "POTENTIAL_OUTAGE" for row in found)
    says = f"The last {len(by_date)} days, hour by hour (UTC): <b>{bad}</b> hours within an outage of the whole shop."
    head = ["date", "healthy hours", "outage", "too little to tell", "lowest score"]
    content = chart(drawn, "Health of the shop by day and hour", table(head, lines))
    return panel(title, content, says, source, wide=True)


def builds(connection):
    """The last builds, with the load and the version each made."""
    found = rows(connection, """
        select builds.started_at, builds.ended_at, builds.outcome, builds.message, loads.load_number, loads.as_of,
            versions.version_id, audits.trip_count, audits.warn_count
        from ledger.build_log as builds
        left join ledger.load_log as loads using (build_id)
        left join published.versions as versions using (build_id)
        left join ledger.audit_log as audits using (build_id)
        order by builds.started_at desc, builds.build_id limit 15
    """)
    files = one(connection, "select count(*) as files, sum(size_bytes) as size_bytes from ledger.loaded_files")
    if not found:
        return panel("The last builds", empty("No build has begun."), source="ledger.build_log", wide=True)
    lines = [
        [
            moment(row["started_at"]), tag(*OUTCOMES[row["outcome"]]),
            f"<code>{escape(row['version_id'])}</code>" if row["version_id"] else "–", escape(row["message"] or ""),
            number(row["load_number"]), moment(row["as_of"]),
            f"{number(row['trip_count'])} / {number(row['warn_count'])}", duration(row["started_at"], row["ended_at"]),
        ]
        for row in found
    ]  # fmt: skip
    head = ["began", "outcome", "version", "what failed", "load", "data up to", "trips / warnings", "took"]
    size = f"{(files['size_bytes'] or 0) / 1e6:,.1f} MB"
    says = f"A load is completed when a whole build ends. Files of events read so far: {files['files']:,} ({size})."
    source = "ledger.build_log, ledger.load_log, ledger.loaded_files, ledger.audit_log, published.versions"
    return panel("The last builds", table(head, lines, left=4, cards=True), says, source, wide=True)


def duration(start, end):
    if not end:
        return "–"
    whole = round((end - start).total_seconds())
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


def acts(connection):
    """What people did: holds, releases, rollbacks, overrides; why, but not who (that is in the table)."""
    found = rows(connection, """
        select recorded_at, kind, coalesce(check_name, version_id) as about, reason, valid_until
        from ledger.interventions order by recorded_at desc limit 20
    """)
    title, source = "Holds and interventions", "ledger.interventions"
    if not found:
        return panel(title, empty("Nobody held, released, rolled back or overrode anything."), source=source, wide=True)
    lines = [
        [moment(row["recorded_at"]), row["kind"], escape(row["about"] or "–"), escape(row["reason"]), moment(row["valid_until"])]
        for row in found
    ]
    says = "Who did it is in the table, and not on this page."
    content = table(["when", "what", "which", "why", "until"], lines, left=5, cards=True)
    return panel(title, content, says, source, wide=True)
