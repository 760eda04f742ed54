"""What arrives, how late and how whole; what stands in the way of publishing; and what was done about it."""

from html import escape

import altair as alt

from dashboards.levels import level_panel
from dashboards.page import (
    ACCENT, BAD, GOOD_CELL, HEAT, LINE, MUTED, RAISED, SOFT, WARN, Page, by_day, chart, day, empty, hours, moment, number, panel, runbook_link,
    share, table,
)  # fmt: skip
from dashboards.store import one, rows

NAME = "on_call"
TITLE = "On call"
TABLES = (
    "bronze.clickstream_events",
    "bronze.event_deliveries",
    "bronze.event_file_days",
    "bronze.load_audit",
    "bronze.quarantine",
    "gold.circuit_breaker",
    "gold.service_levels",
    "gold.system_health_hourly",
    "ledger.audit_log",
    "ledger.build_log",
    "ledger.interventions",
    "ledger.load_log",
    "ledger.loaded_files",
    "published.versions",
    "silver.as_of",
    "silver.outages",
    "silver.source_arrivals",
    "silver.source_hours",
)
SHOWN_DAYS = 56  # of charts by hour or by source, so that they stay legible on a phone
KINDS = {"trip": "bad", "warn": "warn", "insufficient_data": "", "pass": "good"}
SPOKEN = {"trip": "trips", "warn": "warns", "insufficient_data": "too little data", "pass": "passes"}
OUTCOMES = {
    "published": ("good", "published"),
    "tripped": ("bad", "not published: a check tripped"),
    "failed": ("bad", "failed"),
    "not_audited": ("", "a part only, not audited"),
    None: ("warn", "never ended: killed, or still running"),
}


def page(connection) -> Page:
    panels = "".join(part(connection) for part in (
        checks, levels, arrivals, loads, quarantine, deliveries, duplicates, match_rate, lag, latency, outages, health, builds, acts,
    ))  # fmt: skip
    head = f'<h1>What needs a hand</h1>\n<p class="lead">{sentence(connection)}</p>\n{figures(connection)}'
    return Page(NAME, TITLE, f'{head}<div class="panels">\n{panels}</div>', scripts=("on_call.js",))


def sentence(connection):
    """The state of things in words: what stops publishing, what burns, who is silent."""
    found = one(connection, f"""
        select
            (select count(*) from gold.circuit_breaker where status = 'trip') as trips,
            (select string_agg(sli, ', ' order by sli) from ({LEVELS}) where alert = 'page') as paging,
            (select count(*) from ({LEVELS}) where alert = 'ticket') as tickets,
            (select string_agg(source_table, ', ' order by source_table) from silver.source_arrivals
             where hours_behind > usual_gap_hours) as silent
    """)
    stopped = f"<b>{found['trips']} checks</b> stop publishing."
    stops = {0: "No check stops publishing.", 1: "<b>One check</b> stops publishing."}
    burns = f"<b>{escape(found['paging'].replace('_', ' '))}</b> should wake somebody." if found["paging"] else "No service level should wake anybody"
    burns += "" if found["paging"] else f"; {found['tickets']} deserve{'s' * (found['tickets'] == 1)} a ticket." if found["tickets"] else "."
    silent = f"Silent for longer than usual: <b>{escape(found['silent'])}</b>." if found["silent"] else "No source is silent for longer than usual."
    return f"{stops.get(found['trips'], stopped)} {burns} {silent}"


def figures(connection):
    """What somebody who was just woken up wants to know first."""
    checks = one(connection, """
        select count(*) filter (status = 'trip') as trips, count(*) filter (status = 'warn') as warnings, count(*) as all_checks
        from gold.circuit_breaker
    """)
    alarms = one(connection, f"""
        select count(*) filter (alert = 'page') as pages, count(*) filter (alert = 'ticket') as tickets, count(*) as all_levels
        from ({LEVELS})
    """)
    read = one(connection, """
        select coalesce(sum(rows_read), 0) as rows_read, coalesce(sum(rows_quarantined), 0) as quarantined,
            coalesce(sum(rows_duplicate), 0) as duplicate, count(*) filter (rows_read > 0) as tables
        from bronze.load_audit
    """)
    late = one(connection, """
        select max(hours_behind) filter (source_table = 'raw.clickstream_events') as behind from silver.source_arrivals
    """)
    outage = one(connection, """
        select count(*) filter (ended_at >= as_of - interval 28 days) as recent, max(ended_at) as last from silver.outages, silver.as_of
        where scope = 'all'
    """)
    parts = [
        figure("Checks that trip", number(checks["trips"]), f"{checks['warnings']} warn, of {checks['all_checks']}", "bad" if checks["trips"] else "good"),
        figure("Service levels that call", number(alarms["pages"] + alarms["tickets"]),
               f"{alarms['pages']} to page, {alarms['tickets']} for a ticket, of {alarms['all_levels']}", "bad" if alarms["pages"] else ""),
        figure("Rows read", number(read["rows_read"]), f"from {read['tables']} raw tables"),
        figure("Set aside", share(read["quarantined"] / read["rows_read"], 2) if read["rows_read"] else "–",
               f"{read['quarantined']:,} rows in quarantine; {read['duplicate']:,} came twice"),
        figure("Events behind", hours(late["behind"]) if late["behind"] is not None else "–", "since the last hour with events"),
        figure("Outages in 28 days", number(outage["recent"]), f"of the whole shop; the last ended {moment(outage['last'])}" if outage["last"]
               else "of the whole shop; none on record"),
    ]  # fmt: skip
    return f'<dl class="figures">{"".join(parts)}</dl>\n'


def figure(label, value, note, kind=""):
    return f'<div><dt>{label}</dt><dd class="value {kind}">{value}</dd><dd class="note">{note}</dd></div>'


def tag(kind, text):
    return f'<span class="tag {kind}">{escape(text)}</span>'


def checks(connection):
    """Every check of the breaker, the tripped first; a filter chooses among them."""
    found = rows(connection, """
        select check_name, status, reason, severity, is_overridden, runbook from gold.circuit_breaker
        order by case status when 'trip' then 1 when 'warn' then 2 when 'insufficient_data' then 3 else 4 end, severity, check_name
    """)
    lines = "".join(
        f'<tr data-status="{row["status"]}"><td class="whole">{tag(KINDS[row["status"]], SPOKEN[row["status"]])}</td>'
        f'<td class="whole"><a href="{runbook_link(row["runbook"])}">{escape(row["check_name"])}</a></td>'
        f'<td class="whole">{escape(row["reason"])}{" (overridden)" if row["is_overridden"] else ""}</td>'
        f'<td data-title="severity">{row["severity"]}</td></tr>\n'
        for row in found
    )
    counts = {status: sum(row["status"] == status for row in found) for status in SPOKEN}
    buttons = "".join(
        f'<button type="button" value="{status}" aria-pressed="false">{label} {counts.get(status, len(found))}</button>'
        for status, label in (("trip", "Trip"), ("warn", "Warn"), ("insufficient_data", "Too little data"), ("pass", "Pass"), ("", "All"))
    )
    content = f"""<div class="filters"><div class="switch" id="statuses" role="group" aria-label="Status">{buttons}</div>
<label class="search"><span class="unseen">Find a check</span><input type="search" id="find" placeholder="Find a check"></label></div>
<div class="scroll tall"><table id="check-list" class="cards"><thead><tr><th scope="col">status</th><th scope="col">check and runbook</th>
<th scope="col">what it says</th><th scope="col">severity</th></tr></thead><tbody>
{lines}</tbody></table></div>
<p class="empty" id="no-checks" hidden>No check is like this.</p>"""
    says = "One trip keeps a build from consumers. Each name leads to its runbook."
    return panel("Checks of the circuit breaker", content, says, "gold.circuit_breaker, of the last build", "checks", wide=True)


# Each indicator on the last date that could be judged, or else on the last there is.
LEVELS = """
    select * from gold.service_levels
    qualify row_number() over (partition by sli order by status = 'insufficient_data', date desc) = 1
"""


def levels(connection):
    """The ten service levels and what is left of their error budgets."""
    found = rows(connection, f"""
        select * from ({LEVELS}) order by case alert when 'page' then 1 when 'ticket' then 2 else 3 end, error_budget_share nulls last, sli
    """)
    if not found:
        return panel("Service levels", empty("No date to judge yet."), source="gold.service_levels", wide=True)
    kinds = {"met": "good", "missed": "bad", "insufficient_data": ""}
    lines = [
        [
            f'<a href="{runbook_link(row["runbook"])}">{row["sli"].replace("_", " ")}</a>', day(row["date"]),
            tag(kinds[row["status"]], row["status"].replace("_", " ")), level_value(row["value"], row["sli"]),
            f"{'≥' if row['direction'] == 'at_least' else '≤'} {level_value(row['target'], row['sli'])}",
            budget(row["error_budget_share"]), number(row["burn_rate_1d"], ".1f"), number(row["burn_rate_7d"], ".1f"),
            tag("bad" if row["alert"] == "page" else "warn", row["alert"]) if row["alert"] else "–",
        ]
        for row in found
    ]  # fmt: skip
    head = ["indicator", "judged on", "status", "value", "target", "error budget left", "burn, day", "burn, week", "calls for"]
    says = (
        f"Each on the last date that could be judged. The error budget is what may go wrong in {found[0]['budget_days']} days: "
        "100% is untouched, below 0 is overspent. A burn of 1 uses it up in exactly that time."
    )
    return panel("Service levels and error budgets", table(head, lines, left=3, cards=True), says, "gold.service_levels", "levels", wide=True)


def level_value(value, sli):
    """A share as a percentage; what is no share as it is."""
    if sli in ("model_stability", "experiment_agreement", "cost_per_attributed_conversion"):
        return number(value, ".3g")
    return share(value, 2)


def budget(left):
    """A bar of what is left, and the number; what is overspent has no bar."""
    if left is None:
        return "–"
    kind = "bad" if left <= 0 else "warn" if left < 0.25 else "good"
    return f'<span class="budget {kind}"><i style="width:{100 * max(0.0, left):.0f}%"></i></span> {f"{left:,.0%}".replace("-", "−")}'


def arrivals(connection):
    """A cell per source and day: rows by their own time, against the source's busiest day shown. A gap is a day without."""
    found = rows(connection, """
        with days as (
            select source_table, cast(hour_at as date) as date, cast(sum(row_count) as bigint) as row_count
            from silver.source_hours group by all
        ),
        wanted as (
            select sources.source_table, cast(dates.date as date) as date
            from (select distinct source_table from days) as sources
            cross join (
                select unnest(generate_series(max(date) - ?, max(date), interval 1 day)) as date from days
            ) as dates
            where dates.date >= (select min(date) from days)
        )
        select wanted.source_table, wanted.date, coalesce(days.row_count, 0) as row_count,
            coalesce(days.row_count, 0) / nullif(max(days.row_count) over (partition by wanted.source_table), 0) as part,
            coalesce(arrivals.usual_gap_hours <= 24, false) as is_daily
        from wanted
        left join days using (source_table, date)
        left join silver.source_arrivals as arrivals using (source_table)
        order by wanted.source_table, wanted.date
    """, [SHOWN_DAYS - 1])  # fmt: skip
    source = "silver.source_hours, silver.source_arrivals"
    if not found:
        return panel("What arrived, by day and source", empty("Nothing with a time arrived yet."), source=source, wide=True)
    values = [
        {"source": row["source_table"], "date": day(row["date"]), "day": day(row["date"]), "rows": row["row_count"],
         "level": min(5, 1 + int(5 * row["part"])) if row["row_count"] else -1 if row["is_daily"] else 0}
        for row in found
    ]  # fmt: skip
    names = list(dict.fromkeys(row["source_table"] for row in found))
    drawn = alt.Chart(alt.InlineData(values=values)).mark_rect(width={"band": 0.96}, height={"band": 0.9}).encode(
        x=by_day("date", band=True), y=alt.Y("source:N", title=None, axis=alt.Axis(labelExpr="split(datum.value, '.')[1]")),
        color=alt.Color("level:O", scale=alt.Scale(domain=[-1, 0, 1, 2, 3, 4, 5], range=[BAD, RAISED, *HEAT]), legend=None),
        tooltip=[alt.Tooltip("source:N"), alt.Tooltip("day:N", title="date"), alt.Tooltip("rows:Q", format=",")],
    ).properties(height=22 * len(names))  # fmt: skip
    dates = sorted({row["date"] for row in found}, reverse=True)
    counts = {(row["source_table"], row["date"]): row["row_count"] for row in found}
    lines = [[day(date), *(number(counts[name, date]) for name in names)] for date in dates]
    missing = sum(row["row_count"] == 0 and row["is_daily"] for row in found)
    says = (
        "Rows by their own time; the stronger, the nearer to the source's fullest day. "
        + (f"<b>{missing}</b> red cells are days without a row of a source that usually has some every day." if missing
           else "No source that usually has rows every day has a day without.")
    )
    return panel("What arrived, by day and source", chart(drawn, "Rows by source and day", table(["date", *names], lines)), says, source, wide=True)


def loads(connection):
    """What became of every row that was read."""
    found = rows(connection, """
        select audits.*, arrivals.hours_behind, arrivals.usual_gap_hours, arrivals.is_absent
        from bronze.load_audit as audits
        left join silver.source_arrivals as arrivals using (source_table)
        where audits.rows_read > 0 or arrivals.is_absent
        order by audits.rows_read desc, audits.source_table
    """)
    if not found:
        return panel("What became of the rows", empty("No raw table was read yet."), source="bronze.load_audit", wide=True)
    lines = [
        [
            f"<code>{row['source_table']}</code>", number(row["rows_read"]), number(row["rows_in_bronze"]),
            of_all(row["rows_quarantined"], row["rows_read"]), of_all(row["rows_duplicate"], row["rows_read"]),
            number(row["rows_superseded"]), number(row["hours_behind"], ",.0f"), number(row["usual_gap_hours"], ",.0f"),
            "absent" if row["is_absent"] else "yes" if row["is_balanced"] else tag("bad", "no"),
        ]
        for row in found
    ]  # fmt: skip
    head = ["raw table", "read", "in bronze", "quarantined", "came twice", "superseded", "hours behind", "usual gap", "adds up"]
    says = "Every row that was read is in bronze, in quarantine, a repeat, or an older version of one. “Usual gap” is the longest usual silence in hours."
    return panel("What became of the rows", table(head, lines), says, "bronze.load_audit, silver.source_arrivals", wide=True)


def of_all(count, read):
    return f"{count:,} ({count / read:.2%})" if count and read else number(count)


def quarantine(connection):
    """Why rows were set aside; never the rows."""
    found = rows(connection, """
        select source_table, reason, count(*) as row_count from bronze.quarantine
        group by all order by row_count desc, source_table, reason
    """)
    if not found:
        return panel("Why rows were set aside", empty("Nothing is in quarantine."), source="bronze.quarantine")
    lines = [[f"<code>{row['source_table']}</code><br>{escape(row['reason'])}", number(row["row_count"])] for row in found]
    total = sum(row["row_count"] for row in found)
    says = f"<b>{total:,} rows</b> for {len(found)} reasons. The rows themselves stay in the store."
    return panel("Why rows were set aside", f'<div class="short">{table(["raw table and reason", "rows"], lines)}</div>', says, "bronze.quarantine")


def deliveries(connection):
    """What the collector delivered by day of the event: used, and repeats; rows that cannot be read have no day."""
    found = rows(connection, "select date, delivery_count, event_count from bronze.event_deliveries order by date")
    files = one(connection, """
        select count(distinct source_file) as files, cast(coalesce(sum(quarantined_count), 0) as bigint) as unread,
            cast(coalesce(sum(later_count), 0) as bigint) as later
        from bronze.event_file_days
    """)
    source = "bronze.event_deliveries, bronze.event_file_days"
    if not found:
        return panel("Deliveries of events by day", empty("No event was delivered yet."), source=source)
    kinds = ["used", "repeats"]
    values = [
        {"date": day(row["date"]), "day": day(row["date"]), "kind": kind, "rows": count}
        for row in found
        for kind, count in zip(kinds, (row["event_count"], row["delivery_count"] - row["event_count"]))
    ]
    drawn = alt.Chart(alt.InlineData(values=values)).mark_bar(width={"band": 0.8}).encode(
        x=by_day("date", band=True), y=alt.Y("rows:Q", title=None, axis=alt.Axis(tickCount=4, format="~s")),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[ACCENT, WARN])), order=alt.Order("kind:N", sort="descending"),
        tooltip=[alt.Tooltip("day:N", title="date"), "kind:N", alt.Tooltip("rows:Q", format=",")],
    ).properties(height=200)  # fmt: skip
    lines = [[day(row["date"]), number(row["delivery_count"]), number(row["event_count"])] for row in reversed(found)]
    says = (
        f"{sum(row['delivery_count'] for row in found):,} deliveries in {files['files']} file{'s' * (files['files'] != 1)}; "
        f"{files['unread']:,} more could not be read and have no day"
        + (f"; {files['later']:,} lie after the store's “now”." if files["later"] else ".")
    )
    return panel("Deliveries of events by day", chart(drawn, "Delivered events by day", table(["date", "delivered", "used"], lines)), says, source)


def duplicates(connection):
    says = "<b>{value}</b> of the deliveries on {date} repeat another; at most {target} may. Missed on {missed} of {judged} days{last_missed}."
    return level_panel(connection, "duplicate_event_rate", "Duplicates", says, "No event was delivered yet.", ".2%")


def match_rate(connection):
    says = "<b>{value}</b> of the sessions on {date} belong to somebody known by more than one identifier; at least {target} should. Missed on {missed} of {judged} days{last_missed}."
    return level_panel(connection, "match_rate", "Match rate", says, "No sessions of people who allow linking yet.")


def lag(connection):
    """How late events were received, by the day they happened on (UTC)."""
    found = rows(connection, """
        select cast(occurred_at as date) as date, count(*) as events,
            count(*) filter (received_at > occurred_at + interval 1 hour) as late,
            quantile_disc(date_diff('second', occurred_at, received_at), 0.5) as middle,
            quantile_disc(date_diff('second', occurred_at, received_at), 0.99) as slow
        from bronze.clickstream_events where received_at is not null
        group by 1 order by 1
    """)
    source = "bronze.clickstream_events"
    if not found:
        return panel("Lag of events", empty("No event says when it was received."), source=source)
    values = [{"date": day(row["date"]), "day": day(row["date"]), "late": row["late"] / row["events"]} for row in found]
    drawn = alt.Chart(alt.InlineData(values=values)).mark_bar(color=ACCENT, width={"band": 0.8}).encode(
        x=by_day("date", band=True), y=alt.Y("late:Q", title=None, axis=alt.Axis(format=".1~%", tickCount=4)),
        tooltip=[alt.Tooltip("day:N", title="date"), alt.Tooltip("late:Q", title="later than an hour", format=".2%")],
    ).properties(height=200)  # fmt: skip
    last = found[-1]
    late, events = sum(row["late"] for row in found), sum(row["events"] for row in found)
    says = (
        f"Share of events received more than an hour after they happened: <b>{share(late / events, 2)}</b> in all, "
        f"{share(last['late'] / last['events'], 2)} on {day(last['date'])}. The middle event took {seconds(last['middle'])}."
    )
    lines = [[day(row["date"]), number(row["events"]), share(row["late"] / row["events"], 2), seconds(row["middle"]), seconds(row["slow"])]
             for row in reversed(found)]  # fmt: skip
    behind = table(["date", "events", "later than an hour", "median", "99 % within"], lines)
    return panel("Lag of events", chart(drawn, "Share of events received more than an hour late, by day", behind), says, source)


def seconds(value):
    """A duration in the unit that people would use."""
    return f"{value} s" if value < 120 else f"{value / 60:,.0f} min" if value < 7200 else f"{value / 3600:,.1f} h"


def latency(connection):
    says = "<b>{value}</b> of the conversions on {date} had received all they rest on within a day; {target} should. Missed on {missed} of {judged} days{last_missed}."
    return level_panel(connection, "attribution_latency", "Latency of attribution", says, "No conversion with a touch could be judged yet.")


def outages(connection):
    """Outages as bars in time, the whole shop first."""
    found = rows(connection, "select * from silver.outages order by started_at, scope, conversion_type")
    source = "silver.outages"
    if not found:
        return panel("Outages", empty("No outage was found, in the whole shop or in a source."), source=source, wide=True)
    kinds = ["detected", "known", "planned", "no alarm"]
    values = [
        {
            "scope": "whole shop" if row["scope"] == "all" else row["scope"], "start": f"{row['started_at']:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{row['ended_at']:%Y-%m-%dT%H:%M:%SZ}", "kind": kind_of(row), "from": moment(row["started_at"]),
            "until": moment(row["ended_at"]), "step": row["step"], "missing": number(row["missing_sessions"]),
        }
        for row in found
    ]  # fmt: skip
    scopes = list(dict.fromkeys(sorted((value["scope"] for value in values), key=lambda scope: (scope != "whole shop", scope))))
    drawn = alt.Chart(alt.InlineData(values=values)).mark_bar(height=16, cornerRadius=1, minBandSize=3).encode(
        x=alt.X("start:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%b %-d", grid=True, labelOverlap=True)), x2="end:T",
        y=alt.Y("scope:N", title=None, sort=scopes),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[BAD, WARN, SOFT, MUTED])),
        tooltip=["scope:N", "step:N", "from:N", "until:N", "kind:N", alt.Tooltip("missing:N", title="missing sessions")],
    ).properties(height=30 * len(scopes))  # fmt: skip
    lines = [
        [
            "whole shop" if row["scope"] == "all" else escape(row["scope"]), row["conversion_type"].replace("_", " "),
            row["step"].replace("_", " "), moment(row["started_at"]), moment(row["ended_at"]), kind_of(row),
            number((row["detected_at"] - row["started_at"]).total_seconds() / 3600, ",.0f") if row["detected_at"] else "–",
            number(row["missing_sessions"]),
        ]
        for row in reversed(found)
    ]  # fmt: skip
    head = ["scope", "towards", "step", "from", "until", "kind", "hours to detect", "missing"]
    last = max(found, key=lambda row: row["ended_at"])
    says = (
        f"<b>{sum(row['scope'] == 'all' for row in found)}</b> of the whole shop, {sum(row['scope'] != 'all' for row in found)} of single sources. "
        f"The last ended {moment(last['ended_at'])}, at the step {last['step'].replace('_', ' ')}."
    )
    return panel("Outages", chart(drawn, "Outages in time", table(head, lines, left=6)), says, source, wide=True)


def kind_of(outage):
    if outage["is_planned"]:
        return "planned"
    if outage["is_known_incident"]:
        return "known"
    return "detected" if outage["is_alarm"] else "no alarm"


def health(connection):
    """The shop's health by day and hour: what passed of what should have."""
    found = rows(connection, """
        select cast(hour_at as date) as date, extract(hour from hour_at) as hour, system_health_score as score, system_health_tag as tag
        from gold.system_health_hourly
        where scope = 'all' and hour_at >= (select cast(max(hour_at) as date) - ? from gold.system_health_hourly)
        order by hour_at
    """, [SHOWN_DAYS - 1])  # fmt: skip
    source = "gold.system_health_hourly"
    if not found:
        return panel("The shop's health by hour", empty("No hour to judge yet."), source=source, wide=True)
    kinds = ["healthy", "outage", "too little to tell"]
    words = {"NORMAL": "healthy", "POTENTIAL_OUTAGE": "outage", "INSUFFICIENT_HISTORY": "too little to tell"}
    values = [
        {"date": day(row["date"]), "day": day(row["date"]), "hour": row["hour"], "kind": words[row["tag"]], "score": share(row["score"], 0)}
        for row in found
    ]
    drawn = alt.Chart(alt.InlineData(values=values)).mark_rect(width={"band": 0.94}, height={"band": 0.92}).encode(
        x=by_day("date", band=True), y=alt.Y("hour:O", title=None, axis=alt.Axis(values=[0, 6, 12, 18], labelExpr="datum.value + ':00'")),
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
    return panel("The shop's health by hour", chart(drawn, "Health of the shop by day and hour", table(head, lines)), says, source, wide=True)


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
        select recorded_at, kind, coalesce(check_name, version_id) as about, reason, valid_until from ledger.interventions
        order by recorded_at desc limit 20
    """)
    if not found:
        return panel("Holds and interventions", empty("Nobody held, released, rolled back or overrode anything."), source="ledger.interventions", wide=True)
    lines = [
        [moment(row["recorded_at"]), row["kind"], escape(row["about"] or "–"), escape(row["reason"]), moment(row["valid_until"])]
        for row in found
    ]
    says = "Who did it is in the table, and not on this page."
    return panel("Holds and interventions", table(["when", "what", "which", "why", "until"], lines, left=5, cards=True), says, "ledger.interventions", wide=True)
