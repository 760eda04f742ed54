"""Pictures: altair charts as SVG text that follows the reader's light or dark page, without any script."""

import re
from collections.abc import Callable
from itertools import pairwise

import altair as alt
import pandas as pd

from tools.evaluation.measures import LOW, Measure
from tools.evaluation.scores.outages import SIDE_STEPS
from tools.evaluation.statistics import ratio, wilson

INK = "#123456"  # stands for the page's text colour; replaced in the SVG
COLOURS = ("#3987e5", "#e0792f", "#1f9e74", "#a86fd6", "#c94f5d")
STYLE = "<style>svg{color:#24292f}@media(prefers-color-scheme:dark){svg{color:#d8dee4}}</style>"
ORDER_BANDS = (0, 5, 15, 40, 100, 200, 10_000)
KIND_NAMES = {"full_gateway": "all payments fail", "partial_gateway": "60 % fail", "site_down": "site down"}
CLICK_BANDS = {0: "below 30 clicks", 30: "30–99", 100: "100–299", 300: "300 and more"}
BARS = (
    ("out of stock", "precision", "Out of stock at the touch", "precision, hours without a change"),
    ("out of stock", "recall", "Out of stock at the touch", "recall, hours without a change"),
    ("outage hours", "precision", "Outages", "precision of flagged hours"),
    ("outage hours", "recall", "Outages", "recall of hours"),
    ("discrepancy days", "precision", "Clicks against sessions", "precision of days, 300 clicks and more"),
    ("discrepancy days", "recall", "Clicks against sessions", "recall of days, 30 % lost, 300 clicks and more"),
    ("article: discrepancy", "precision", "Clicks against sessions",
     "article's rule: precision of days, 300 clicks and more"),
    ("article: discrepancy", "recall", "Clicks against sessions",
     "article's rule: recall of days, 30 % lost, 300 clicks and more"),
    ("bots and phantoms", "precision", "Sessions no customer made", "precision, joined"),
    ("bots and phantoms", "recall", "Sessions no customer made", "recall, joined"),
    ("cost anomalies", "precision", "Cost anomalies", "precision"),
    ("cost anomalies", "recall", "Cost anomalies", "recall, single campaigns"),
)  # fmt: skip


def charts(results: list[dict], found: list[Measure]) -> dict[str, str]:
    """Name and SVG of every picture that the results allow."""
    shop = [result for result in results if result["world"] == "shop"]
    made = {
        "precision_recall": precision_recall(found),
        "outage_recall": outage_recall(_scores(shop, "outages")),
        "discrepancy_recall": discrepancy_recall(_scores(shop, "discrepancy")),
        "timeline": timeline(next((result for result in shop if result["timeline"]), None)),
    }
    return {name: svg(chart) for name, chart in made.items() if chart is not None}


def _scores(results: list[dict], name: str) -> list:
    return [result["scores"][name] for result in results if result["scores"][name] is not None]


def svg(chart: alt.TopLevelMixin) -> str:
    """The chart as SVG whose text and lines take the colour of the page, or of the reader's scheme when shown alone."""
    import vl_convert  # costs a second, and only pictures need it

    spec = chart.configure(background="transparent", font="system-ui, sans-serif").configure_view(stroke=None)
    spec = spec.configure_axis(
        labelColor=INK, titleColor=INK, gridColor=INK, domainColor=INK, tickColor=INK, gridOpacity=0.15,
        domainOpacity=0.4, tickOpacity=0.4, labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
    ).configure_legend(labelColor=INK, titleColor=INK, labelFontSize=12, titleFontSize=12, orient="top",
                       titleFontWeight="normal")  # fmt: skip
    spec = spec.configure_title(color=INK, fontSize=13, anchor="start").configure_text(color=INK)
    spec = spec.configure_header(labelColor=INK, titleColor=INK)
    text = vl_convert.vegalite_to_svg(spec.to_json())
    text = re.sub(re.escape(INK), "currentColor", text, flags=re.IGNORECASE)
    return re.sub(r"(<svg[^>]*>)", rf"\1{STYLE}", text, count=1)


def _share_rows(groups: dict[tuple, tuple[int, int]], names: tuple[str, ...]) -> pd.DataFrame:
    """One row per group with its share and Wilson interval; `groups` maps the group to hits and cases."""
    return pd.DataFrame(
        [
            dict(zip(names, key, strict=True))
            | {"share": ratio(hits, cases), "low": wilson(hits, cases)[0], "high": wilson(hits, cases)[1], "n": cases}
            for key, (hits, cases) in groups.items()
            if cases
        ]
    )


def _count(groups: dict, key: tuple, hits: int, cases: int) -> None:
    before = groups.get(key, (0, 0))
    groups[key] = (before[0] + hits, before[1] + cases)


def _percent(title: str) -> alt.Y:
    return alt.Y("share:Q", title=title, scale=alt.Scale(domain=(0, 1)), axis=alt.Axis(format="%", tickCount=5))


def outage_recall(worlds: list[dict]) -> alt.Chart | None:
    """Share of outages found by the orders that would have come meanwhile."""
    groups: dict[tuple, tuple[int, int]] = {}
    labels = [f"{low}–{high - 1}" if high < 10_000 else f"{low} and more"
              for low, high in pairwise(ORDER_BANDS)]  # fmt: skip
    for world in worlds:
        for event in world["events"]:
            if event["kind"] in KIND_NAMES:
                band = sum(event["expected_orders"] >= edge for edge in ORDER_BANDS[1:])
                _count(groups, (KIND_NAMES[event["kind"]], labels[band]), int(event["is_found"]), 1)
    if not groups:
        return None
    return _lines(_share_rows(groups, ("kind", "band")), "band", labels, "orders expected during the outage", "kind",
                  list(KIND_NAMES.values()), "outages found")  # fmt: skip


def discrepancy_recall(worlds: list[dict]) -> alt.Chart | None:
    """Share of days flagged by the part of the sessions that is lost, one line per volume."""
    groups: dict[tuple, tuple[int, int]] = {}
    for world in worlds:
        for row in world["days"]:
            if row["state"] != "mixed" and row["kind"] != "surplus":
                key = (CLICK_BANDS[row["clicks"]], f"{row['share']:.0%}" if row["share"] else "none")
                _count(groups, key, row["days"] * (row["flag"] == LOW), row["days"])
    if not groups:
        return None
    bands = sorted({band for _, band in groups}, key=lambda band: float(band.rstrip("%")) if "%" in band else -1.0)
    return _lines(_share_rows(groups, ("clicks", "lost")), "lost", bands, "share of the sessions lost", "clicks",
                  list(CLICK_BANDS.values()), "campaign-days flagged")  # fmt: skip


def _lines(rows: pd.DataFrame, x: str, xs: list[str], x_title: str, colour: str, colours: list[str], y_title: str):
    base = alt.Chart(rows).encode(
        x=alt.X(f"{x}:N", scale=alt.Scale(domain=xs), title=x_title, axis=alt.Axis(labelAngle=0)),
        color=alt.Color(f"{colour}:N", sort=colours, title=None, scale=alt.Scale(domain=colours, range=list(COLOURS))),
        xOffset=alt.XOffset(f"{colour}:N", sort=colours),
    )
    bars = base.mark_rule(opacity=0.6, strokeWidth=2).encode(y=_percent(y_title), y2="high:Q").transform_calculate(
        share="datum.low")  # fmt: skip
    return (bars + base.mark_point(filled=True, size=70).encode(y=_percent(y_title))).properties(width=560, height=240)


def precision_recall(found: list[Measure]) -> alt.Chart | None:
    """Precision and recall of every detector with 95 % intervals."""
    known = {(measure.group, measure.name): measure for measure in found}
    rows = pd.DataFrame(
        [
            {"detector": detector, "what": what, "share": known[group, name].value, "low": known[group, name].low,
             "high": known[group, name].high}
            for detector, what, group, name in BARS
            if (group, name) in known and known[group, name].cases
        ]
    )  # fmt: skip
    if rows.empty:
        return None
    detectors = list(dict.fromkeys(rows["detector"]))
    base = alt.Chart(rows).encode(
        y=alt.Y("detector:N", sort=detectors, title=None),
        yOffset=alt.YOffset("what:N", sort=["precision", "recall"]),
        color=alt.Color("what:N", title=None, scale=alt.Scale(domain=["precision", "recall"], range=list(COLOURS))),
    )
    x = alt.X("share:Q", title=None, scale=alt.Scale(domain=(0, 1)), axis=alt.Axis(format="%"))
    rules = base.mark_rule(color=INK, strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q", color=alt.value(INK))
    return (base.mark_bar(opacity=0.85).encode(x=x) + rules).properties(width=560, height=alt.Step(13))


def shares(worlds: dict[str, dict[str, dict[str, float]]]) -> alt.HConcatChart | None:
    """Shares of credit beside the truth: world → account (caused, naive, context_aware) → channel → share, 0 to 1."""
    if not worlds:
        return None
    pictures = []
    for world, accounts in worlds.items():
        rows = pd.DataFrame(
            [{"channel": channel, "account": account, "share": value}
             for account, of_channel in accounts.items() for channel, value in of_channel.items()]
        )  # fmt: skip
        names, order = list(accounts), list(next(iter(accounts.values())))
        chart = alt.Chart(rows, title=world).mark_bar(opacity=0.85).encode(
            x=alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4)),
            y=alt.Y("channel:N", sort=order, title=None),
            yOffset=alt.YOffset("account:N", sort=names),
            color=alt.Color("account:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(COLOURS))),
        )  # fmt: skip
        pictures.append(chart.properties(width=260, height=alt.Step(9)))
    return alt.hconcat(*pictures).resolve_scale(y="independent", yOffset="independent")


def timeline(result: dict | None) -> alt.Chart | None:
    """One world: purchases by the hour, promotions, and planted outages above the alarms."""
    if result is None:
        return None
    picture = result["timeline"]
    hours = pd.DataFrame({"at": pd.date_range(picture["first_hour_at"], periods=len(picture["purchases"]), freq="h"),
                          "purchases": picture["purchases"]})  # fmt: skip
    spans = pd.DataFrame(
        [
            {"row": row, "start": pd.Timestamp(span["started_at"]), "end": pd.Timestamp(span["ended_at"])}
            for row, name, keep in _TRACKS
            for span in picture[name]
            if keep(span)
        ],
        columns=["row", "start", "end"],
    )
    rows = [row for row, _, _ in _TRACKS]
    days = alt.Axis(format="%d %b", grid=False)
    colours = alt.Scale(domain=rows, range=[COLOURS[1], COLOURS[4], COLOURS[0], COLOURS[4], COLOURS[0]])
    whole = alt.Scale(domain=[hours["at"].iloc[0], hours["at"].iloc[-1]])
    line = alt.Chart(hours).mark_line(strokeWidth=1, color=COLOURS[0], interpolate="step-after").encode(
        x=alt.X("at:T", title=None, axis=days), y=alt.Y("purchases:Q", title="purchases an hour"))  # fmt: skip
    # The outline keeps an outage of an hour visible among eight weeks.
    tracks = alt.Chart(spans).mark_bar(height=9, strokeWidth=1).encode(
        x=alt.X("start:T", title=None, axis=days, scale=whole),
        x2="end:T",
        y=alt.Y("row:N", title=None, scale=alt.Scale(domain=rows)),
        color=alt.Color("row:N", legend=None, scale=colours),
        stroke=alt.Stroke("row:N", legend=None, scale=colours),
    )  # fmt: skip
    pictures = (line.properties(width=820, height=170), tracks.properties(width=820, height=100))
    return alt.vconcat(*pictures).resolve_scale(x="independent", color="independent")


def _is_promotion(span: dict) -> bool:
    return "tier" in span


def _is_side(span: dict) -> bool:
    """Whether an outage or an alarm is of a form or of the sign-up."""
    text = span.get("kind") or span.get("step") or ""
    return any(word in text for words in SIDE_STEPS.values() for word in words)


def _is_shop(span: dict) -> bool:
    return not _is_side(span)


_TRACKS: tuple[tuple[str, str, Callable[[dict], bool]], ...] = (
    ("promotions", "promotions", _is_promotion),
    ("outages planted", "outages", _is_shop),
    ("outages flagged", "alarms", _is_shop),
    ("forms, sign-ups planted", "outages", _is_side),
    ("forms, sign-ups flagged", "alarms", _is_side),
)
