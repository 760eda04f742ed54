"""From measured cases to tables that a reader can follow."""

from itertools import product

import numpy as np

from tools.evaluation.attribution import CHANNELS, MODELS, POLICIES
from tools.evaluation.credit_errors import MARKOV_ACCOUNTS, credit, of_naive, rate_errors, true_error, twin_error
from tools.evaluation.statistics import bootstrap
from tools.evaluation.tables import Table, percent

TWINS = {"unblocked": "nothing that blocks a purchase", "faultless": "no fault at all"}
GROUPS = {"hit": "3 channels hit most", "all": "all nine"}
READINGS = {"raw": "as reported", "costs": "costs repaired", "flags": "all flags"}
RATES = {"": "as it is", "kept_": "flagged clicks dropped"}
BY_CONSTRUCTION = (
    "The six rules and set-based Shapley look at converted journeys alone, so by construction they give the same "
    "credit under both policies. In a Markov chain lost journeys count."
)
DIRECT = (
    "Most who come back type the address: direct takes their credit, which no censoring gives back, and those who "
    "never come back leave no trace in the chain."
)
RESUMED = (
    "“Resumed” goes beyond the contract and is in no table of the store: a purchase on a direct visit within 48 hours "
    "of the end of a block is credited to the visit that was stopped. It shows what limits the policy, and what would "
    "lift it."
)


def two_channels(found: dict) -> Table:
    """The world in which one of two equal channels is sold out half of the time."""
    rows = [("what they are worth", "50 %", "50 %")]
    for model, policy in product(("last_touch", "shapley", "markov"), POLICIES):
        of_channel = found["shares"][model][policy]
        cells = (percent(of_channel[channel], 0) for channel in ("paid_search", "paid_social"))
        rows.append((f"{model}, {policy}", *cells))
    return Table(
        "Credit: two channels of the same power, one product sold out half of the time",
        ("", "paid_search", "paid_social, sold out half of the time"),
        tuple(rows),
        f"Nobody comes back, so naive credit halves the channel whose product was gone. {BY_CONSTRUCTION}",
    )


def against_twins(cases: list[dict]) -> Table:
    """What faults do to Markov's credit, by policy."""
    rows = []
    for (twin, words), (group, channels) in product(TWINS.items(), GROUPS.items()):
        naive = _mean(twin_error(case, "naive", "markov", twin, group) for case in cases)
        left = (_with_interval(*of_naive(cases, name, "markov", twin, group)) for name in MARKOV_ACCOUNTS
                if name != "naive")  # fmt: skip
        rows.append((f"{words}: {channels}", f"{100 * naive:.3f}", *left))
    blocked, back = (sum(case["hits"][name] for case in cases) for name in ("blocked", "came_back"))
    found, right = (sum(case["resumed"][name] for case in cases) for name in ("found", "right"))
    return Table(
        f"Credit: what faults do to it (markov, {_worlds(cases)})",
        ("twin with …", "naive, points", *(name for name in MARKOV_ACCOUNTS if name != "naive")),
        tuple(rows),
        "Naive: mean error, in points of credit share, against the same people's credit in a twin world. The others: "
        "their own error (same twin, same policy) as a part of that, with a 95 % bootstrap over worlds. Blocked alone: "
        "only blocked journeys are censored; what context_aware differs from it by is open journeys, which is no "
        f"healing. {blocked:,} wanted purchases were blocked, {back:,} of them made later. "
        f"{DIRECT} {RESUMED} It took {found:,} purchases for resumed, {right:,} of them rightly.",
    )


def by_model(cases: list[dict], twin: str = "unblocked") -> Table:
    """Every model against the truth, and against the twin in which nothing blocks."""
    rows = []
    for model in MODELS:
        wrong = (percent(_mean(true_error(case, name, model) for case in cases)) for name in
                 ("naive", "context_aware", "naive, resumed"))  # fmt: skip
        error = _mean(twin_error(case, "naive", model, twin, "hit") for case in cases)
        left = (_with_interval(*of_naive(cases, name, model, twin, "hit")) for name in
                ("context_aware", "naive, resumed"))  # fmt: skip
        rows.append((model, *wrong, f"{100 * error:.3f}", *left))
    return Table(
        f"Credit: every model ({_worlds(cases)})",
        ("", "wrong: naive", "context_aware", "resumed", "blocking: naive, points", "context_aware", "resumed"),
        tuple(rows),
        "Wrong: the share of the credit that stands with another channel than caused the orders. Blocking: the error "
        "it makes in the three channels hit most, against the twin in which nothing blocks, and the part of it that is "
        f"left. {BY_CONSTRUCTION}",
    )


def by_channel(cases: list[dict], model: str = "markov") -> Table:
    """Caused, credited and the twin's credit, channel by channel."""
    rows = []
    for channel in CHANNELS:
        hits = [case["hits"]["by_channel"].get(channel, {"blocked": 0, "wanted": 0}) for case in cases]
        blocked = sum(hit["blocked"] for hit in hits) / max(1, sum(hit["wanted"] for hit in hits))
        cells = [percent(blocked), percent(_mean(case["caused"][channel] for case in cases))]
        for policy in POLICIES:
            mine = _mean(credit(case, policy, model)[channel] for case in cases)
            twin = _mean(case["shares"]["faultless"][model][policy][channel] for case in cases)
            cells += [percent(mine), percent(twin)]
        rows.append((channel, *cells))
    heads = (text for policy in POLICIES for text in (policy, "its twin without faults"))
    return Table(
        f"Credit: channel by channel ({model}, {_worlds(cases)})",
        ("", "purchases blocked", "caused", *heads),
        tuple(rows),
        "Means over worlds. Faults include lost tracking (a third of paid social's visits in the last weeks), which no "
        "policy for blocked purchases can heal.",
    )


def censoring(cases: list[dict], store: str = "faultless") -> Table:
    """What the policy changes where nothing is wrong, in two parts."""
    rows = []
    steps = ("nothing", "blocked", "blocked and open")
    for channel in CHANNELS:
        nothing, blocked, both = (_mean(case["censored"][store][step][channel] for case in cases) for step in steps)
        changes = (both - nothing, blocked - nothing, both - blocked)
        rows.append((channel, percent(nothing, 2), *(f"{100 * change:+.3f}" for change in changes)))
    size = [_mean(sum(abs(case["censored"][store][b][c] - case["censored"][store][a][c]) for c in CHANNELS) / 2
            for case in cases) for a, b in ((steps[0], steps[2]), steps[:2], steps[1:])]  # fmt: skip
    rows.append(("moved in all", "", *(f"{100 * moved:.3f}" for moved in size)))
    return Table(
        f"Credit: context_aware − naive where nothing is wrong (markov, {_worlds(cases)})",
        ("", "naive", "difference, points", "blocked journeys", "open journeys"),
        tuple(rows),
        "On worlds without faults, journeys called blocked are false alarms. What the policy changes there is almost "
        "wholly that journeys still open at the end do not count as lost.",
    )


def campaigns(cases: list[dict]) -> Table:
    """Orders per click of campaigns on the days the shop stood in the way."""
    rows = []
    for wall, (part, words) in product(("sold out", "outage"), RATES.items()):
        worlds = [[row for row in case["campaigns"] if row["wall"] == wall] for case in cases]
        met = [row for world in worlds for row in world]
        usual, error, spread = rate_errors(met, part)
        low, high = bootstrap(worlds, lambda chosen, part=part: rate_errors(sum(chosen, []), part)[1])
        clicks = sum(row["clicks"] for row in met)
        rows.append((f"{wall}: {words}", f"{len(met)}", f"{clicks:,}", percent(usual, 2),
                     f"{percent(error, 1, True)} ({percent(low, 1, True)} to {percent(high, 1, True)})",
                     percent(spread)))  # fmt: skip
    return Table(
        f"Orders per click of campaigns on days with a wall ({_worlds(cases)})",
        ("campaigns that met", "campaigns", "clicks", "rate in the twin", "error of the rate (95 %)", "mean error"),
        tuple(rows),
        "Days on which a campaign advertised a sold-out product or met an outage: its rate as it is, and without the "
        "clicks that our flags say met the wall. Errors are relative to the rate in the twin without walls, weighted "
        "by clicks; the mean error of single campaigns is mostly chance.",
    )


def media_mix(cases: list[dict], store: str = "faulty") -> Table:
    """The media mix model without and with the flags."""
    rows = []
    for words, is_costly in (("channel with a wrong cost", True), ("the others", False)):
        for reading, name in READINGS.items():
            mine = [row for case in cases for row in case["mmm"][store]
                    if row["reading"] == reading and (row["channel"] in case["costly"]) == is_costly]  # fmt: skip
            held = _mean(row["low"] <= row["caused"] <= row["high"] for row in mine)
            error = _mean(abs(row["orders"] - row["caused"]) / row["caused"] for row in mine)
            width = _mean((row["high"] - row["low"]) / row["caused"] for row in mine)
            known = _mean(row["known_by_others"] for row in mine)
            rows.append((f"{words}: {name}", percent(held, 0), percent(width, 0), percent(error, 0), percent(known, 0)))
    return Table(
        f"Media mix model on gold.campaign_daily_features ({_worlds(cases)})",
        ("", "90 % interval holds the truth", "its width, of the truth", "mean error, of the truth", "known by others"),
        tuple(rows),
        "Orders that six channels caused in 91 days, by daily spend or touches. Channels move together with demand "
        "(known by others: R² of a channel's effort on all other terms), so 91 days of one shop tell little of each. "
        "Where a cost is reported wrong by a factor of 100, the channel's effort becomes that day: the interval is "
        "narrow, and wrong.",
    )


def _mean(values) -> float:
    return float(np.mean([float(value) for value in values]))


def _with_interval(value: float, low: float, high: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f} ({low:.2f}–{high:.2f})"


def _worlds(cases: list[dict]) -> str:
    return f"{len(cases)} world{'s' * (len(cases) != 1)}"
