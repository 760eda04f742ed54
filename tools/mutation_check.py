"""Break chosen lines of SQL and Python, one at a time, and see that the tests notice each.

    .venv/bin/python tools/mutation_check.py [--only words] [--jobs 2]

Works in private copies of the project: nothing of yours is touched. First the small demo world is built once with every dbt
test, and the pytest files in use are run: they must pass before anything is broken. Then each mutation gets a copy of its
own, with that database, and the cheapest selection that ought to notice it. Prints one line per mutation as it ends.

Exit code 0: every mutation was noticed; 1: one survived, its text is not there any more, or the tests were not green before.

The idea is DeMillo, Lipton and Sayward, "Hints on test data selection", IEEE Computer 11 (1978) 34-41.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SMALL_WORLD = PROJECT / "data" / "small"
DB = "data/feature_store.duckdb"  # below each copy; the same name everywhere lets dbt reuse what it parsed
NOT_COPIED = shutil.ignore_patterns("data", ".venv", ".git", "target", "logs", "__pycache__", ".pytest_cache", ".hypothesis")
SECONDS = 900


@dataclass(frozen=True)
class Mutation:
    """One broken line: `old` stands exactly once in `file`. `noticed_by` is a dbt selection, or a pytest file."""

    idea: str
    file: str
    old: str
    new: str
    noticed_by: str


MUTATIONS = [
    Mutation(
        "of a retried event the last delivery stays",
        "models/bronze/clickstream_events.sql",
        "deliveries.received_at asc nulls last",
        "deliveries.received_at desc nulls last",
        "clickstream_events",
    ),
    Mutation(
        "the oldest version of an order rules",
        "models/bronze/orders.sql",
        "order by updated_at desc",
        "order by updated_at asc",
        "orders",
    ),
    Mutation(
        "ads are not restated",
        "models/bronze/facebook_ads.sql",
        "order by loaded_at desc",
        "order by loaded_at asc",
        "facebook_ads",
    ),
    Mutation(
        "rows that cannot be read are let in",
        "macros/landing/quarantine_reason.sql",
        "when landed.problem is not null then landed.problem",
        "when 1 = 0 then landed.problem",
        "clickstream_events orders",
    ),
    Mutation(
        "a refusal of analytics is ignored",
        "models/silver/privacy/consented_events.sql",
        " and not coalesce(refused.refuses_analytics, false)",
        "",
        "consented_events",
    ),
    Mutation(
        "the first decision on consent rules, not the latest",
        "models/silver/privacy/refused_purposes.sql",
        "order by periods.valid_from desc",
        "order by periods.valid_from asc",
        "refused_purposes",
    ),
    Mutation(
        "a shared device joins its users",
        "models/silver/identity/person_components.sql",
        "where is_shared",
        "where is_public",
        "tests/python/test_identity.py",
    ),
    Mutation(
        "sessions of erased people stay",
        "models/silver/traffic/visit_people.sql",
        "where not resolved.is_erased and erased.person_id is null",
        "where 1 = 1",
        "visit_people",
    ),
    Mutation(
        "a silence of exactly the timeout ends a session",
        "models/silver/traffic/session_events.sql",
        "pause_seconds <= {{ timeout }}",
        "pause_seconds < {{ timeout }}",
        "session_events",
    ),
    Mutation(
        "the first page of a session reloads one of the session before",
        "models/silver/traffic/session_events.sql",
        "repeats_2_before and position > session_position + 1",
        "repeats_2_before and position > session_position",
        "session_events",
    ),
    Mutation(
        "a session pauses from the end of the one before",
        "models/silver/traffic/session_events.sql",
        "case when position > session_position then pause_seconds end as pause_seconds",
        "pause_seconds",
        "session_events",
    ),
    Mutation(
        "another campaign does not start a session",
        "models/silver/traffic/session_events.sql",
        "then campaign_before else '' end",
        "then campaign_before else campaign_tag end",
        "session_events",
    ),
    Mutation(
        "whoever buys fast is a machine",
        "models/silver/traffic/session_quality.sql",
        "when judged.has_transaction then 'PERSON'",
        "when 1 = 0 then 'PERSON'",
        "session_quality",
    ),
    Mutation(
        "an order that was taken back stands",
        "models/silver/conversions/standing_orders.sql",
        "where statuses.does_stand",
        "where statuses.does_stand or not statuses.does_stand",
        "standing_orders+1",
    ),
    Mutation(
        "refunds are not subtracted",
        "models/silver/conversions/conversions.sql",
        "gross_revenue - refund_amount as net_revenue",
        "gross_revenue as net_revenue",
        "conversions",
    ),
    Mutation(
        "Google's millionths are taken for hundredths of a cent",
        "models/bronze/google_ads.sql",
        "cost_micros / 1000000",
        "cost_micros / 10000",
        "google_ads",
    ),
    Mutation(
        "availability is a share of the day, not of what was observed",
        "models/silver/stock/sku_availability_daily.sql",
        "nullif(cast(sum(case when is_observed then 1 else 0 end) as double), 0)",
        "24.0",
        "sku_availability_daily",
    ),
    Mutation(
        "a promotion that ends at midnight touches the next day",
        "models/silver/promotions/promo_days.sql",
        "dbt.dateadd('second', -1, 'periods.valid_to')",
        "dbt.dateadd('second', 0, 'periods.valid_to')",
        "promo_days",
    ),
    Mutation(
        "whoever may still pass a step has failed it",
        "models/silver/health/funnel_hours.sql",
        "    <= clock.as_of\n",
        "    <= {{ dbt.dateadd('day', 1, 'clock.as_of') }}\n",
        "funnel_hours",
    ),
    Mutation(
        "an outage teaches the baseline what is usual",
        "models/silver/health/step_rates.sql",
        "case when is_suspect then 0 else entered_count end",
        "entered_count",
        "step_rates",
    ),
    Mutation(
        "hours after the recovery are still an outage",
        "models/silver/health/failing_hours.sql",
        "        and evidence_beginning > 0\n",
        "",
        "failing_hours",
    ),
    Mutation(
        "a known incident raises an alarm",
        "models/silver/health/outages.sql",
        "not explained.is_known_incident and not explained.is_shared",
        "not explained.is_shared",
        "outages",
    ),
    Mutation(
        "more sessions than clicks can explain are no discrepancy",
        "models/silver/discrepancy/campaign_discrepancy.sql",
        "abs(scores.unusual_loss_rate) > case",
        "scores.unusual_loss_rate > case",
        "campaign_discrepancy",
    ),
    Mutation(
        "a campaign that always loses its sessions is healthy",
        "models/silver/discrepancy/usual_gaps.sql",
        "case when usual_ratio < 1 - usual_gap_cap then 1 - usual_gap_cap else usual_ratio end",
        "usual_ratio",
        "usual_gaps",
    ),
    Mutation(
        "ads that are always alike are a duplicate export",
        "models/silver/spend/spend_anomalies.sql",
        "        and costs.row_count > prices.usual_rows as is_duplicate",
        "        as is_duplicate",
        "spend_anomalies",
    ),
    Mutation(
        "a touch at the far edge of its window counts",
        "models/gold/journeys/converted_touches.sql",
        "and spans.converted_at < ",
        "and spans.converted_at <= ",
        "converted_touches",
    ),
    Mutation(
        "a touch at the previous conversion counts again",
        "models/gold/journeys/converted_touches.sql",
        "touchpoints.touched_at > spans.touches_after",
        "touchpoints.touched_at >= spans.touches_after",
        "converted_touches",
    ),
    Mutation(
        "journeys do not reset at a conversion of the same type",
        "models/gold/journeys/conversion_spans.sql",
        "partition by person_id, conversion_type order by converted_at, conversion_id",
        "partition by person_id, conversion_id order by converted_at, conversion_id",
        "conversion_spans",
    ),
    Mutation(
        "ties in time are broken the other way round",
        "models/gold/journeys/converted_touches.sql",
        "order by touchpoints.touched_at, touchpoints.touchpoint_id",
        "order by touchpoints.touched_at, touchpoints.touchpoint_id desc",
        "converted_touches",
    ),
    Mutation(
        "a journey is numbered on from the one before",
        "models/gold/journeys/unconverted_touches.sql",
        "max(case when starts_journey then position end) over so_far + 1",
        "min(case when starts_journey then position end) over so_far + 1",
        "unconverted_touches",
    ),
    Mutation(
        "a journey ends where the person's touches end",
        "models/gold/journeys/unconverted_touches.sql",
        "min(case when ends_journey then touched_at end) over to_come as ended_at",
        "max(case when ends_journey then touched_at end) over to_come as ended_at",
        "unconverted_touches",
    ),
    Mutation(
        "a path is in the order its touches came in",
        "macros/engine/aggregates.sql",
        "list_sort(list({{ order_by }} * 1000000 + {{ value }}))",
        "list({{ order_by }} * 1000000 + {{ value }})",
        "journey_paths",
    ),
    Mutation(
        "what was only seen is a visit",
        "models/gold/journeys/journey_paths.sql",
        "max(case when touches.interaction_type = 'click' then touches.touch_index end)",
        "max(touches.touch_index)",
        "journey_paths",
    ),
    Mutation(
        "an outage of another source blocks the journey",
        "models/gold/journeys/blocked_touches.sql",
        "            and outages.scope in ('all', clicks.source)\n",
        "",
        "blocked_touches",
    ),
    Mutation(
        "the middle of a path shares by all touches",
        "models/gold/credit/rule_weights.sql",
        "/ (touches.touch_count - 2)",
        "/ touches.touch_count",
        "rule_weights",
    ),
    Mutation(
        "older touches weigh more",
        "models/gold/credit/rule_weights.sql",
        "power(2, -touches.hours_to_end",
        "power(2, touches.hours_to_end",
        "rule_weights",
    ),
    Mutation(
        "an open journey counts as a loss under context_aware",
        "models/gold/credit/context_policies.sql",
        "(endings.journey_status = 'lost' and not endings.is_blocked)",
        "not endings.is_blocked",
        "context_policies",
    ),
    Mutation(
        "each touch of a channel gets the whole share of the channel",
        "models/gold/credit/channel_spreads.sql",
        " / weighted.touches_of_channel as touch_credit",
        " as touch_credit",
        "channel_spreads",
    ),
    Mutation(
        "a cost that cannot be believed leaves the confidence as it is",
        "models/gold/features/campaign_daily_features.sql",
        "* confidence.health_confidence_score * confidence.spend_confidence_score",
        "* confidence.health_confidence_score",
        "campaign_daily_features",
    ),
    Mutation(
        "a check trips where it ought to warn",
        "models/gold/breaker/circuit_breaker.sql",
        "measured.deviation > measured.trip_above + measured.noise as is_beyond",
        "measured.deviation > measured.warn_above + measured.noise as is_beyond",
        "circuit_breaker",
    ),
    Mutation(
        "what may not be overridden is",
        "models/gold/breaker/circuit_breaker.sql",
        "    where measured.may_be_overridden\n",
        "",
        "circuit_breaker",
    ),
    Mutation(
        "an override holds for ever",
        "models/gold/breaker/active_overrides.sql",
        "or overrides.recorded_at > publication.last_published_at",
        "or overrides.recorded_at is not null",
        "active_overrides",
    ),
    Mutation(
        "every scope is judged by the rule of its family",
        "models/gold/breaker/check_observations.sql",
        "coalesce(own_rules.scope, '*')",
        "'*'",
        "check_observations",
    ),
    Mutation(
        "a build that trips is accepted",
        "models/ledger/audit_log.sql",
        "verdict.trip_count = 0 as is_accepted",
        "verdict.trip_count >= 0 as is_accepted",
        "tests/python/test_publishing.py",
    ),
    Mutation(
        "consumers do not notice a rollback",
        "models/published/versions.sql",
        "when versions.version_id = rollbacks.version_id then 1",
        "when versions.version_id = rollbacks.version_id then 2",
        "versions",
    ),
    Mutation(
        "a breaker that is held looks closed",
        "models/published/serving_status.sql",
        "holds.hold_count = 0 and last_audit.is_accepted",
        "last_audit.is_accepted",
        "serving_status",
    ),
    Mutation(
        "a removed channel's first return is not undone",
        "python_models/markov_removal_effects.py",
        "losses[row] = fundamental[0, removed] @ from_removed",
        "losses[row] = fundamental[0, removed] @ expected[removed]",
        "tests/python/test_markov.py",
    ),
    Mutation(
        "every channel of a path gets the whole conversion",
        "python_models/shapley_values.py",
        "np.repeat(coalitions.counts[1:] / sizes, sizes, axis=1)",
        "np.repeat(coalitions.counts[1:], sizes, axis=1)",
        "tests/python/test_shapley.py",
    ),
    Mutation(
        "a purchase event is in time whenever it comes",
        "models/silver/levels/order_deliveries.sql",
        "purchases.delay_hours <= thresholds.delivery_hours",
        "purchases.delay_hours >= 0",
        "order_deliveries",
    ),
    Mutation(
        "the noise of small weeks counts as drift",
        "models/gold/levels/service_level_verdicts.sql",
        "targets.target + coalesce(measured.noise, 0)",
        "targets.target",
        "service_level_verdicts",
    ),
    Mutation(
        "what may still come is already missed",
        "models/gold/levels/service_levels.sql",
        "when not verdicts.is_settled then 0\n            when verdicts.day_objective is null then verdicts.total_count - verdicts.good_count",
        "when verdicts.day_objective is null then verdicts.total_count - verdicts.good_count",
        "service_levels",
    ),
    Mutation(
        "what was known first is taken for what was known last",
        "macros/history/features.sql",
        "order by known_from desc) as recency",
        "order by known_from asc) as recency",
        "person_features_changes",
    ),
    Mutation(
        "a build as of an earlier moment tells history out of order",
        "macros/history/features.sql",
        "where clock.as_of >= coalesce(moments.latest_at, clock.as_of)",
        "where clock.as_of is not null",
        "person_features_changes",
    ),
]


class CannotJudge(Exception):
    """The tests say nothing about a mutation: not green before it, or the broken project does not even run."""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", default="", help="mutations whose idea or file holds these words")
    arguments.add_argument("--jobs", type=int, default=2, help="mutations tried at a time")
    chosen = arguments.parse_args()
    mutations = [m for m in MUTATIONS if chosen.only in f"{m.idea} {m.file}"]
    lost = [f"{m.file} holds the text of '{m.idea}' {n} times: {m.old}" for m in mutations if (n := occurrences(m)) != 1]
    if lost or not mutations:
        print("\n".join(lost) or f"No mutation is called '{chosen.only}'.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        began = time.monotonic()
        try:
            base = green_base(Path(folder, "base"), mutations)
            print(f"green before anything is broken: {time.monotonic() - began:.0f} s", flush=True)
            with ThreadPoolExecutor(chosen.jobs) as pool:
                noticed = list(pool.map(partial(try_mutation, base), mutations))
        except CannotJudge as problem:
            print(problem, file=sys.stderr)
            return 1
    survived = [m.idea for m, names in zip(mutations, noticed) if not names]
    print(f"\n{len(mutations) - len(survived)} of {len(mutations)} mutations noticed in {time.monotonic() - began:.0f} s")
    if survived:
        print("survived: " + "; ".join(survived), file=sys.stderr)
    return 1 if survived else 0


def occurrences(mutation):
    path = PROJECT / mutation.file
    return path.read_text().count(mutation.old) if path.exists() else 0


def green_base(base, mutations):
    """A copy of the project with the small world built and all tests of use green."""
    if not (SMALL_WORLD / "world.json").exists():
        command = [sys.executable, "-m", "tools.demo", "--size", "small", "--out", str(SMALL_WORLD)]
        subprocess.run(command, cwd=PROJECT, check=True, timeout=SECONDS)
    shutil.copytree(PROJECT, base, ignore=NOT_COPIED)
    Path(base, DB).parent.mkdir()
    for selection in [None, *sorted({m.noticed_by for m in mutations if is_pytest(m.noticed_by)})]:
        failing = run_pytest(base, selection) if selection else run_dbt(base)
        if failing:
            raise CannotJudge(f"The tests are not green before anything is broken: {summary(failing)}")
    return base


def try_mutation(base, mutation):
    """The names of the tests that notice; none: the mutation survived."""
    began = time.monotonic()
    copy = base.with_name(f"mutation-{MUTATIONS.index(mutation)}")
    shutil.copytree(base, copy)
    broken = copy / mutation.file
    broken.write_text(broken.read_text().replace(mutation.old, mutation.new))
    run = run_pytest if is_pytest(mutation.noticed_by) else run_dbt
    names = run(copy, mutation.noticed_by)
    shutil.rmtree(copy)
    print(f"{mutation.idea:<62}{summary(names) if names else 'SURVIVED':<72}{time.monotonic() - began:>4.0f} s", flush=True)
    return names


def is_pytest(selection):
    return selection.endswith(".py")


def summary(names):
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def run_dbt(project, selection=None):
    """`dbt build` of the selection with its unit and data tests; the names of the tests that failed."""
    results = project / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    variables = json.dumps({"raw_dir": str(SMALL_WORLD / "raw")})
    command = [Path(sys.executable).with_name("dbt"), "build", "--profiles-dir", "profiles", "--vars", variables]
    _, output = run(command + (["--select", *selection.split()] if selection else []), project)
    if not results.exists():
        raise CannotJudge(f"dbt does not run ({selection or 'everything'}): {output.strip().splitlines()[-1]}")
    named = {"fail": [], "error": []}
    for result in json.loads(results.read_text())["results"]:
        kind, _, *names = result["unique_id"].split(".")
        named.setdefault(result["status"], []).append(names[1] if kind == "unit_test" else names[0])
    if named["error"] and not named["fail"]:
        raise CannotJudge(f"dbt breaks before a test fails: {summary(named['error'])}")
    return named["fail"]


def run_pytest(project, file):
    """One test file up to its first failure; the names of what failed."""
    exit_code, output = run([sys.executable, "-m", "pytest", "-qx", "--tb=no", "-p", "no:cacheprovider", file], project)
    if exit_code not in (0, 1):
        raise CannotJudge(f"pytest does not run {file}: {output.strip().splitlines()[-1]}")
    return re.findall(r"^(?:FAILED|ERROR) \S+::([^\s\[]+)", output, flags=re.MULTILINE)


def run(command, project):
    settings = {"FEATURE_STORE_DB": DB, "DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "DBT_USE_COLORS": "False"}
    ended = subprocess.run(
        command, cwd=project, env={**os.environ, **settings}, timeout=SECONDS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    return ended.returncode, ended.stdout


if __name__ == "__main__":
    sys.exit(main())
