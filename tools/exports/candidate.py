"""Gold as the last build made it, good or not: for notebooks, never for a model that acts. People go under pseudonyms."""

import os

from tools.exports.published import serving_status
from tools.exports.snapshots import keep_snapshot, point_to, prune
from tools.exports.tables import Export, columns_of, write_parquet
from tools.stores import Refused

TABLES = [
    "attribution_credits", "booked_revenue", "campaign_daily_features", "channel_credits", "journey_touchpoints", "journeys",
    "person_features", "revenue_reconciliation", "service_levels", "system_health_hourly", "traffic_summary",
]  # fmt: skip

NOTE = "A candidate: what the last build made, whether or not the circuit breaker let it be published."
# As in profiles/profiles.yml: without a key of one's own, a key that everybody can read.
DEMO_KEY = "DEMO-KEY-do-not-use-for-real-people"


def export_candidate(connection, out, tables, keep):
    wanted = sorted(set(tables or TABLES))
    if strangers := [name for name in wanted if name not in TABLES]:
        raise Refused(f"{', '.join(strangers)}: not among the tables of gold that are exported: {', '.join(TABLES)}")
    hash_with_the_key(connection)
    place = out / "candidate"
    as_of = connection.execute("select as_of from silver.as_of").fetchone()[0]
    folder, is_new = keep_snapshot(
        place,
        lambda path: [write_parquet(connection, with_pseudonyms(connection, name), path) for name in wanted],
        {"kind": "candidate", "note": NOTE, "as_of": as_of},
    )
    status = serving_status(connection)
    point_to(place, {
        "format": 1, "kind": "candidate", "note": NOTE, "as_of": as_of, "folder": folder.name,
        "breaker_state": status["breaker_state"], "tripped_checks": status["tripped_checks"],
    })  # fmt: skip
    prune(place, keep, folder)
    yield f"{folder}: {len(wanted)} tables of gold, a candidate" + ("" if is_new else ", there already")
    if status["breaker_state"] == "OPEN":
        yield "the circuit breaker is OPEN: this candidate is not what consumers read"


def hash_with_the_key(connection):
    """Let the connection hash as the build does: the key stays out of the SQL."""
    from profiles.duckdb_contact_hash import Plugin  # dbt costs a second that a refusal need not take

    key = os.environ.get("DBT_ENV_SECRET_CONTACT_HASH_KEY", DEMO_KEY)
    Plugin("contact_hash", {"key": key}).configure_connection(connection)


def with_pseudonyms(connection, name) -> Export:
    """A table of gold in which a person is a keyed hash: equal from file to file, and of no use to whoever lacks the key."""
    columns = [
        "left(contact_hash(person_id), 32) as person_id" if column == "person_id" else column
        for column, _ in columns_of(connection, f"select * from gold.{name}")
    ]
    return Export(name, f"select {', '.join(columns)} from gold.{name} order by all", f"gold.{name}")
