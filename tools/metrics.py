"""Ask for metrics by name, and get the same numbers as everybody else (docs/metrics.md).

    .venv/bin/python -m tools.metrics                                            lists metrics and saved questions
    .venv/bin/python -m tools.metrics roas cpa --by channel metric_time__month   asks for metrics
    .venv/bin/python -m tools.metrics --saved roas_by_channel_and_month          asks a saved question

Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing to it. What the metrics
are comes from target/semantic_manifest.json, which every build writes.
"""

import argparse
import csv
import datetime as dt
import difflib
import sys
from pathlib import Path

import duckdb
from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest, OutputColumnOrderMode
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from tools.dbt_runs import PROJECT_ROOT
from tools.stores import Refused, open_store

MANIFEST = PROJECT_ROOT / "target" / "semantic_manifest.json"
FEW = 15  # names in a message


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("metrics", nargs="*", help="names of metrics; none: list them")
    arguments.add_argument("--by", nargs="*", default=[], help="what to group by: channel, campaign, metric_time__month, …")
    arguments.add_argument("--only", nargs="*", default=[], metavar="NAME=VALUE", help="rows to keep, such as channel=email")
    arguments.add_argument("--from", dest="first_day", type=day, help="first day, YYYY-MM-DD")
    arguments.add_argument("--until", dest="last_day", type=day, help="last day, YYYY-MM-DD")
    arguments.add_argument("--saved", help="a saved question instead of metrics")
    arguments.add_argument("--csv", action="store_true", help="full precision, with commas between")
    chosen = arguments.parse_args()
    try:
        metrics = Metrics(open_store())
        if not chosen.metrics and not chosen.saved:
            print(listing(metrics))
            return 0
        columns, rows = metrics.ask(
            chosen.metrics, chosen.by, chosen.only, chosen.first_day, chosen.last_day, saved=chosen.saved
        )
    except (Refused, duckdb.Error) as problem:
        print(f"No answer: {str(problem).splitlines()[0]}", file=sys.stderr)
        return 1
    if chosen.csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *rows])
    else:
        print(table(columns, rows))
    return 0


def day(text):
    return dt.datetime.strptime(text, "%Y-%m-%d")


class Client:
    """What MetricFlow asks of a database, on a connection that only reads."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def __init__(self, connection):
        self.connection = connection

    def query(self, stmt, sql_bind_parameter_set=None):
        result = self.connection.execute(stmt)
        return MetricFlowDataTable.create_from_rows([column[0] for column in result.description], result.fetchall())


class Metrics:
    """The metrics of one store: which there are, and their answers. Raises Refused when there can be none."""

    def __init__(self, connection, manifest=None):
        manifest = Path(manifest or MANIFEST)
        if not manifest.exists():
            raise Refused(f"there is no {manifest} yet: run make build")
        self.manifest = parse_manifest_from_dbt_generated_manifest(manifest.read_text())
        self.engine = MetricFlowEngine(SemanticManifestLookup(self.manifest), Client(connection))
        self.saved = {query.name: query for query in self.manifest.saved_queries}
        self.offered = {metric.name: metric for metric in self.manifest.metrics if not is_part(metric)}

    def ask(self, metrics=(), by=(), only=(), first_day=None, last_day=None, saved=None):
        """Names of columns, what is grouped by first, and rows in their order. `only` holds texts like channel=email."""
        if saved and (metrics or by):
            raise Refused("a saved question has metrics and groups of its own: ask it without any")
        if first_day and last_day and first_day > last_day:
            raise Refused(f"{first_day.date()} comes after {last_day.date()}")
        if saved:
            must_be_one_of(saved, self.saved, "saved question")
        for name in metrics:
            must_be_one_of(name, self.offered, "metric")
        filters = [pair.partition("=") for pair in only]
        if wrong := [name for name, sign, _ in filters if not sign]:
            raise Refused(f"{wrong[0]} is no NAME=VALUE")
        asked = list(metrics) or list(self.saved[saved].query_params.metrics)
        allowed = self.groups(asked)
        for name in [*by, *(name for name, _, _ in filters)]:
            must_be_one_of(without_grain(name), allowed, f"way to group {' and '.join(asked)} by")
        result = self.engine.query(MetricFlowQueryRequest.create(
            saved_query_name=saved, metric_names=None if saved else asked, group_by_names=list(by) or None,
            where_constraints=[condition(name, value) for name, _, value in filters] or None,
            time_constraint_start=first_day, time_constraint_end=last_day,
            output_column_order_mode=OutputColumnOrderMode.INPUT_ORDER,
        )).result_df  # fmt: skip
        grouped = [position for position, name in enumerate(result.column_names) if name not in asked]
        rows = [[plain(value) for value in row] for row in result.rows]
        return list(result.column_names), sorted(rows, key=lambda row: [(row[at] is None, str(row[at])) for at in grouped])

    def groups(self, metrics):
        """What all of these metrics can be grouped by, times without their grain."""
        entities = {entity.name for entity in self.engine.entities_for_metrics(metrics)}
        dimensions = {dimension.granularity_free_dunder_name for dimension in self.engine.simple_dimensions_for_metrics(metrics)}
        return entities | dimensions | {"metric_time"}


def is_part(metric):
    """Whether it only serves other metrics, and means nothing alone."""
    return bool(metric.config and metric.config.meta.get("is_part"))


def must_be_one_of(name, known, what):
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3) or sorted(known)
        raise Refused(f"there is no {what} {name}; there is {', '.join(near[:FEW])}{', …' if len(near) > FEW else ''}")


def without_grain(name):
    """metric_time__month is metric_time."""
    return name.rsplit("__", 1)[0] if name.endswith(("__day", "__week", "__month", "__quarter", "__year")) else name


def condition(name, value):
    kind = "Dimension" if "__" in name or name == "metric_time" else "Entity"
    return f"{{{{ {kind}('{name}') }}}} = '{value.replace(chr(39), 2 * chr(39))}'"


def plain(value):
    return value.date() if isinstance(value, dt.datetime) else value


def listing(metrics):
    """Every metric that may be asked for, and every saved question, one a line."""
    width = max(map(len, [*metrics.offered, *metrics.saved]))
    lines = [f"{name:{width}}  {' '.join(metric.description.split())}" for name, metric in sorted(metrics.offered.items())]
    questions = [f"{name:{width}}  {query.description}" for name, query in sorted(metrics.saved.items())]
    return "\n".join(["Metrics", *lines, "", "Saved questions", *questions])


def table(columns, rows):
    """Columns side by side, numbers to the right; – where there is no value."""
    cells = [columns, *([shown(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    numeric = [any(isinstance(row[at], (int, float)) for row in rows) for at in range(len(columns))]
    aligned = [
        "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(line, widths, numeric))
        for line in cells
    ]
    return "\n".join(line.rstrip() for line in aligned)


def shown(value):
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.exit(main())
