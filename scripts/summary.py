"""Print what a build holds: rows by layer, what was set aside, who was matched, and who earned the conversions.

    .venv/bin/python scripts/summary.py [--conversion-type purchase] [--context-policy naive]

Reads the DuckDB file that FEATURE_STORE_DB names (default: data/feature_store.duckdb) and writes nothing.
"""

import argparse
import os
import sys

import duckdb

LAYERS = ["bronze", "silver", "gold"]
MODELS = ["first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay", "markov", "shapley"]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--conversion-type", default="purchase")
    arguments.add_argument("--context-policy", default="naive", choices=["naive", "context_aware"])
    chosen = arguments.parse_args()
    path = os.environ.get("FEATURE_STORE_DB", "data/feature_store.duckdb")
    if not os.path.exists(path):
        print(f"There is no feature store at {path} yet: run make build, or set FEATURE_STORE_DB.", file=sys.stderr)
        return 1
    with duckdb.connect(path, read_only=True) as connection:
        try:
            for section in (header, layers, load, people, journeys):
                section(connection)
            credits(connection, chosen.conversion_type, chosen.context_policy)
        except duckdb.CatalogException as problem:
            print(f"{path} holds no finished build ({str(problem).splitlines()[0]}): run make build.", file=sys.stderr)
            return 1
    return 0


def rows(connection, query, parameters=()):
    return connection.execute(query, list(parameters)).fetchall()


def title(text):
    print(f"\n{text}\n{'─' * len(text)}")


def table(head, lines, left=1):
    """Print columns as wide as they need to be; the first `left` to the left, the rest to the right."""
    cells = [[str(cell) for cell in line] for line in [head, *lines]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    for line in cells:
        print("  " + "  ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))).rstrip())


def header(connection):
    as_of, first = rows(connection, "select as_of, (select min(occurred_at) from bronze.clickstream_events) from silver.as_of")[0]
    span = f"events from {first:%Y-%m-%d %H:%M}, now = {as_of:%Y-%m-%d %H:%M} UTC" if first and as_of else "no events yet"
    print(f"\nAttribution feature store · {span}")


def layers(connection):
    title("Rows by layer")
    for layer in LAYERS:
        names = [name for (name,) in rows(
            connection,
            "select table_name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' order by 1",
            [layer],
        )]
        counts = {name: rows(connection, f'select count(*) from {layer}."{name}"')[0][0] for name in names}
        largest = sorted(counts.items(), key=lambda item: -item[1])[:5]
        shown = ", ".join(f"{name} {count:,}" for name, count in largest)
        print(f"  {layer:<7}{len(names):>3} tables {sum(counts.values()):>12,} rows   {shown}, …")


def load(connection):
    title("What came in, and what was set aside (bronze.load_audit, bronze.quarantine)")
    lines = rows(connection, """
        select source_table, rows_read, rows_in_bronze, rows_quarantined, rows_duplicate, rows_superseded,
            case when is_balanced then 'yes' else 'NO' end
        from bronze.load_audit where rows_read > 0 order by rows_read desc, source_table
    """)
    table(["raw table", "read", "in bronze", "quarantined", "duplicate", "superseded", "balanced"],
          [[name, *(f"{count:,}" for count in counts), balanced] for name, *counts, balanced in lines])
    reasons = rows(connection, """
        select source_table, reason, count(*) from bronze.quarantine group by 1, 2 order by 3 desc, 1, 2 limit 5
    """)
    for name, reason, count in reasons:
        print(f"  quarantined {count:>5,} × {name}: {reason}")


def people(connection):
    title("Who is who (silver.identity_map)")
    identifiers, known = rows(connection, "select count(*), count(distinct person_id) from silver.identity_map")[0]
    sessions, matched = rows(connection, """
        select count(*), count(*) filter (person_id in (
            select person_id from silver.identity_map where match_type <> 'single'))
        from silver.sessions where not is_bot
    """)[0]
    events, refused = rows(connection, "select sum(event_count), sum(analytics_refused_count) from silver.consent_summary")[0]
    print(f"  {identifiers:,} identifiers belong to {known:,} people")
    print(f"  match rate: {share(matched, sessions)} of {sessions:,} sessions belong to somebody known by more than one identifier")
    print(f"  consent: {share(refused, events)} of {events or 0:,} events refused and not used")


def journeys(connection):
    title("Journeys (gold.journeys)")
    lines = rows(connection, """
        select conversion_type, count(*) filter (journey_status = 'converted'),
            count(*) filter (journey_status = 'converted' and touch_count = 0),
            count(*) filter (journey_status = 'lost'), count(*) filter (journey_status = 'open'),
            avg(touch_count) filter (journey_status = 'converted' and touch_count > 0), sum(net_revenue)
        from gold.journeys group by 1 order by 2 desc, 1
    """)
    table(["conversion type", "converted", "without a touch", "lost", "open", "touches each", "net revenue"],
          [[kind, f"{won:,}", f"{bare:,}", f"{lost:,}", f"{still:,}", f"{length or 0:.1f}", f"{revenue or 0:,.0f}"]
           for kind, won, bare, lost, still, length, revenue in lines])


def credits(connection, conversion_type, policy):
    title(f"Share of {conversion_type} credit by channel, {policy} (gold.channel_credits)")
    found = rows(connection, """
        select channel, attribution_model, credit_share, credited_conversions, spend, roas, removal_effect
        from gold.channel_credits where conversion_type = ? and context_policy = ?
    """, [conversion_type, policy])
    models = [m for m in MODELS if any(f[1] == m for f in found)] + sorted({f[1] for f in found} - set(MODELS))
    by_channel = {}
    for channel, model, credit_share, *rest in found:
        by_channel.setdefault(channel, {})[model] = (credit_share, *rest)
    order = sorted(by_channel, key=lambda channel: (-by_channel[channel].get("markov", (0,))[0], channel))
    lines = []
    for channel in order:
        shares = [f"{by_channel[channel][m][0]:.1%}" if m in by_channel[channel] else "–" for m in models]
        _, _, spend, roas, effect = by_channel[channel].get("markov", (None,) * 5)
        lines.append([channel, *shares, number(effect, ".3f"), number(spend, ",.0f"), number(roas, ".2f")])
    table(["channel", *models, "removal effect", "spend", "ROAS (Markov)"], lines)


def share(part, whole):
    return f"{(part or 0) / whole:.1%}" if whole else "–"


def number(value, pattern):
    return "–" if value is None else format(value, pattern)


if __name__ == "__main__":
    sys.exit(main())
