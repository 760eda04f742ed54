"""From counts of many worlds to a table: measured, interval, target, met."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tools.evaluation.scores.outages import SIDE_STEPS
from tools.evaluation.statistics import bootstrap, f1, poisson, ratio, wilson

LOW = "LOW_CONFIDENCE"
BOTS, PHANTOMS = ("declared_bot", "fast_bot", "slow_bot"), ("reload_storm", "click_fraud")
MONTH, YEAR = 30.0, 365.0
ARTICLE = "article's rule: "


@dataclass(frozen=True)
class Measure:
    """One line of the table. `target` None: for information. `cases`: what the interval rests on."""

    group: str
    name: str
    value: float
    low: float
    high: float
    cases: int
    target: float | None = None
    at_least: bool = True
    is_share: bool = True

    @property
    def met(self) -> str:
        """yes: the whole interval meets the target; likely: the estimate does; no; – without target or cases."""
        if self.target is None or np.isnan(self.value):
            return "–"
        sign = 1 if self.at_least else -1
        worst = self.low if self.at_least else self.high
        if sign * (self.value - self.target) < 0:
            return "no"
        return "yes" if sign * (worst - self.target) >= 0 else "likely"


def measures(results: list[dict]) -> list[Measure]:
    """Every line that the results allow, in the order of the report."""
    shop = [result["scores"] for result in results if result["world"] == "shop"]
    spend = [result["scores"] for result in results if result["world"] == "spend"]
    found = []
    for name, make in (("stock", stock), ("outages", outages), ("discrepancy", discrepancy), ("losses", losses),
                       ("sessions", sessions)):  # fmt: skip
        worlds = [scores[name] for scores in shop if scores[name] is not None]
        found += make(worlds) if worlds else []
    worlds = [scores for scores in spend if scores["spend"] is not None]
    return found + (cost_anomalies(worlds) if worlds else [])


def share(group: str, name: str, hits: float, cases: float, target=None, at_least=True) -> Measure:
    """A share with its Wilson interval."""
    return Measure(group, name, ratio(hits, cases), *wilson(hits, cases), int(cases), target, at_least)


def rate(group: str, name: str, count: int, exposure: float, target=None) -> Measure:
    """Events per unit of time with their Poisson interval; fewer are better."""
    return Measure(group, name, ratio(count, exposure), *poisson(count, exposure), int(count), target, False, False)


def over_worlds(group: str, name: str, worlds: list, statistic: Callable, cases: int, target=None) -> Measure:
    """A share that is no count of cases (F1, a width), with a bootstrap over worlds."""
    return Measure(group, name, statistic(worlds), *bootstrap(worlds, statistic), cases, target)


def hours(group: str, name: str, worlds: list[list[float]], quantile: float, target: float) -> Measure:
    """A quantile of hours, with a bootstrap over worlds; fewer are better."""

    def statistic(chosen: list[list[float]]) -> float:
        return float(np.quantile(flat(chosen) or [np.nan], quantile))

    return Measure(
        group, name, statistic(worlds), *bootstrap(worlds, statistic), len(flat(worlds)), target, False, False
    )


def total(rows: Iterable[dict], what: str, where: Callable[[dict], bool] | None = None) -> int:
    """Sum of one column over the rows for which the condition holds."""
    return sum(row[what] for row in rows if where is None or where(row))


def flat(worlds: list[list]) -> list:
    """All rows of all worlds."""
    return [row for world in worlds for row in world]


def stock(worlds: list[list[dict]]) -> list[Measure]:
    """Out of stock at the touch, where the snapshot of the touch's hour is there."""
    group, rows = "Out of stock at the touch", [row for row in flat(worlds) if row["is_observed"]]
    unseen = [row for row in flat(worlds) if not row["is_observed"]]
    hits = total(rows, "touches", lambda row: row["is_out"] and row["flag"])
    ran_out = [row for row in rows if row["moment"] == "ran_out"]
    hits_ran_out = total(ran_out, "touches", lambda row: row["flag"])
    steady = [row for row in rows if row["moment"] == "steady"]
    hits_steady = total(steady, "touches", lambda row: row["is_out"] and row["flag"])
    right = total(unseen, "touches", lambda row: row["flag"] == row["is_out"])
    return [
        share(group, "precision, hours without a change", hits_steady,
              total(steady, "touches", lambda row: row["flag"]), 1.0),
        share(group, "recall, hours without a change", hits_steady,
              total(steady, "touches", lambda row: row["is_out"]), 1.0),
        share(group, "precision, all hours with a snapshot", hits, total(rows, "touches", lambda row: row["flag"])),
        share(group, "recall, all hours with a snapshot", hits, total(rows, "touches", lambda row: row["is_out"])),
        share(group, "recall, after it ran out within the hour", hits_ran_out, total(ran_out, "touches")),
        share(group, "right without the hour's snapshot", right, total(unseen, "touches")),
    ]  # fmt: skip


def outages(worlds: list[dict]) -> list[Measure]:
    """Outages of payments and of the site."""
    group, events = "Outages", [event for world in worlds for event in world["events"]]
    delays = [[e["delay_hours"] for e in world["events"] if e["delay_hours"] is not None and e["kind"] not in SIDE_STEPS
               and e["share"] == 1.0 and e["kind"] != "ingestion_gap"] for world in worlds]  # fmt: skip

    def found(name: str, target: float | None, *kinds: str) -> Measure:
        mine = [event for event in events if event["kind"] in kinds]
        return share(group, name, sum(event["is_found"] for event in mine), len(mine), target)

    months = sum(world["days"] for world in worlds) / MONTH
    flags = [world["hours"] for world in worlds]
    hits = total(flags, "hits")
    article = [world["article"] for world in worlds]
    told = [event for world in article for event in world["events"] if event["kind"] != "ingestion_gap"]
    return [
        found("recall, full payment outages of 1 to 6 h", 0.98, "full_gateway"),
        found("recall, partial ones (60 % fail, 2 to 8 h)", 0.85, "partial_gateway"),
        found("recall, whole site down 1 to 3 h", 0.98, "site_down"),
        hours(group, "hours to detection, full outages, median", delays, 0.5, 1.0),
        hours(group, "hours to detection, full outages, 90th percentile", delays, 0.9, 2.0),
        rate(group, "false alarms of the shop per month", sum(len(world["false_alarms"]) for world in worlds), months,
             0.5),
        share(group, "precision of flagged hours", hits, hits + total(flags, "false"), 0.85),
        share(group, "recall of hours", hits, hits + total(flags, "misses"), 0.95),
        found("recall, form failures of 1 to 2 days", 0.9, "form_failure"),
        found("recall, sign-up failures of a day", 0.9, "sign_up_failure"),
        share(group, ARTICLE + "recall, payment and site outages", sum(event["is_found"] for event in told), len(told)),
        rate(group, ARTICLE + "false days per source-month", total(article, "false_days"),
             total(article, "source_days") / MONTH),
    ]  # fmt: skip


def discrepancy(worlds: list[dict]) -> list[Measure]:
    """Clicks against sessions."""
    group, days = "Clicks against sessions", flat([world["days"] for world in worlds])
    clear, affected = ([row for row in days if row["state"] == state] for state in ("clear", "affected"))
    large = [row for row in affected if row["clicks"] >= 300]
    thirty = [row for row in large if row["share"] == 0.3 and row["kind"] != "surplus"]
    losses = [loss for world in worlds for loss in world["losses"] if not loss["is_platform_wide"]]
    likely = [loss for loss in losses if loss["share"] >= 0.3 and loss["clicks"] >= 300 and loss["kind"] != "surplus"]
    lost = [row for row in affected if row["share"] == 1.0 and row["clicks"] >= 100]
    surplus = [row for row in affected if row["kind"] == "surplus" and row["clicks"] >= 100]

    def is_low(row: dict) -> bool:
        return row["flag"] == LOW

    def is_article(row: dict) -> bool:
        return row["is_article_low"]

    def lines(prefix: str, flagged: Callable[[dict], bool], flagged_days: str, targets: tuple) -> list[Measure]:
        hits, false = total(large, "days", flagged), total(clear, "days", lambda r: flagged(r) and r["clicks"] >= 300)
        return [
            share(group, prefix + "precision of days, 300 clicks and more", hits, hits + false, targets[0]),
            share(group, prefix + "recall of days, 30 % lost, 300 clicks and more", total(thirty, "days", flagged),
                  total(thirty, "days"), targets[1]),
            share(group, prefix + "recall of losses of 30 % and more, 300 clicks and more",
                  sum(loss[flagged_days] > 0 for loss in likely), len(likely), targets[2]),
            share(group, prefix + "recall of days, no tracked session, 100 clicks and more",
                  total(lost, "days", flagged), total(lost, "days"), targets[3]),
            share(group, prefix + "recall of days, tracked far above clicks, 100 clicks and more",
                  total(surplus, "days", flagged), total(surplus, "days"), targets[4]),
            rate(group, prefix + "false days per campaign-month", total(clear, "days", flagged),
                 total(clear, "days") / MONTH, targets[5]),
        ]  # fmt: skip

    return [
        *lines("", is_low, "flagged_days", (0.95, 0.95, 0.95, 1.0, 0.95, 0.15)),
        *lines(ARTICLE, is_article, "article_days", (None,) * 6),
    ]


def losses(worlds: list[list[dict]]) -> list[Measure]:
    """Intervals of the loss of tracking by platform."""
    group, rows = "Loss of tracking by platform", flat(worlds)
    none, wide = ([row for row in rows if row["situation"] == situation] for situation in ("none", "platform"))
    judged = total(rows, "judged_days")
    return [
        share(group, "coverage of the interval, no loss", total(none, "covered_days"), total(none, "judged_days"), 0.9),
        share(group, "coverage, whole platform loses 15 to 50 %", total(wide, "covered_days"),
              total(wide, "judged_days"), 0.9),
        over_worlds(group, "mean width of the interval", worlds,
                    lambda chosen: ratio(total(flat(chosen), "summed_width"), total(flat(chosen), "judged_days")),
                    judged),
    ]  # fmt: skip


def sessions(worlds: list[list[dict]]) -> list[Measure]:
    """Machines and storms among sessions."""
    group, rows = "Sessions no customer made", [row for row in flat(worlds) if row["kind"] != "mixed"]

    def kept_out(row: dict) -> bool:
        return row["is_bot"] or row["is_phantom"]

    def balance(kinds: tuple[str, ...], flagged: Callable[[dict], bool]) -> Callable[[list], float]:
        def statistic(chosen: list[list[dict]]) -> float:
            known = [row for row in flat(chosen) if row["kind"] != "mixed"]
            hits = total(known, "sessions", lambda row: row["kind"] in kinds and flagged(row))
            false = total(known, "sessions", lambda row: row["kind"] not in kinds and flagged(row))
            return f1(hits, false, total(known, "sessions", lambda row: row["kind"] in kinds and not flagged(row)))

        return statistic

    every = (*BOTS, *PHANTOMS)
    machines = total(rows, "sessions", lambda row: row["kind"] in every)
    hits = total(rows, "sessions", lambda row: row["kind"] in every and kept_out(row))
    false = total(rows, "sessions", lambda row: row["kind"] == "human" and kept_out(row))
    found = [
        over_worlds(group, "F1, bots and phantoms joined", worlds, balance(every, kept_out), machines, 0.95),
        share(group, "precision, joined", hits, hits + false, 0.95),
        share(group, "recall, joined", hits, machines, 0.95),
        over_worlds(group, "F1 of is_bot", worlds, balance(BOTS, lambda row: row["is_bot"]),
                    total(rows, "sessions", lambda row: row["kind"] in BOTS)),
        over_worlds(group, "F1 of is_phantom", worlds, balance(PHANTOMS, lambda row: row["is_phantom"]),
                    total(rows, "sessions", lambda row: row["kind"] in PHANTOMS)),
    ]  # fmt: skip
    for kind in every:
        mine = [row for row in rows if row["kind"] == kind]
        name = f"recall, {kind.replace('_', ' ')}s" if kind != "click_fraud" else "recall, click fraud"
        found.append(share(group, name, total(mine, "sessions", kept_out), total(mine, "sessions")))
    return found


def cost_anomalies(worlds: list[dict]) -> list[Measure]:
    """Cost anomalies, with false alarms counted in the twin without any."""
    group, rows = "Cost anomalies", flat([world["spend"] for world in worlds])
    twin = flat([world["twin"] for world in worlds])
    planted = [row for row in rows if row["kind"]]
    single = [row for row in planted if row["kind"] != "platform_x100"]
    hits = total(planted, "days", lambda row: row["flag"])
    found = [
        share(group, "recall, single campaigns", total(single, "days", lambda row: row["flag"]),
              total(single, "days"), 1.0),
        share(group, "precision", hits, total(rows, "days", lambda row: row["flag"]), 1.0),
        rate(group, "false days per campaign-year, without anomalies", total(twin, "days", lambda row: row["flag"]),
             total(twin, "days") / YEAR, 0.0),
    ]  # fmt: skip
    for kind in sorted({row["kind"] for row in planted}):
        mine = [row for row in planted if row["kind"] == kind]
        name = f"recall, {kind.replace('_', ' ')}"
        found.append(share(group, name, total(mine, "days", lambda row: row["flag"]), total(mine, "days")))
    return found
