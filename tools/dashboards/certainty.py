"""Panels of what qualifies credit: sessions that were lost, experiments, and where the store has intervals."""

from html import escape

import altair as alt

from tools.dashboards.page import ACCENT, SOFT, by_day, chart, day, empty, number, panel, share, spoken, table
from tools.dashboards.store import one, rows


def lost_sessions(connection):
    """The share of the usual sessions that did not arrive, with its interval: a chart per platform."""
    title, source = "Sessions lost on the way", "silver.tracking_loss_daily"
    found = rows(connection, """
        select date, platform, loss_rate, loss_rate_low, loss_rate_high
        from silver.tracking_loss_daily order by platform, date
    """)
    if not found:
        return panel(title, empty("No platform has reported clicks yet."), source=source, wide=True)
    by_platform = {}
    for row in found:
        by_platform.setdefault(row["platform"], []).append(row)
    sure = [
        f"{escape(spoken(platform))} on <b>{sum(row['loss_rate_low'] > 0 for row in days)}</b> of {len(days)} days"
        for platform, days in by_platform.items()
    ]
    says = (
        "Of the sessions that a platform's clicks usually become, the share that did not arrive; the band is the store's "
        f"95% interval. What is lost earns no credit. Surely lost, the whole band above zero: {', '.join(sure)}."
    )
    charts = "".join(
        f"<div><h3>{escape(spoken(platform))}</h3>{lost_chart(platform, days)}</div>" for platform, days in by_platform.items()
    )
    return panel(title, f'<div class="multiples">{charts}</div>', says, source, wide=True)


def lost_chart(platform, days):
    measured = {"loss": "loss_rate", "low": "loss_rate_low", "high": "loss_rate_high"}
    values = [
        {"date": day(row["date"]), "day": day(row["date"])} | {name: row[column] for name, column in measured.items()}
        for row in days
    ]
    told = [alt.Tooltip("day:N", title="date"), *(alt.Tooltip(f"{name}:Q", format=".1%") for name in measured)]
    base = alt.Chart(alt.InlineData(values=values)).encode(x=by_day("date"))
    band = base.mark_area(color=ACCENT, opacity=0.2).encode(
        y=alt.Y("low:Q", title=None, axis=alt.Axis(format="~%", tickCount=4)), y2="high:Q", tooltip=told
    )
    line = base.mark_line(color=ACCENT, strokeWidth=1.5).encode(y="loss:Q")
    zero = base.mark_rule(color=SOFT).encode(y=alt.datum(0), x=alt.value(0), x2=alt.value("width"))
    lines = [[day(row["date"]), *(share(row[column]) for column in measured.values())] for row in reversed(days)]
    label = f"Share of {platform}'s usual sessions that did not arrive, by date, with an interval"
    return chart(alt.layer(band, zero, line).properties(height=150), label, table(["date", "lost", "low", "high"], lines))


def experiments(connection):
    """What randomised experiments say beside the credit of the same days."""
    found = rows(connection, """
        select agreements.*, results.treated_users, results.control_users
        from gold.experiment_agreements as agreements
        inner join bronze.holdout_results as results using (experiment_id, channel)
        order by agreements.started_on, experiment_id, channel
    """)
    source = "gold.experiment_agreements, bronze.holdout_results"
    if not found:
        return panel("What experiments say", empty("No experiment has ended within the record yet."), source=source)
    lines = [
        [
            escape(spoken(row["channel"])),
            f"{row['started_on']:%b %-d} – {row['ended_on']:%b %-d, %Y}".replace(" ", "&nbsp;"),
            number(row["lift_conversions"]), number(row["credited_conversions"]),
            f"{row['control_users']:,} of {row['treated_users'] + row['control_users']:,}",
        ]
        for row in found
    ]  # fmt: skip
    says = (
        "Purchases that an experiment says a channel caused, beside those that context-aware Markov credits it with in the "
        "same days. Experiments are the only outside judge of credit."
    )
    head = ["channel", "days", "caused", "credited", "people held out"]
    return panel("What experiments say", table(head, lines, left=2), says, source)


def intervals(connection):
    """Where the store has intervals, and where it has none."""
    error = one(connection, "select max(standard_error) as largest, count(*) as counted from gold.shapley_values")
    if not error["counted"]:
        shapley = "There are no Shapley values yet."
    elif error["largest"]:
        shapley = f"Shapley values are sampled, with standard errors of up to {error['largest']:,.2f} conversions."
    else:
        shapley = "Shapley values and Markov's removal effects are computed exactly: they have no sampling error."
    text = f"""<ul class="notes">
<li>The store has intervals for <b>sessions that were lost</b>, above.</li>
<li><b>Return and cost per conversion have no confidence intervals.</b> Credit is exact arithmetic on the
journeys that were seen; how far it is from what a channel caused, only an experiment tells.</li>
<li>The thin line on a bar spans <b>all models</b>: how much the answer depends on the model chosen. It is no confidence
interval.</li>
<li>{shapley}</li>
<li>Conversions without a touch stay <b>unattributed</b>; they are never spread over channels.</li>
</ul>"""
    return panel("How sure are these numbers?", text, source="gold.shapley_values")
