"""Write what consumers may read as Parquet files, so that nobody has to open the database.

    .venv/bin/python -m tools.exports [--out data/exports] [--keep 30]
    .venv/bin/python -m tools.exports --gold [--table journeys --table …]
    .venv/bin/python -m tools.exports --reconciliation --month 2025-11 [--model markov] [--policy naive]

Without a choice: the published version, whatever the breaker says of a newer one. --gold writes the candidate of the last build,
for notebooks, with pseudonyms for people. --reconciliation walks a month from booked revenue to credits, as CSV and Parquet.
Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing to it.

Exit code 0: written, or there already; 1: there is nothing to export, the store cannot be read, or a month does not add up.
"""

import argparse
import sys
from pathlib import Path

import duckdb
import yaml

from tools.console import run
from tools.dbt_runs import PROJECT_ROOT
from tools.exports.candidate import export_candidate
from tools.exports.published import export_published
from tools.exports.reconciliation import export_reconciliation
from tools.exports.snapshots import one_at_a_time
from tools.stores import Refused, open_store


def main() -> int:
    chosen = choices()
    try:
        with open_store() as connection, one_at_a_time(chosen.out):
            connection.execute("set threads = 1")  # several would cut the groups of rows differently from run to run
            connection.execute("set python_enable_replacements = false")  # a table that is not there is no variable of ours
            for line in export(connection, chosen):
                print(line)
    except duckdb.CatalogException as problem:
        print(f"No export: the store holds no whole build ({str(problem).splitlines()[0]}): run make build", file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except (Refused, duckdb.Error, OSError) as problem:
        print(f"No export: {str(problem).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def choices():
    arguments = argparse.ArgumentParser(prog="python -m tools.exports", description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, default=PROJECT_ROOT / "data/exports", help="folder of the exports")
    arguments.add_argument("--keep", type=int, default=kept_versions(), help="so many versions stay, the one that is read too")
    arguments.add_argument("--gold", action="store_true", help="the candidate of the last build instead of what is published")
    arguments.add_argument("--table", action="append", help="with --gold: this table of gold and no other; may be repeated")
    arguments.add_argument("--reconciliation", action="store_true", help="from booked revenue to credits")
    arguments.add_argument("--month", help="with --reconciliation: the month of the business dates, as 2025-11")
    arguments.add_argument("--model", default="markov", help="with --reconciliation: whose credits (default: markov)")
    arguments.add_argument("--policy", default="naive", help="with --reconciliation: naive (default) or context_aware")
    chosen = arguments.parse_args()
    if chosen.keep < 1:
        arguments.error("--keep is at least 1")
    if chosen.reconciliation and not chosen.month:
        arguments.error("--reconciliation needs a --month, as 2025-11")
    return chosen


def kept_versions() -> int:
    """As many as the store itself keeps."""
    return yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]["kept_versions"]


def export(connection, chosen):
    """What was done, line by line."""
    if chosen.reconciliation:
        return export_reconciliation(connection, chosen.out, chosen.month, chosen.model, chosen.policy)
    if chosen.gold:
        return export_candidate(connection, chosen.out, chosen.table, chosen.keep)
    return export_published(connection, chosen.out, chosen.keep)


if __name__ == "__main__":
    run(main)
