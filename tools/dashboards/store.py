"""Questions to the store, and what every page needs to know of it."""

from functools import cache

from tools.stores import Refused, open_store
from tools.stores import rows_of as rows

# What the frame of every page reads (banner and footer); each page's module names its own.
TABLES = (
    "bronze.fx_rates",
    "gold.circuit_breaker",
    "ledger.audit_log",
    "ledger.current_hold",
    "published.serving_status",
    "published.versions",
    "silver.as_of",
    "silver.exchange_rates",
)

__all__ = ["Refused", "one", "open_store", "rows", "status"]


def one(connection, query, parameters=None):
    """The only row of a query as a dict."""
    [row] = rows(connection, query, parameters)
    return row


def status(connection):
    """What consumers read since when, the state of the breaker, the checks that stand in the way, and what "now" is.

    `open_since` is when the first of the builds began that in a row were not good enough, or when a person held
    publishing, whichever was earlier. Times are UTC.
    """
    found = one(connection, """
        select serving.*, versions.published_at, clock.as_of,
            least(
                (
                    select min(audits.audited_at) from ledger.audit_log as audits
                    where not audits.is_accepted and audits.audited_at > coalesce(
                        (select max(audited_at) from ledger.audit_log where is_accepted), timestamp '0001-01-01'
                    )
                ),
                (select min(recorded_at) from ledger.current_hold)
            ) as open_since
        from published.serving_status as serving
        cross join silver.as_of as clock
        left join published.versions as versions on serving.serving_version_id = versions.version_id
    """)
    tripped = rows(connection, """
        select check_name, reason, severity, runbook from gold.circuit_breaker
        where status = 'trip' order by severity, check_name
    """)
    return {**found, "is_open": found["breaker_state"] == "OPEN", "trips": tripped, "currency": currency(connection)}


def currency(connection):
    """The reporting currency: the one that is worth 1 always, and preferably no foreign one."""
    return one(connection, """
        select min_by(
            rates.currency, (rates.currency in (select currency from bronze.fx_rates), rates.currency)
        ) as currency
        from silver.exchange_rates as rates
        where rates.rate_to_reporting = 1 and rates.valid_from < '0002-01-01' and rates.valid_to > '9999-01-01'
    """)["currency"]


@cache
def vega_bundle():
    """Vega, Vega-Lite and Vega-Embed as one script, which vl-convert carries with it."""
    import vl_convert  # costs a second, and only pages need it

    return vl_convert.javascript_bundle()
