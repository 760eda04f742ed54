"""The version that consumers read. When the breaker is open that is the last good one, and the pointer says so."""

from tools.exports.snapshots import keep_snapshot, point_to, prune
from tools.exports.tables import Export, literal, table_of_store, write_parquet
from tools.stores import Refused, rows_of

STATUS_TABLES = ("published.serving_status", "published.versions")


def export_published(connection, out, keep):
    status = serving_status(connection)
    version = status["serving_version_id"]
    if not version:
        raise Refused("nothing is published yet: no build was good enough (make status says why)")
    folder, is_new = keep_snapshot(
        out,
        lambda path: [write_parquet(connection, export, path) for export in tables_of(version)],
        {"kind": "published", **card(connection, version)},
        version,
    )
    status_folder, _ = keep_snapshot(
        out / "status",
        lambda path: [write_parquet(connection, table_of_store(name), path) for name in STATUS_TABLES],
        {"kind": "status"},
    )
    told = {name: value for name, value in status.items() if not name.startswith("serving")}
    point_to(out, {
        "format": 1, "kind": "published", "version_id": version, "as_of": status["serving_as_of"], "folder": folder.name,
        "status_folder": f"status/{status_folder.name}", **told,
    })  # fmt: skip
    prune(out, keep, folder)
    prune(out / "status", keep, status_folder)
    as_of = status["serving_as_of"]
    yield f"{folder}: version {version}, as of {as_of:%Y-%m-%d %H:%M} UTC" + ("" if is_new else ", there already")
    if status["breaker_state"] == "OPEN":
        yield "the circuit breaker is OPEN, so this is the last good version: " + why(status)


def serving_status(connection) -> dict:
    """The one row of published.serving_status."""
    [status] = rows_of(connection, "select * from published.serving_status")
    return status


def why(status) -> str:
    held = [f"publishing is held ({status['hold_reason']})"] if status["hold_reason"] else []
    return "; ".join([*held, *(f"{name} tripped" for name in status["tripped_checks"])]) or "no build was audited since"


def card(connection, version) -> dict:
    """What published.versions says of a version for ever: not whether it is the current one."""
    names = ["version_id", "published_at", "as_of", "reason", "build_id"]
    found = connection.execute(f"select {', '.join(names)} from published.versions where version_id = ?", [version]).fetchone()
    return dict(zip(names, found))


def tables_of(version) -> list[Export]:
    """The tables of a version; of the registry its own rows alone, which stay as they are."""
    return [
        table_of_store("published.campaign_daily_features"),
        table_of_store("published.channel_credits"),
        Export(
            "model_registry",
            f"select * from published.model_registry where version_id = {literal(version)} order by all",
            "published.model_registry",
        ),
    ]
