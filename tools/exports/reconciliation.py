"""A month from booked revenue to credits: the walk, what it is made of, and every row behind it (docs/finance.md)."""

import re
from pathlib import Path

from tools.exports.published import serving_status
from tools.exports.snapshots import keep_snapshot, point_to
from tools.exports.tables import Export, literal, write_csv, write_parquet
from tools.stores import Refused

TOLERANCE = 1e-9  # relative, as in the tests of gold.revenue_reconciliation

# The files of a month, and the table whose descriptions their columns carry.
FILES = {
    "walk": "gold.revenue_reconciliation",
    "books": "gold.booked_revenue",
    "statement": "gold.revenue_reconciliation",
    "channels": "gold.credit_trail",
    "trail": "gold.credit_trail",
    "excluded": "silver.booked_rows",
}

# Columns that no table of the store has.
WORDS = {
    "walk": {
        "step": "Place of the step in the walk.",
        "what": "The step; what is taken off begins with less.",
        "why": "Why. Null: the step says it.",
        "number": "Rows, orders or conversions; what is taken off is negative.",
        "amount": "In the reporting currency; what is taken off is negative.",
    },
    "books": {"line_number": "Place of the line in the walk.", "why": "Why the rows are in this line."},
}


def export_reconciliation(connection, out, month, model, policy):
    check(connection, month, model, policy)
    connection.execute("create temp macro exact_sum(amount) as cast(sum(cast(amount as decimal(38, 15))) as double)")
    in_month = f"strftime(date, '%Y-%m') = {literal(month)}"
    credits = f"attribution_model = {literal(model)} and context_policy = {literal(policy)}"
    exports = [Export(name, query(name, in_month, credits), table, WORDS.get(name, {})) for name, table in FILES.items()]
    about = {
        "kind": "reconciliation", "month": month, "attribution_model": model, "context_policy": policy,
        "as_of": connection.execute("select as_of from silver.as_of").fetchone()[0],
        "rows_without_a_date": connection.execute("select count(*) from silver.booked_rows where date is null").fetchone()[0],
    }  # fmt: skip
    place = out / "reconciliation" / f"{month}-{model}-{policy}"
    folder, is_new = keep_snapshot(
        place,
        lambda path: [write(connection, export, path) for export in exports for write in (write_csv, write_parquet)],
        about,
    )
    state = serving_status(connection)["breaker_state"]
    point_to(place, {"format": 1, **about, "folder": folder.name, "breaker_state": state})
    yield f"{folder}: {len(exports)} tables, as CSV and Parquet" + ("" if is_new else ", there already")
    steps = dict(connection.execute(f"select what, amount from ({exports[0].query})").fetchall())
    for what in ("rows of crm.orders, gross", "orders that stand, net", "conversions, net", "difference"):
        yield f"  {what:<26}{round(steps[what], 2) + 0.0:>18,.2f}"
    if state == "OPEN":
        yield "the circuit breaker is OPEN: these are the books of a candidate, not of what consumers read"
    if abs(steps["difference"]) > TOLERANCE * max(1, abs(steps["conversions, net"])):
        raise Refused(f"the credits of {month} do not add up to its net revenue: see {folder}/walk.csv")


def check(connection, month, model, policy):
    """Refuse what no row answers to."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise Refused(f"{month} is no month: write it as 2025-11")
    kinds = connection.execute("select distinct attribution_model, context_policy from gold.revenue_reconciliation").fetchall()
    if (model, policy) not in kinds:
        known = ", ".join(sorted({model for model, _ in kinds})) or "none"
        raise Refused(f"there are no credits of model {model} and policy {policy}; the models are {known}")
    months = connection.execute("select distinct strftime(date, '%Y-%m') from gold.revenue_reconciliation order by 1").fetchall()
    if (month,) not in months:
        raise Refused(f"nothing was booked in {month}; the store knows {months[0][0]} to {months[-1][0]}")


def query(name, in_month, credits) -> str:
    """One of the queries beside this file."""
    text = (Path(__file__).parent / "queries" / f"{name}.sql").read_text()
    return text.replace("{month}", in_month).replace("{credits}", credits)
