"""The store: whether it can be read, what it serves, and whether the next build starts afresh."""

import datetime
from pathlib import Path

from tools.doctor.finding import first_line, ok, problem, size_of, warning

FORMAT = "select coalesce(max(tags['storage_version']), '(unknown)') from duckdb_databases() where not internal"
CODE = ("models", "macros", "seeds", "python_models", "dbt_project.yml")


def store(place):
    import duckdb

    if not place.store.exists():
        yield warning("store", "nothing is built yet", "run make build")
        return
    try:
        with duckdb.connect(str(place.store), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            format = connection.execute(FORMAT).fetchone()[0]
            yield ok("store", f"{size_of(place.store.stat().st_size)}, in the format of DuckDB {format}")
            for check in (served, last_build, next_build):
                yield check(place, connection)
    except (duckdb.CatalogException, duckdb.BinderException) as why:
        yield warning("store", f"no finished build of this version of the project: {first_line(why)}", "run make build")
    except duckdb.Error as why:
        yield unreadable(place, first_line(why))


def unreadable(place, why):
    file = place.shown(place.store)
    if "Could not set lock" in why:
        return warning("store", f"{file} is being written", "ask again when the build has ended")
    if "version number" in why:
        return problem("store", f"{file} was written by another DuckDB: {why}", "move it away and run make build")
    return problem("store", f"{file} cannot be read: {why}", "move it away and run make build, or name another")


def served(place, connection):
    state, version, as_of, hold = connection.execute("""
        select breaker_state, serving_version_id, serving_as_of, hold_reason from published.serving_status
    """).fetchone()
    what = f"{state}; consumers read {f'{version}, as of {as_of:%Y-%m-%d %H:%M} UTC' if version else 'nothing yet'}"
    if hold:
        return warning("breaker", f"{what}; held: {hold}", "make release REASON=… ends it")
    if state != "CLOSED":
        return warning("breaker", what, "make status says which check, and which runbook helps")
    return ok("breaker", what)


def last_build(place, connection):
    found = connection.execute("select started_at, outcome, message from ledger.build_log order by 1 desc limit 1").fetchone()
    if not found:
        return warning("last build", "the store remembers none", "run make build")
    started, outcome, message = found
    words = f"{outcome or 'never ended'}, begun {started:%Y-%m-%d %H:%M} UTC"
    if outcome in ("published", "tripped", "not_audited"):
        return ok("last build", words)
    return warning("last build", f"{words}{f': {message}' if message else ''}", "make build makes good what was cut short")


def next_build(place, connection):
    """What of docs/increments.md can be told without dbt."""
    if not connection.execute("select count(*) from ledger.load_log").fetchone()[0]:
        return ok("next build", "makes all rows: no load was completed before")
    gone = changed_file(place, connection)
    if gone:
        return warning("next build", f"makes all rows anew: {gone} has changed or is gone",
                       "new rows as new files make the next builds short (docs/increments.md)")
    built = connection.execute("select max(started_at) from ledger.build_log where ended_at is not null").fetchone()[0]
    newer = newest_code(place)
    if built and newer and newer[0] > built:
        return ok("next build", f"may make all rows anew: {newer[1]} was touched after the last one")
    return ok("next build", "reads what is new, and repairs what that changes")


def changed_file(place, connection):
    """A file of the clickstream that was read before and is not as it was; None when all are."""
    for file, size in connection.execute("select source_file, size_bytes from ledger.loaded_files order by 1").fetchall():
        path = place.root / file
        if not path.exists() or path.stat().st_size != size:
            return file
    return None


def newest_code(place):
    """(time, path) of the model, macro, seed or setting that was touched last."""
    files = [file for name in CODE for file in [place.root / name, *Path(place.root, name).rglob("*")] if file.is_file()]
    latest = max(files, key=lambda file: file.stat().st_mtime, default=None)
    if latest is None:
        return None
    touched = datetime.datetime.fromtimestamp(latest.stat().st_mtime, datetime.timezone.utc).replace(tzinfo=None)
    return touched, latest.relative_to(place.root)


CHECKS = []
CHECKS_OF_THE_ENVIRONMENT = [store]
