"""What a page is made of: a frame with navigation, theme and the breaker's state; in it panels, tables and charts.

A page's module has `NAME`, `TITLE`, `TABLES` (all it reads) and `page(connection) -> Page`. Charts are Vega-Lite made
with altair, and drawn by static/page.js. Colours are names of style.css, `var(--accent)`, so that charts follow the theme.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from html import escape

import altair as alt

# Colours of style.css that a chart may use. Series 1 to 4 can be told apart by colour-blind readers.
INK, SOFT, LINE, RAISED = "var(--ink)", "var(--soft)", "var(--line)", "var(--raised)"
ACCENT, MUTED, GOOD, WARN, BAD = "var(--accent)", "var(--muted)", "var(--good)", "var(--warn)", "var(--bad)"
GOOD_CELL = "var(--good-cell)"
SHOWN_DAYS = 56  # of charts with a cell per day, so that they stay legible on a phone
HEAT = tuple(f"var(--heat-{step})" for step in range(1, 6))
SERIES = ("var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)")
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Page:
    """A page without its frame: `body` is HTML, `data` what its scripts (files of static/) find as `dashboard.data`."""

    name: str
    title: str
    body: str
    data: dict = field(default_factory=dict)
    scripts: tuple[str, ...] = ()


def file_of(name):
    """The file of a page: the executive page is the first that is seen."""
    return "index.html" if name == "executive" else f"{name}.html"


def frame(page, pages, status, root=""):
    """The whole HTML of a page. `pages` are all (name, title) of the navigation; `root` leads to the pages' folder."""
    links = "".join(
        f'<a href="{root}{file_of(name)}"{" aria-current=page" if name == page.name else ""}>{escape(title)}</a>'
        for name, title in pages
    )
    names = ("vega.js", "page.js", *page.scripts)
    scripts = "".join(f'<script src="{root}assets/{name}"></script>\n' for name in names)
    as_of = f"Data up to {moment(status['as_of'])} UTC." if status["as_of"] else "The store holds no data yet."
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(page.title)} · Attribution feature store</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}assets/style.css">
<script>
try {{ document.documentElement.dataset.theme = localStorage.getItem("theme") || "" }} catch (refused) {{ }}
</script>
</head>
<body class="{page.name}">
<header class="site">
<a class="brand" href="{root}index.html">Attribution feature store</a>
<nav aria-label="Dashboards">{links}</nav>
<button id="theme" type="button" aria-label="Switch between light and dark"></button>
</header>
<main>
{banner(status, root)}
{page.body}
</main>
<footer><p>{as_of} Times are UTC. Made from the store's own tables; the same store gives the same pages.</p></footer>
<script id="data" type="application/json">{embedded(page.data)}</script>
{scripts}</body>
</html>
"""


def banner(status, root=""):
    """The breaker in plain sight: whether it is open, what consumers read since when, and what stands in the way."""
    if status["breaker_state"] == "CLOSED":
        return f'<p class="breaker closed" role="status"><b>Breaker closed</b> <span>{served(status)}.</span></p>'
    since = f" since {moment(status['open_since'])}" if status["open_since"] else ""
    reasons = [f"Held because: {escape(status['hold_reason'])}"] if status["hold_reason"] else []
    for trip in status["trips"][:5]:
        link = runbook_link(trip["runbook"], root)
        reasons.append(f'<a href="{link}">{escape(trip["check_name"])}</a>: {escape(trip["reason"])}')
    if len(status["trips"]) > 5:
        reasons.append(f'<a href="{root}on_call.html#checks">and {len(status["trips"]) - 5} more</a>')
    listed = "".join(f"<li>{reason}</li>" for reason in reasons)
    return (
        f'<div class="breaker open" role="alert"><b>Breaker open{since}</b> '
        f"<span>{why_open(status)} {served(status)}.</span><ul>{listed}</ul></div>"
    )


def served(status):
    """What consumers read, in words."""
    if not status["serving_version_id"]:
        return "Consumers read nothing: no version was published yet"
    as_of = f"with data up to {moment(status['serving_as_of'])}" if status["serving_as_of"] else "which holds no data"
    behind = f" – {hours(status['staleness_hours'])} behind what was built last" if status["staleness_hours"] else ""
    published = moment(status["published_at"])
    return f"Consumers read version <code>{escape(status['serving_version_id'])}</code>, {as_of}, published {published}{behind}"


def why_open(status):
    if status["tripped_checks"]:
        return "The last build was not published."
    return "Publishing is held." if status["hold_reason"] else "No build was audited yet."


def runbook_link(path, root=""):
    """Where the page of a runbook is, of a path in the repository."""
    return f"{root}runbooks/{path.rsplit('/', 1)[-1].removesuffix('.md')}.html"


def embedded(value):
    """JSON that can stand within a script element, the shorter the better; dates as ISO texts."""
    text = json.dumps(value, default=plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c")


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def panel(title, content, says="", source="", name="", wide=False):
    """A titled part of a page. `says` is HTML: what the panel shows, in a sentence; `source` the tables it reads."""
    source = f'<p class="source">{source}</p>' if source else ""
    says = f'<p class="says">{says}</p>' if says else ""
    wide = " wide" if wide else ""
    identity = f' id="{name}"' if name else ""
    return f'<section class="panel{wide}"{identity}>\n<h2>{escape(title)}</h2>\n{says}{content}\n{source}</section>\n'


def chart(spec, label, table, name=""):
    """A chart, and the table behind it. `label` says what is to be seen to whoever cannot see it.

    A chart whose data are `alt.NamedData("rows")` stays empty until a script calls `dashboard.draw(name, rows)`.
    """
    drawn = spec.to_dict() if isinstance(spec, alt.TopLevelMixin) else spec
    identity = f' data-chart="{name}"' if name else ""
    return (
        f'<div class="chart"{identity} role="img" aria-label="{escape(label)}">'
        f'<script type="application/json">{embedded(drawn)}</script></div>\n{behind(table)}'
    )


def by_day(name, band=False):
    """The axis of a field with ISO dates, read as UTC so that no reader's time zone moves a day."""
    unit = {"timeUnit": "utcyearmonthdate"} if band else {}
    axis = alt.Axis(format="%b %-d", grid=False, labelOverlap=True)
    return alt.X(f"{name}:T", title=None, scale=alt.Scale(type="utc"), axis=axis, **unit)


def behind(table):
    """The table behind a chart, folded away."""
    return f'<details class="behind"><summary>As a table</summary>{table}</details>'


def table(head, lines, left=1, cards=False):
    """A table whose cells are HTML; the first `left` columns are text, the others numbers.

    It scrolls within itself; with `cards`, a phone shows each row as a card instead.
    """
    kinds = ["text" if number < left else "number" for number in range(len(head))]
    titles = "".join(f'<th scope="col" class="{kind}">{title}</th>' for kind, title in zip(kinds, head))
    body = "".join(
        "<tr>" + "".join(table_cell(*parts) for parts in zip(kinds, head, line)) + "</tr>\n" for line in lines
    )
    cards = ' class="cards"' if cards else ""
    return f'<div class="scroll"><table{cards}><thead><tr>{titles}</tr></thead><tbody>\n{body}</tbody></table></div>'


def table_cell(kind, title, cell):
    """A cell with its column's title, for cards. What is short is never broken into lines."""
    short = " short" if len(TAG.sub("", str(cell))) <= 26 else ""
    return f'<td class="{kind}{short}" data-title="{title}">{cell}</td>'


def empty(text):
    """What stands where there is nothing to show: why, and what would change it."""
    return f'<p class="empty">{text}</p>'


def tag(kind, text):
    return f'<span class="tag {kind}">{escape(text)}</span>'


def spoken(name):
    return name.replace("_", " ").capitalize()


def moment(value):
    return f"{value:%Y-%m-%d %H:%M}" if value else "–"


def day(value):
    return f"{value:%Y-%m-%d}" if value else "–"


def hours(value):
    """A duration given in hours, in the unit that people would use."""
    return f"{value / 24:,.1f} days" if value >= 48 else f"{value:,.1f} hours"


def number(value, form=",.0f"):
    return "–" if value is None else f"{value:{form}}"


def share(value, digits=1):
    return "–" if value is None else f"{value:.{digits}%}"
