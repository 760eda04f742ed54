"""What marketing earned, by which channel, under which model; and whether the numbers can be trusted."""

import altair as alt

from dashboards.page import ACCENT, SOFT, Page, chart, day, empty, panel, share, table
from dashboards.store import rows

NAME = "executive"
TITLE = "Executive"
TABLES = ("gold.service_levels",)


def page(connection) -> Page:
    return Page(NAME, TITLE, f'<h1>What marketing earned</h1>\n<div class="panels">{match_rate(connection)}</div>')


def match_rate(connection):
    """The share of sessions of somebody known by more than one identifier, by date."""
    levels = rows(connection, """
        select date, value, target, total_count from gold.service_levels
        where sli = 'match_rate' and value is not null order by date
    """)
    says = "Share of sessions that belong to somebody known by more than one identifier."
    if not levels:
        return panel("Match rate", empty("No sessions yet."), says, "gold.service_levels")
    values = [{"date": day(row["date"]), "value": row["value"], "target": row["target"]} for row in levels]
    base = alt.Chart(alt.InlineData(values=values)).encode(x=alt.X("date:T", title=None))
    line = base.mark_line(color=ACCENT).encode(
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format="%", tickCount=4), scale=alt.Scale(zero=False))
    )
    target = base.mark_line(color=SOFT, strokeDash=[4, 4]).encode(y="target:Q")
    lines = [[day(row["date"]), share(row["value"]), share(row["target"]), f"{row['total_count']:,}"] for row in reversed(levels)]
    drawn = chart((line + target).properties(height=220), "Match rate by date", table(["date", "match rate", "target", "sessions"], lines))
    return panel("Match rate", drawn, says, "gold.service_levels")
