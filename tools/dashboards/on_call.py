"""What arrives, how late and how whole; what stands in the way of publishing; and what was done about it."""

from html import escape

from tools.dashboards import arrivals, incidents
from tools.dashboards.levels import level_panel
from tools.dashboards.page import Page, day, empty, hours, moment, number, panel, runbook_link, share, table, tag
from tools.dashboards.store import one, rows

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
KINDS = {"trip": "bad", "warn": "warn", "insufficient_data": "", "pass": "good"}
SPOKEN = {"trip": "trips", "warn": "warns", "insufficient_data": "too little data", "pass": "passes"}


def page(connection) -> Page:
    panels = "".join(part(connection) for part in (
        checks, levels, arrivals.by_source, arrivals.loads, arrivals.quarantine, arrivals.deliveries, duplicates, match_rate,
        arrivals.lag, latency, incidents.outages, incidents.health, incidents.builds, incidents.acts,
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
    if found["paging"]:
        burns = f"<b>{escape(found['paging'].replace('_', ' '))}</b> should wake somebody."
    else:
        tickets = f"; {found['tickets']} deserve{'s' * (found['tickets'] == 1)} a ticket" if found["tickets"] else ""
        burns = f"No service level should wake anybody{tickets}."
    silent = f"<b>{escape(found['silent'])}</b> is" if found["silent"] else "No source is"
    return f"{stops.get(found['trips'], stopped)} {burns} {silent} silent for longer than usual."


def figures(connection):
    """What somebody who was just woken up wants to know first."""
    checks = one(connection, """
        select count(*) filter (status = 'trip') as trips, count(*) filter (status = 'warn') as warnings,
            count(*) as all_checks
        from gold.circuit_breaker
    """)
    alarms = one(connection, f"""
        select count(*) filter (alert = 'page') as pages, count(*) filter (alert = 'ticket') as tickets,
            count(*) as all_levels
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
        select count(*) filter (ended_at >= as_of - interval 28 days) as recent, max(ended_at) as last
        from silver.outages cross join silver.as_of where scope = 'all'
    """)
    set_aside = share(read["quarantined"] / read["rows_read"], 2) if read["rows_read"] else "–"
    behind = hours(late["behind"]) if late["behind"] is not None else "–"
    last = f"the last ended {moment(outage['last'])}" if outage["last"] else "none on record"
    parts = [
        figure("Checks that trip", number(checks["trips"]), f"{checks['warnings']} warn, of {checks['all_checks']}",
               "bad" if checks["trips"] else "good"),
        figure("Service levels that call", number(alarms["pages"] + alarms["tickets"]),
               f"{alarms['pages']} to page, {alarms['tickets']} for a ticket, of {alarms['all_levels']}",
               "bad" if alarms["pages"] else ""),
        figure("Rows read", number(read["rows_read"]), f"from {read['tables']} raw tables"),
        figure("Set aside", set_aside, f"{read['quarantined']:,} rows in quarantine; {read['duplicate']:,} came twice"),
        figure("Events behind", behind, "since the last hour with events"),
        figure("Outages in 28 days", number(outage["recent"]), f"of the whole shop; {last}"),
    ]  # fmt: skip
    return f'<dl class="figures">{"".join(parts)}</dl>\n'


def figure(label, value, note, kind=""):
    return f'<div><dt>{label}</dt><dd class="value {kind}">{value}</dd><dd class="note">{note}</dd></div>'


def checks(connection):
    """Every check of the breaker, the tripped first; a filter chooses among them."""
    found = rows(connection, """
        select check_name, status, reason, severity, is_overridden, runbook from gold.circuit_breaker
        order by case status when 'trip' then 1 when 'warn' then 2 when 'insufficient_data' then 3 else 4 end,
            severity, check_name
    """)
    lines = "".join(
        f'<tr data-status="{row["status"]}"><td class="whole">{tag(KINDS[row["status"]], SPOKEN[row["status"]])}</td>'
        f'<td class="whole"><a href="{runbook_link(row["runbook"])}">{escape(row["check_name"])}</a></td>'
        f'<td class="whole">{escape(row["reason"])}{" (overridden)" if row["is_overridden"] else ""}</td>'
        f'<td data-title="severity">{row["severity"]}</td></tr>\n'
        for row in found
    )
    counts = {status: sum(row["status"] == status for row in found) for status in SPOKEN}
    offered = (("trip", "Trip"), ("warn", "Warn"), ("insufficient_data", "Too little data"), ("pass", "Pass"), ("", "All"))
    buttons = "".join(
        f'<button type="button" value="{status}" aria-pressed="false">{label} {counts.get(status, len(found))}</button>'
        for status, label in offered
    )
    titles = "".join(f'<th scope="col">{title}</th>' for title in ("status", "check and runbook", "what it says", "severity"))
    content = f"""<div class="filters">
<div class="switch" id="statuses" role="group" aria-label="Status">{buttons}</div>
<input type="search" id="find" placeholder="Find a check" aria-label="Find a check">
</div>
<div class="scroll tall"><table id="check-list" class="cards"><thead><tr>{titles}</tr></thead><tbody>
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
        select * from ({LEVELS})
        order by case alert when 'page' then 1 when 'ticket' then 2 else 3 end, error_budget_share nulls last, sli
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
        "Each on the last date that could be judged. The error budget is what may go wrong in "
        f"{found[0]['budget_days']} days: 100% is untouched, below 0 is overspent. A burn of 1 uses it up in exactly that time."
    )
    content = table(head, lines, left=3, cards=True)
    return panel("Service levels and error budgets", content, says, "gold.service_levels", "levels", wide=True)


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
    words = f"{left:,.0%}".replace("-", "−")
    return f'<span class="budget {kind}"><i style="width:{100 * max(0.0, left):.0f}%"></i></span> {words}'


def duplicates(connection):
    says = (
        "<b>{value}</b> of the deliveries on {date} repeat another; at most {target} may. "
        "Missed on {missed} of {judged} days{last_missed}."
    )
    return level_panel(connection, "duplicate_event_rate", "Duplicates", says, "No event was delivered yet.", ".2%")


def match_rate(connection):
    says = (
        "<b>{value}</b> of the sessions on {date} belong to somebody known by more than one identifier; "
        "at least {target} should. Missed on {missed} of {judged} days{last_missed}."
    )
    return level_panel(connection, "match_rate", "Match rate", says, "No sessions of people who allow linking yet.")


def latency(connection):
    says = (
        "<b>{value}</b> of the conversions on {date} had received all they rest on within a day; {target} should. "
        "Missed on {missed} of {judged} days{last_missed}."
    )
    empty_text = "No conversion with a touch could be judged yet."
    return level_panel(connection, "attribution_latency", "Latency of attribution", says, empty_text)
