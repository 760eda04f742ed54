"""Panels of what arrived: by source and day, what became of the rows, why some were set aside, and how late events are."""

from html import escape

import altair as alt

from tools.dashboards.page import (
    ACCENT, BAD, HEAT, RAISED, SHOWN_DAYS, WARN, by_day, chart, day, empty, number, panel, share, table, tag,
)  # fmt: skip
from tools.dashboards.store import one, rows


def by_source(connection):
    """A cell per source and day: rows by their own time, against the source's busiest day shown."""
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
    title, source = "What arrived, by day and source", "silver.source_hours, silver.source_arrivals"
    if not found:
        return panel(title, empty("Nothing with a time arrived yet."), source=source, wide=True)
    values = [
        {"source": row["source_table"], "date": day(row["date"]), "day": day(row["date"]), "rows": row["row_count"],
         "level": min(5, 1 + int(5 * row["part"])) if row["row_count"] else -1 if row["is_daily"] else 0}
        for row in found
    ]  # fmt: skip
    names = list(dict.fromkeys(row["source_table"] for row in found))
    drawn = alt.Chart(alt.InlineData(values=values)).mark_rect(width={"band": 0.96}, height={"band": 0.9}).encode(
        x=by_day("date", band=True),
        y=alt.Y("source:N", title=None, axis=alt.Axis(labelExpr="split(datum.value, '.')[1]")),
        color=alt.Color("level:O", scale=alt.Scale(domain=list(range(-1, 6)), range=[BAD, RAISED, *HEAT]), legend=None),
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
    content = chart(drawn, "Rows by source and day", table(["date", *names], lines))
    return panel(title, content, says, source, wide=True)


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
    says = (
        "Every row that was read is in bronze, in quarantine, a repeat, or an older version of one. "
        "“Usual gap” is the longest usual silence in hours."
    )
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
    content = f'<div class="short">{table(["raw table and reason", "rows"], lines)}</div>'
    return panel("Why rows were set aside", content, says, "bronze.quarantine")


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
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[ACCENT, WARN])),
        order=alt.Order("kind:N", sort="descending"),
        tooltip=[alt.Tooltip("day:N", title="date"), "kind:N", alt.Tooltip("rows:Q", format=",")],
    ).properties(height=200)  # fmt: skip
    lines = [[day(row["date"]), number(row["delivery_count"]), number(row["event_count"])] for row in reversed(found)]
    says = (
        f"{sum(row['delivery_count'] for row in found):,} deliveries in {files['files']} file{'s' * (files['files'] != 1)}; "
        f"{files['unread']:,} more could not be read and have no day"
        + (f"; {files['later']:,} lie after the store's “now”." if files["later"] else ".")
    )
    content = chart(drawn, "Delivered events by day", table(["date", "delivered", "used"], lines))
    return panel("Deliveries of events by day", content, says, source)


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
    lines = [
        [
            day(row["date"]), number(row["events"]), share(row["late"] / row["events"], 2), seconds(row["middle"]),
            seconds(row["slow"]),
        ]
        for row in reversed(found)
    ]  # fmt: skip
    behind = table(["date", "events", "later than an hour", "median", "99 % within"], lines)
    return panel("Lag of events", chart(drawn, "Share of events received more than an hour late, by day", behind), says, source)


def seconds(value):
    """A duration in the unit that people would use."""
    return f"{value} s" if value < 120 else f"{value / 60:,.0f} min" if value < 7200 else f"{value / 3600:,.1f} h"
