"""Say what consumers read, whether the circuit breaker is open and why, and how the last builds went.

    .venv/bin/python -m tools.status [--fail-when-open]

Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing. Exit code 0;
1 when there is no store, or with --fail-when-open when the breaker is open: for schedulers that go by exit codes.
"""

import argparse
import sys

import duckdb

from tools.console import run
from tools.stores import Refused, open_store, store_path

OUTCOMES = {
    "published": "published",
    "tripped": "not published: the breaker tripped",
    "failed": "failed",
    "not_audited": "a part only, not audited",
    None: "never ended: killed, or still running",
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--fail-when-open", action="store_true")
    chosen = arguments.parse_args()
    try:
        with open_store() as connection:
            is_open = served(connection)
            canary(connection)
            builds(connection)
    except duckdb.CatalogException as problem:
        print(f"status: {store_path()} holds no finished build ({str(problem).splitlines()[0]}): run make build.", file=sys.stderr)
        return 1
    except Refused as problem:
        print(f"status: {problem}", file=sys.stderr)
        return 1
    return int(is_open and chosen.fail_when_open)


def served(connection) -> bool:
    """Print what consumers read and what the checks say; whether the breaker is open."""
    state, version, as_of, stale, hold = rows(connection, """
        select breaker_state, serving_version_id, serving_as_of, staleness_hours, hold_reason from published.serving_status
    """)[0]
    behind = f", {stale:,.0f} hours behind what was built last" if stale else ""
    what = f"version {version}, as of {as_of:%Y-%m-%d %H:%M} UTC{behind}" if version else "nothing: no build was good enough yet"
    print(f"  the circuit breaker is {state}; consumers read {what}")
    if hold:
        print(f"  publishing is held: {hold} (make release REASON=… ends it)")
    counts = dict(rows(connection, "select status, count(*) from gold.circuit_breaker group by 1"))
    words = {"pass": "pass", "warn": "warn", "trip": "trip", "insufficient_data": "have not enough data"}
    print("  checks: " + ", ".join(f"{counts.get(status, 0)} {word}" for status, word in words.items()))
    for name, status, reason, runbook in rows(connection, """
        select check_name, status, reason, runbook from gold.circuit_breaker
        where status in ('trip', 'warn') order by status, check_name
    """):
        print(f"    {status:<5}{name}: {reason}" + (f" ({runbook})" if status == "trip" else ""))
    return state == "OPEN"


def canary(connection, shown=3):
    """Print where the last build's credits differ most from those that consumers read while it ran."""
    moves = rows(connection, f"""
        select conversion_type, channel, attribution_model, context_policy, champion_credit_share, candidate_credit_share
        from gold.credit_canary where abs(moved_share) >= 0.0005 order by abs(moved_share) desc limit {shown}
    """)
    print("  largest moves of credit, from the version before to the last build:" + ("" if moves else " none"))
    for conversion_type, channel, model, policy, before, after in moves:
        print(f"    {channel} in {conversion_type}, {model} ({policy}): {before or 0:.1%} -> {after or 0:.1%}")


def builds(connection, shown=5):
    """Print the last builds, the latest first."""
    print("  last builds:")
    for started, ended, outcome, message in rows(connection, f"""
        select started_at, ended_at, outcome, message from ledger.build_log order by started_at desc limit {shown}
    """):
        seconds = f" after {(ended - started).total_seconds():,.0f} s" if ended else ""
        print(f"    {started:%Y-%m-%d %H:%M} UTC  {OUTCOMES[outcome]}{seconds}{f': {message}' if message else ''}")


def rows(connection, query):
    return connection.execute(query).fetchall()


if __name__ == "__main__":
    run(main)
