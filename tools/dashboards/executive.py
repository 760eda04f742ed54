"""What marketing earned, by which channel, under which model; and whether the numbers can be trusted."""

from html import escape

import altair as alt

from tools.dashboards import certainty, credit
from tools.dashboards.levels import level_panel
from tools.dashboards.page import (
    ACCENT, BAD, INK, LINE, MUTED, SERIES, SOFT, Page, by_day, chart, empty, panel, share, spoken, table,
)  # fmt: skip
from tools.dashboards.store import rows, status

NAME = "executive"
TITLE = "Executive"
TABLES = (
    "bronze.holdout_results",
    "gold.attribution_credits",
    "gold.campaign_daily_features",
    "gold.channel_credits",
    "gold.credit_canary",
    "gold.experiment_agreements",
    "gold.journeys",
    "gold.service_levels",
    "gold.shapley_values",
    "published.channel_credits",
    "published.channel_credits_versions",
    "published.versions",
    "silver.calendar",
    "silver.conversions",
    "silver.outages",
    "silver.promo_days",
    "silver.tracking_loss_daily",
)

# First the models that are asked for most; others that the store has follow in order of their names.
MODELS = ("markov", "shapley", "last_touch", "first_touch", "last_non_direct", "linear", "position_based", "time_decay")
TYPES = ("purchase",)
NOTHING_YET = "No conversion was credited yet. The panels fill with the first build that finds conversions in the raw tables."


def page(connection) -> Page:
    now = status(connection)
    data = collected(connection, now)
    panels = "".join([
        asked() if data["channels"] else panel("Credit", empty(NOTHING_YET), wide=True),
        certainty.lost_sessions(connection),
        certainty.experiments(connection),
        certainty.intervals(connection),
        match_rate(connection),
        stability(connection),
        moves(connection, now),
    ])
    head = '<h1>What marketing earned</h1>\n'
    if data["channels"]:
        head += f'<p class="lead" id="sentence" aria-live="polite"></p>\n{selectors(data)}{figures()}'
    return Page(NAME, TITLE, f'{head}<div class="panels">\n{panels}</div>', data, ("executive.js",))


def collected(connection, now):
    """What the selectors choose from."""
    is_published = now["serving_version_id"] is not None
    served = "published.channel_credits" if is_published else "gold.channel_credits"
    credit.prepare(connection, served)
    found = credit.channels(connection)
    known = rows(connection, f"select distinct conversion_type, attribution_model from {served}")
    return {
        "currency": now["currency"],
        "types": ordered({row["conversion_type"] for row in known}, TYPES),
        "models": ordered({row["attribution_model"] for row in known}, MODELS),
        "periods": credit.periods(connection),
        "fields": credit.FIELDS,
        "channels": found,
        "totals": credit.totals(connection),
        "before": credit.before(connection),
        "daily": credit.daily(connection),
        "marked": marked_days(connection),
        "sources": sources(now, served),
    }


def ordered(names, first):
    return [name for name in first if name in names] + sorted(names - set(first))


def sources(now, served):
    """Which tables the numbers are from: of the whole record, and of a period."""
    if now["serving_version_id"]:
        whole = f"{served}, version {now['serving_version_id']}: what consumers read"
    else:
        whole = f"{served} of the last build: nothing was published yet"
    held = ", which was not published" if now["is_open"] else ""
    return {"all": whole, "period": f"gold.attribution_credits by day of the conversion, of the last build{held}"}


def marked_days(connection):
    """Days that explain a jump: major promotions, and outages of the whole shop."""
    return {
        "promotions": dates(connection, "select date from silver.promo_days where is_major_promo order by date"),
        "outages": dates(connection, """
            select distinct calendar.date from silver.calendar as calendar
            inner join silver.outages as outages
                on calendar.date between cast(started_at as date) and cast(ended_at as date)
            where outages.scope = 'all' order by 1
        """),
    }  # fmt: skip


def dates(connection, query):
    return [row["date"] for row in rows(connection, query)]


def selectors(data):
    """What the reader may choose. The choice is kept in the address, so that a view can be linked."""
    names = {"last_7": "Last 7 days", "last_28": "Last 28 days", "last_90": "Last 90 days"}
    spans = [("all", "Whole record")]
    spans += [(row["period"], names.get(row["period"]) or f"{row['from_date']:%B %Y}") for row in data["periods"]]
    return f"""<form class="controls" id="controls" aria-label="What to show">
{choice("type", "Conversion", [(name, spoken(name)) for name in data["types"]])}
{choice("period", "Period", spans)}
{choice("model", "Attribution model", [(name, spoken(name)) for name in data["models"]])}
<fieldset class="whole"><legend>Credit</legend><div class="switch" id="policy">
<button type="button" value="naive" aria-pressed="true">Naive</button>
<button type="button" value="context_aware" aria-pressed="false">Context-aware</button>
</div></fieldset>
</form>
"""


def choice(name, label, options):
    listed = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
    return f'<label>{label}<select id="{name}" name="{name}">{listed}</select></label>'


def figures():
    """The numbers on top; the script fills them."""
    wanted = [
        ("conversions", "Attributed conversions"), ("revenue", "Attributed revenue"), ("spend", "Advertising spend"),
        ("roas", "Return on ad spend"), ("cost", "Cost per conversion"),
    ]  # fmt: skip
    parts = "".join(
        f'<div><dt>{label}</dt><dd class="value" data-figure="{name}">–</dd>'
        f'<dd class="note" data-note="{name}"></dd></div>'
        for name, label in wanted
    )
    return f'<dl class="figures">{parts}</dl>\n'


def asked():
    """The panels that follow the selectors."""
    credit_source = '<span data-source="credit"></span>'
    return "".join([
        panel(
            "Conversions by day",
            chart(daily_chart(), "Conversions by day, with and without a marketing touch", filled("daily"), "daily"),
            '<span data-says="daily"></span>', "gold.journeys, silver.promo_days, silver.outages, of the last build",
            wide=True,
        ),
        panel(
            "Who earned the conversions: the models side by side",
            chart(share_chart(), "Share of conversions by channel under each model", filled("shares"), "shares"),
            '<span data-says="shares"></span>', credit_source, wide=True,
        ),
        panel(
            "Return on ad spend by channel",
            chart(bar_chart(".2f"), "Return on advertising spend by channel", filled("roas"), "roas"),
            '<span data-says="roas"></span>', credit_source,
        ),
        panel(
            "Cost per conversion by channel",
            chart(bar_chart(",.2f"), "Cost per credited conversion by channel", filled("cost"), "cost"),
            '<span data-says="cost"></span>', credit_source,
        ),
        panel(
            "Naive against context-aware",
            chart(moved_chart(), "Points of share that context moves, by channel", filled("moved"), "moved"),
            '<span data-says="moved"></span>', credit_source, wide=True,
        ),
    ])  # fmt: skip


def filled(name):
    """A table that the script fills."""
    return f'<div class="scroll"><table data-table="{name}"></table></div>'


def daily_chart():
    base = alt.Chart(alt.NamedData("rows")).encode(x=by_day("date", band=True))
    is_first = "datum.kind == 'with a touch'"  # two rows a day: its marks are drawn once
    promotions = base.mark_bar(color=LINE, width={"band": 1}).encode(
        y=alt.value(0), y2=alt.value("height"),
        opacity=alt.condition(f"{is_first} && datum.is_promotion", alt.value(0.75), alt.value(0)),
    )
    kinds = ["with a touch", "without a touch"]
    bars = base.mark_bar(width={"band": 0.75}).encode(
        y=alt.Y("count:Q", title=None, axis=alt.Axis(tickCount=4)),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[ACCENT, MUTED])),
        opacity=alt.condition("datum.is_chosen", alt.value(1), alt.value(0.3)),
        order=alt.Order("kind:N", sort="ascending"),
        tooltip=[alt.Tooltip("day:N", title="date"), "kind:N", alt.Tooltip("count:Q", title="conversions")],
    )
    outages = base.mark_point(shape="triangle-down", color=BAD, filled=True, size=50).encode(
        y=alt.value(4), opacity=alt.condition(f"{is_first} && datum.is_outage", alt.value(1), alt.value(0))
    )
    return alt.layer(promotions, bars, outages).properties(height=220)


def share_chart():
    """A dot per model and channel; the chosen model's stands out, and a line spans what the models say."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("channel:N", sort=None, title=None),
        x=alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=5, grid=True)),
        tooltip=[alt.Tooltip("channel:N"), alt.Tooltip("model:N"), alt.Tooltip("share:Q", format=".1%")],
    )
    span = base.mark_rule(color=LINE, strokeWidth=3).encode(x=alt.X("min(share):Q"), x2="max(share):Q", tooltip=[])
    others = base.mark_circle(color=MUTED, size=45, opacity=0.8).transform_filter("!datum.is_chosen")
    chosen = base.mark_circle(color=ACCENT, size=150, opacity=1).transform_filter("datum.is_chosen")
    return alt.layer(span, others, chosen).properties(height=alt.Step(26))


def bar_chart(form):
    """A bar per channel, and a thin line over what the eight models say."""
    base = alt.Chart(alt.NamedData("rows")).encode(y=alt.Y("channel:N", sort=None, title=None))
    ends = {"low": "lowest model", "high": "highest model"}
    told = ["channel:N", alt.Tooltip("value:Q", format=form)]
    told += [alt.Tooltip(f"{end}:Q", title=title, format=form) for end, title in ends.items()]
    bars = base.mark_bar(color=ACCENT, height=14, cornerRadiusEnd=2).encode(
        x=alt.X("value:Q", title=None, axis=None, scale=alt.Scale(nice=False)), tooltip=told
    )
    span = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q", tooltip=told)
    ticks = [base.mark_tick(color=INK, thickness=1.5, height=9).encode(x=f"{end}:Q", tooltip=told) for end in ends]
    label = base.mark_text(align="left", dx=8).encode(x="high:Q", text=alt.Text("label:N"))
    room = base.mark_point(opacity=0).encode(x="room:Q").transform_calculate(room="datum.high * 1.25")
    return alt.layer(bars, span, *ticks, label, room).properties(height=alt.Step(34))


def moved_chart():
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("channel:N", sort=None, title=None),
        x=alt.X("points:Q", title="points of share", axis=alt.Axis(grid=True, tickCount=5, format="+.1f")),
        tooltip=[alt.Tooltip("channel:N"), alt.Tooltip("points:Q", format="+.2f")],
    )
    bars = base.mark_bar(height=14, cornerRadiusEnd=2).encode(
        color=alt.condition("datum.points < 0", alt.value(SERIES[1]), alt.value(ACCENT))
    )
    zero = alt.Chart(alt.InlineData(values=[{}])).mark_rule(color=SOFT).encode(x=alt.datum(0))
    return alt.layer(bars, zero).properties(height=alt.Step(24))


def match_rate(connection):
    says = (
        "<b>{value}</b> of the sessions on {date} belong to somebody known by more than one identifier. "
        "The target of {target} was met on {met} of {judged} days with enough sessions."
    )
    return level_panel(connection, "match_rate", "Match rate", says, "No sessions of people who allow linking yet.")


def stability(connection):
    says = (
        "How far each week's channel shares are from the week before: a divergence in bits, 0 is no change. "
        "It went beyond what chance and the target allow on <b>{missed} of {judged}</b> days{last_missed}."
    )
    return level_panel(
        connection, "model_stability", "Drift of channel shares", says,
        "It takes two whole weeks with purchases to compare them.", ".3f",
    )


def moves(connection, now):
    """Where credit moved most between the version that is read and the one before, and what a held-back build would move."""
    kept = rows(connection, """
        select version_id from published.versions
        where version_id in (select version_id from published.channel_credits_versions)
            and published_at <= (select published_at from published.versions where is_current)
        order by published_at desc, version_id desc limit 2
    """)
    if len(kept) == 2:
        parts = [moved_between(connection, *[row["version_id"] for row in kept])]
    elif now["serving_version_id"]:
        parts = [empty("Only one version with credit was published so far: moves show from the second on.")]
    else:
        parts = [empty("No version was published yet.")]
    if now["is_open"] and now["serving_version_id"]:
        parts.append(held_back(connection))
    return panel(
        "Credit that moved between published versions", "".join(parts), wide=True,
        source="published.channel_credits_versions, published.versions, gold.credit_canary",
    )  # fmt: skip


def moved_between(connection, later, earlier):
    found = rows(connection, """
        select channel, conversion_type, attribution_model, context_policy, earlier.credit_share as share_before,
            later.credit_share as share_after,
            coalesce(later.credit_share, 0) - coalesce(earlier.credit_share, 0) as moved
        from (select * from published.channel_credits_versions where version_id = ?) as later
        full outer join (select * from published.channel_credits_versions where version_id = ?) as earlier
            using (channel, conversion_type, attribution_model, context_policy)
        qualify row_number() over (
            partition by channel, conversion_type order by abs(moved) desc, attribution_model, context_policy desc
        ) = 1
        order by abs(moved) desc, channel, conversion_type limit 6
    """, [later, earlier])  # fmt: skip
    says = (
        f"From version <code>{escape(earlier)}</code> to <code>{escape(later)}</code>, which is read now: "
        "the largest moves, each channel by the model that moves it most."
    )
    return f'<p class="says">{says}</p>{moves_table(found)}'


def held_back(connection):
    found = rows(connection, """
        select channel, conversion_type, attribution_model, context_policy, champion_credit_share as share_before,
            candidate_credit_share as share_after, moved_share as moved
        from gold.credit_canary where moved_share is not null
        qualify row_number() over (
            partition by channel, conversion_type order by abs(moved_share) desc, attribution_model, context_policy desc
        ) = 1
        order by abs(moved_share) desc, channel, conversion_type limit 6
    """)
    return f'<p class="says">What the last build, which is held back, would change:</p>{moves_table(found)}'


def moves_table(found):
    if not found:
        return empty("Nothing to compare.")
    lines = [
        [
            *(escape(spoken(row[name])) for name in ("channel", "conversion_type", "attribution_model")),
            row["context_policy"].replace("_", "-"), share(row["share_before"]), share(row["share_after"]),
            f"{100 * row['moved']:+.2f}".replace("-", "−"),
        ]
        for row in found
    ]  # fmt: skip
    return table(["channel", "conversion", "model", "credit", "before", "after", "points"], lines, left=4, cards=True)
