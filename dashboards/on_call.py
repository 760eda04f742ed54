"""What arrives, how late and how whole; what stands in the way of publishing; and what was done about it."""

from html import escape

from dashboards.page import Page, panel, runbook_link, table
from dashboards.store import rows

NAME = "on_call"
TITLE = "On call"
TABLES = ("gold.circuit_breaker",)


def page(connection) -> Page:
    return Page(NAME, TITLE, f'<h1>What needs a hand</h1>\n<div class="panels">{checks(connection)}</div>')


def checks(connection):
    """Every check of the breaker, the tripped first."""
    found = rows(connection, """
        select check_name, status, reason, severity, runbook from gold.circuit_breaker
        order by case status when 'trip' then 1 when 'warn' then 2 when 'insufficient_data' then 3 else 4 end, check_name
    """)
    lines = [
        [row["status"], f'<a href="{runbook_link(row["runbook"])}">{escape(row["check_name"])}</a>', escape(row["reason"])]
        for row in found
    ]
    return panel("Checks", table(["status", "check", "reason"], lines, left=3), source="gold.circuit_breaker", wide=True)
