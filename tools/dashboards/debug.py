"""Why a conversion has its credit: a journey touch by touch, the person behind it as a graph, features and versions."""

from html import escape

from tools.dashboards.debug_features import FEWEST, comparisons, people, version_before
from tools.dashboards.debug_journeys import choose, trace
from tools.dashboards.debug_people import People
from tools.dashboards.debug_versions import builds, differences, versions
from tools.dashboards.page import Page, empty, moment, number, panel, share, table
from tools.dashboards.store import currency, rows

NAME = "debug"
TITLE = "Debug"
TABLES = (
    "gold.attribution_credits",
    "gold.blocked_touches",
    "gold.campaign_daily_features",
    "gold.channel_credits",
    "gold.channel_weights",
    "gold.conversion_spans",
    "gold.conversion_types",
    "gold.journey_touchpoints",
    "gold.journeys",
    "gold.person_features",
    "gold.touch_windows",
    "ledger.audit_log",
    "ledger.build_log",
    "ledger.load_log",
    "published.campaign_daily_features_versions",
    "published.channel_credits_versions",
    "published.model_registry",
    "published.versions",
    "reference.attribution_models",
    "silver.campaigns",
    "silver.conversions",
    "silver.identifiers",
    "silver.identity_edges",
    "silver.identity_evidence",
    "silver.identity_map",
    "silver.outages",
    "silver.promo_periods",
    "silver.session_events",
    "silver.sessions",
    "silver.touchpoints",
)

# The first is used by all; the last begins when the others are there.
SCRIPTS = ("debug_words.js", "debug_timeline.js", "debug_credits.js", "debug_graph.js", "debug_features.js", "debug.js")

# Models in the order of the columns: what a narrow column is headed with, and how each shares a conversion out.
MODELS = {
    "first_touch": "first",
    "last_touch": "last",
    "last_non_direct": "last non-direct",
    "linear": "linear",
    "position_based": "position",
    "time_decay": "decay",
    "markov": "Markov",
    "shapley": "Shapley",
}
COMPARISONS = {"halves": "halves of the time", "versions": "versions"}
OUTCOMES = {
    "published": '<span class="tag good">published</span>',
    "tripped": '<span class="tag bad">breaker tripped</span>',
    "failed": '<span class="tag bad">failed</span>',
    "not_audited": '<span class="tag">a part only</span>',
    None: '<span class="tag warn">never ended</span>',
}
SPREADS = {
    "markov": "The channels of the path share by what removing each would cost, and each evenly among its touches",
    "shapley": "The channels of the path share by Shapley's game (set-based: alike), and each evenly among its touches",
}


def page(connection, asked=()) -> Page:
    """The page. `asked` are ids of journeys that it must hold beside its sample. Raises Refused for one that is not there."""
    kinds = choose(connection, asked)
    everybody = People(connection)
    data = {
        "currency": currency(connection) or "",
        "kinds": kinds,
        "models": models(connection),
        "weights": weights(connection),
        "journeys": trace(connection, everybody),
        "people": everybody.graphs,
        "comparisons": comparisons(connection),
        "of_people": people(connection),
    }
    body = f"""<link rel="stylesheet" href="assets/debug.css">
<h1>Why this credit?</h1>
{journey_parts(data)}
<h1 class="next">Features</h1>
{feature_parts(data)}
<h1 class="next">Versions</h1>
{version_parts(connection)}"""
    return Page(NAME, TITLE, body, data, SCRIPTS)


def models(connection):
    """The enabled models, each with its short name and its rule in words."""
    found = rows(connection, """
        select attribution_model as name, reason as says from reference.attribution_models where is_enabled
    """)
    found += [{"name": name, "says": says} for name, says in SPREADS.items()]
    order = list(MODELS)
    found.sort(key=lambda model: (order.index(model["name"]) if model["name"] in MODELS else len(order), model["name"]))
    return [{**model, "label": MODELS.get(model["name"], model["name"].replace("_", " "))} for model in found]


def weights(connection):
    """What Markov goes by: each channel's removal effect, by kind of conversion and context policy."""
    found = {}
    for row in rows(connection, """
        select conversion_type, context_policy, channel, round(removal_effect, 4) as effect from gold.channel_weights
        where attribution_model = 'markov' order by all
    """):
        by_policy = found.setdefault(row["conversion_type"], {})
        by_policy.setdefault(row["context_policy"], {})[row["channel"]] = row["effect"]
    return found


def journey_parts(data):
    """Where the script draws the chosen journey, and what chooses it."""
    if not data["journeys"]:
        return empty("No journeys yet: nobody was touched by marketing, and nobody converted.")
    kinds = data["kinds"].items()
    options = "".join(f'<option value="{escape(kind)}">{escape(label)}</option>' for kind, label in kinds)
    count = len(data["journeys"])
    return f"""<p class="lead">{count} journeys, chosen so that every kind is met;
<code>python -m tools.dashboards --journey ID</code> adds the one you ask about. The address of this page names the journey it
shows. Nobody is named: people and their identifiers have numbers.</p>
<noscript>{empty("This page draws its journeys with JavaScript.")}</noscript>
<div class="controls" role="search" aria-label="Journey">
<label class="whole">Kind
<select id="kind"><option value="">All kinds ({count} journeys)</option>{options}</select></label>
<label class="whole journey">Journey<select id="journey"></select></label>
<div class="steps"><button type="button" id="previous" aria-label="Previous journey">‹</button>
<button type="button" id="next" aria-label="Next journey">›</button></div>
<fieldset><legend>Credit</legend><div class="switch" id="policy">
<button type="button" value="naive" aria-pressed="true">naive</button
><button type="button" value="context_aware" aria-pressed="false">context-aware</button></div></fieldset>
</div>
<p id="unknown" class="empty" role="alert" hidden></p>
<div class="panels" id="trace">
{panel("The journey", '<div id="story" aria-live="polite"></div>', name="told", wide=True,
       source="gold.journeys, silver.conversions")}
{panel("What happened", '<div id="timeline"></div>', name="happened", wide=True,
       says="Each line is a session, as high as it got; <b>numbers</b> are touches.",
       source="silver.sessions, silver.session_events, silver.outages, silver.promo_periods")}
{panel("Touch by touch", '<div id="touches"></div>', name="credit", wide=True,
       source="gold.journey_touchpoints, gold.attribution_credits, gold.blocked_touches")}
{panel("Whose touches these are", '<div id="graph"></div>', name="person",
       says="Identifiers that were seen together. <b>Filled</b> ones brought touches of this journey.",
       source="silver.identity_map, silver.identity_edges, silver.identity_evidence")}
{panel("Touches that do not count", '<div id="strangers"></div>', name="others",
       source="silver.touchpoints, gold.conversion_spans, gold.touch_windows")}
</div>
"""


def feature_parts(data):
    """Where the script draws how features are spread."""
    if not data["comparisons"]:
        return empty("No features yet: no campaign had a day.")
    buttons = "\n".join(
        f'<button type="button" value="{number}" aria-pressed="{"false" if number else "true"}">{COMPARISONS[name]}</button>'
        for number, name in enumerate(comparison["name"] for comparison in data["comparisons"])
    )
    return f"""<div class="panels">
<section class="panel wide" id="features"><h2>Features of campaign-days</h2>
<p class="says" id="sides"></p>
<div class="switch" id="comparison" role="group" aria-label="What is compared">{buttons}</div>
<div class="multiples" id="columns"></div>
<details class="behind"><summary>Those that differ less</summary><div class="multiples" id="calmer"></div></details>
<p class="source">gold.campaign_daily_features, published.campaign_daily_features_versions</p></section>
{panel("Features of people", '<div class="multiples" id="of_people"></div>', name="people", wide=True,
       says=f"How many people have which value. A cell of fewer than {FEWEST} people is joined with its neighbour.",
       source="gold.person_features")}
</div>
"""


def version_parts(connection):
    """Tables of what was published, what changed, and how the builds went."""
    found = versions(connection)
    if not found:
        return empty("No version was published yet: no build was good enough, or none was audited.") + built(connection)
    difference = differences(connection, version_before(connection))
    return f'<div class="panels">{published(found)}{changed(difference)}{built(connection)}</div>'


def published(found):
    lines = [
        [
            named(version),
            moment(version["as_of"]),
            escape(version["reason"]),
            what_changed(version["changed"]),
            made_from(version),
            "<br>".join(f"{count:,} {escape(name.replace('_', ' '))}" for name, count in version["row_counts"].items()),
        ]
        for version in found
    ]
    head = ["version", "data up to", "what speaks for it", "what differs from the one before", "made from", "holds"]
    content = table(head, lines, left=len(head), cards=True)
    return panel("Published versions", content, source="published.versions, published.model_registry", wide=True)


def named(version):
    current = '<br><span class="tag good">read by consumers</span>' if version["is_current"] else ""
    return f'<span class="unbroken">{escape(version["version_id"])}</span>{current}'


def made_from(version):
    """The registry's word on a version in words."""
    if version["journey_count"] is None:
        return "–"
    made = [f"{version['journey_count']:,} journeys, {version['conversion_count']:,} conversions"]
    made += [f"fingerprint <code>{escape(version['fingerprint'])}</code>"] if version["fingerprint"] else []
    made += [f"code <code>{escape(version['code_revision'])}</code>"] if version["code_revision"] else []
    return "<br>".join(made)


def what_changed(names):
    if names is None:
        return "–"
    return escape(", ".join(names)) or "nothing: the same data, rules and code"


def changed(difference):
    """What this build tells otherwise than the version published before it."""
    if not difference:
        return panel("What changed", empty("No earlier version is kept to compare with."), name="changed", wide=True)
    columns = table(
        ["column", "campaign-days that differ"],
        [
            [f"<code>{escape(name)}</code>", f"{count:,} ({share(count / difference['common'])})"]
            for name, count in difference["columns"]
        ],
    )
    moves = table(
        ["share of", "model", "policy", "before", "now"],
        [
            [
                f"{escape(move['channel'])} in {escape(move['conversion_type'])}",
                escape(move["model"].replace("_", " ")),
                policies(move["policies"]),
                *(share(move[name]) for name in ("before", "after")),
            ]
            for move in difference["moves"]
        ],
        left=3,
        cards=True,
    )
    return panel(
        "What changed",
        f'<div class="halves"><div>{columns if difference["columns"] else empty("No campaign-day differs.")}</div>'
        f'<div>{moves if difference["moves"] else empty("No credit moved by 0.05 points or more.")}</div></div>',
        says=f"This build against version <code>{escape(difference['version'])}</code>: <b>{difference['came']:,}</b> "
        f"campaign-days came, <b>{difference['went']:,}</b> went, <b>{difference['changed']:,}</b> of "
        f"{difference['common']:,} are told otherwise.",
        source="published.campaign_daily_features_versions, published.channel_credits_versions",
        name="changed",
        wide=True,
    )


def built(connection):
    """How the last builds ended."""
    lines = [
        [
            moment(build["started_at"]),
            OUTCOMES.get(build["outcome"], escape(build["outcome"] or "")),
            moment(build["as_of"]),
            escape(", ".join(build["tripped_checks"] or []) or "–"),
            *(number(build[name]) for name in ("check_count", "warn_count", "load_number", "seconds")),
        ]
        for build in builds(connection)
    ]
    head = ["began", "outcome", "data up to", "tripped", "checks", "warnings", "load", "seconds"]
    content = table(head, lines, left=4, cards=True) if lines else empty("No build was written down yet.")
    source = "ledger.build_log, ledger.audit_log, ledger.load_log"
    return panel("Builds and loads", content, source=source, name="builds", wide=True)


def policies(names):
    return "both" if " and " in names else escape(names.replace("_", "-"))
