"""A service level as a panel: its value by date, its target, the dates that miss it, and the sentence above."""

import altair as alt

from tools.dashboards.page import ACCENT, BAD, SOFT, by_day, chart, day, empty, number, panel, runbook_link, table
from tools.dashboards.store import rows


def level_panel(connection, sli, title, says, empty_text, form=".1%"):
    """The panel of one indicator. `says` is HTML that may name {value}, {date}, {target}, {met}, {missed}, {judged}, {last_missed}."""
    levels = rows(connection, """
        select date, value, target, total_count, status, runbook from gold.service_levels
        where sli = ? and value is not null order by date
    """, [sli])  # fmt: skip
    if not levels:
        return panel(title, empty(empty_text), source=f"gold.service_levels ({sli})")
    judged = [row for row in levels if row["status"] != "insufficient_data"]
    missed = [row for row in judged if row["status"] == "missed"]
    last = (judged or levels)[-1]
    words = says.format(
        value=number(last["value"], form), date=day(last["date"]), target=number(last["target"], form),
        met=len(judged) - len(missed),
        missed=len(missed), judged=len(judged), last_missed=f", last on {day(missed[-1]['date'])}" if missed else "",
    )  # fmt: skip
    lines = [
        [
            day(row["date"]), number(row["value"], form), number(row["target"], form), number(row["total_count"]),
            row["status"].replace("_", " "),
        ]
        for row in reversed(levels)
    ]  # fmt: skip
    behind = table(["date", title.lower(), "target", "rests on", "status"], lines)
    source = f'gold.service_levels ({sli}) · <a href="{runbook_link(last["runbook"])}">runbook</a>'
    drawn = chart(level_chart(levels, form, title.lower()), f"{title} by date, and its target", behind)
    return panel(title, drawn, words, source)


def level_chart(levels, form, title):
    """A line by date, its target dashed, and a mark on dates that miss it."""
    values = [
        {
            "date": day(row["date"]), "value": row["value"], "target": row["target"], "status": row["status"].replace("_", " "),
            "day": day(row["date"]), "told": number(row["value"], form), "asked": number(row["target"], form),
        }
        for row in levels
    ]  # fmt: skip
    told = [alt.Tooltip("day:N", title="date"), alt.Tooltip("told:N", title=title), alt.Tooltip("asked:N", title="target")]
    base = alt.Chart(alt.InlineData(values=values)).encode(x=by_day("date"))
    axis = alt.Axis(format=".3~%" if form.endswith("%") else form, tickCount=4)
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(zero=False))
    line = base.mark_line(color=ACCENT, strokeWidth=1.75).encode(y=y)
    target = base.mark_line(color=SOFT, strokeDash=[4, 4], strokeWidth=1.25).encode(y="target:Q")
    missed = base.mark_circle(color=BAD, size=55).encode(
        y=y, opacity=alt.condition("datum.status == 'missed'", alt.value(1), alt.value(0))
    )
    hover = base.mark_circle(size=160, opacity=0).encode(y=y, tooltip=[*told, "status:N"])
    return alt.layer(target, line, missed, hover).properties(height=200)
