"""The raw files: which tables are there, whether they can be read, and how far they reach."""

import datetime

from tools.doctor.finding import first_line, ok, problem, size_of, warning

SCANNED_BYTES = 500_000_000  # text files above this are not searched for their newest event
AHEAD = datetime.timedelta(days=1)


def raw_dir(place):
    folder = place.shown(place.raw_dir)
    if not place.raw_dir.is_dir():
        if place.is_demo:
            return warning("raw files", f"no {folder} yet", "run make build, which makes the demo world")
        return problem("raw files", f"there is no folder {folder}", "name the one with your raw files: RAW_DIR=…")
    files = [file for file in place.raw_dir.rglob("*") if file.is_file()]
    if not files:
        return problem("raw files", f"{folder} is empty", "models/bronze/_sources.yml lists what can be there")
    return ok("raw files", f"{len(files):,} files, {size_of(sum(file.stat().st_size for file in files))} below {folder}")


def tables(place):
    """Each declared table through the macro that the build reads it with: required ones and columns there, all readable."""
    import duckdb
    from expectations.macros import Macros, RawProblem

    if not place.raw_dir.is_dir():
        return
    macros, found, absent = Macros(duckdb.connect(), place.raw_dir), 0, []
    for schema, table in place.declared_tables():
        name = f"{schema}.{table['name']}"
        try:
            relation = macros.relation(schema, table["name"])
        except RawProblem as why:
            yield problem("raw tables", first_line(why), "keep the files of one format")
            continue
        except duckdb.Error as why:
            yield problem("raw tables", f"{name} cannot be read: {without_values(why)}", "deliver the file again")
            continue
        if relation is None and is_required(table):
            yield problem("raw tables", f"{name} is required and not below {place.shown(place.raw_dir)}",
                          f"bring it as {schema}/{table['name']}.parquet, .csv, .csv.gz, .json or a folder of them")
        elif relation is None:
            absent.append(name)
        else:
            lacking = [c["name"] for c in table["columns"] if is_required(c) and c["name"] not in relation["columns"]]
            if lacking:
                yield problem("raw tables", f"{name} lacks {', '.join(lacking)}", "models/bronze/_sources.yml says what it is")
            found += not lacking
    if found:
        yield ok("raw tables", f"{found} can be read with every required column"
                 + (f"; optional and not there: {', '.join(absent)}" if absent else ""))


def without_values(error):
    """DuckDB may quote a line of a text file, and a line holds values: then only the kind of error."""
    return first_line(error) if ".parquet" in first_line(error) else type(error).__name__


def newest_event(place):
    """The latest event is "now" for a whole build, unless as_of is set."""
    import duckdb
    from expectations.macros import Macros, RawProblem

    if not place.raw_dir.is_dir():
        return None
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    try:
        relation = Macros(connection, place.raw_dir).relation("raw", "clickstream_events")
    except (duckdb.Error, RawProblem):
        return None  # the check of the tables tells it
    if relation is None or "event_ts" not in relation["columns"] or is_large(place):
        return None
    newest = connection.execute(
        f"select cast(max(try_cast(cast(event_ts as varchar) as timestamptz)) as timestamp) from {relation['relation']}"
    ).fetchone()[0]
    if newest is None:
        return warning("newest event", "no event has a time that can be read", "make raw-check RAW_DIR=… says more")
    if newest > datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + AHEAD:
        return warning("newest event", f"{newest:%Y-%m-%d %H:%M} UTC lies ahead",
                       "the build would take it for now: set the var as_of")
    return ok("newest event", f"{newest:%Y-%m-%d %H:%M} UTC")


def is_large(place):
    files = [*place.raw_dir.glob("raw/clickstream_events.*"), *place.raw_dir.glob("raw/clickstream_events/**/*.*")]
    return sum(file.stat().st_size for file in files if file.suffix != ".parquet") > SCANNED_BYTES


def is_required(node):
    return bool(node.get("config", {}).get("meta", {}).get("required"))


CHECKS = [raw_dir]
CHECKS_OF_THE_ENVIRONMENT = [tables, newest_event]
