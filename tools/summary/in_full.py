"""The summary in full: rows by layer, what was set aside, who was matched, what the shop was going through, who earned the
conversions, and what of it consumers read."""

import re
from pathlib import Path

from tools import status
from tools.summary.queries import LAYERS, MACHINES, STEPS, channels_by_model, misplaced_shares, number, rows, share


def print_in_full(connection, console, conversion_type, policy, truth):
    """Print everything; `truth` is the folder with a demo world's truth, or None."""
    for section in (header, layers, load, people, context, journeys):
        section(connection, console)
    credits(connection, console, conversion_type, policy)
    if truth:
        against_truth(connection, console, truth)
        singles_day(connection, console)
    console.title("What consumers read (schema published), and why")
    status.served(connection)


def header(connection, console):
    as_of, first = rows(connection, "select as_of, (select min(occurred_at) from bronze.clickstream_events) from silver.as_of")[0]
    span = f"events from {first:%Y-%m-%d %H:%M}, now = {as_of:%Y-%m-%d %H:%M} UTC" if first and as_of else "no events yet"
    console.title("Attribution feature store", span)


def layers(connection, console):
    console.title("Rows by layer")
    for layer in LAYERS:
        names = [name for (name,) in rows(
            connection,
            "select table_name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' order by 1",
            [layer],
        )]
        counts = {name: rows(connection, f'select count(*) from {layer}."{name}"')[0][0] for name in names}
        largest = sorted(counts.items(), key=lambda item: -item[1])[:5]
        shown = ", ".join(f"{name} {count:,}" for name, count in largest)
        console.print(f"  {layer:<7}{len(names):>3} tables {sum(counts.values()):>12,} rows   {shown}, …")


def load(connection, console):
    console.title("What came in, and what was set aside (bronze.load_audit, bronze.quarantine)")
    lines = rows(connection, """
        select source_table, rows_read, rows_in_bronze, rows_quarantined, rows_duplicate, rows_superseded,
            case when is_balanced then 'yes' else 'NO' end
        from bronze.load_audit where rows_read > 0 order by rows_read desc, source_table
    """)
    console.table(["raw table", "read", "in bronze", "quarantined", "duplicate", "superseded", "balanced"],
                  [[name, *(f"{count:,}" for count in counts), balanced] for name, *counts, balanced in lines])
    reasons = rows(connection, """
        select source_table, reason, count(*) from bronze.quarantine group by 1, 2 order by 3 desc, 1, 2 limit 5
    """)
    for name, reason, count in reasons:
        console.print(f"  quarantined {count:>5,} × {name}: {reason}")


def people(connection, console):
    console.title("Who is who (silver.identity_map)")
    identifiers, known = rows(connection, "select count(*), count(distinct person_id) from silver.identity_map")[0]
    sessions, matched = rows(connection, """
        select sum(total_count), sum(good_count) from gold.service_levels where sli = 'match_rate'
    """)[0]
    events, refused = rows(connection, "select sum(event_count), sum(analytics_refused_count) from silver.consent_summary")[0]
    console.print(f"  {identifiers:,} identifiers belong to {known:,} people")
    console.print(f"  match rate: {share(matched, sessions)} of {sessions or 0:,} sessions of people who allow linking belong to somebody "
          "known by more than one identifier")
    console.print(f"  consent: {share(refused, events)} of {events or 0:,} events refused and not used")


def context(connection, console):
    console.title("What the shop was going through (flags in silver and gold; nothing is deleted because of one)")
    for section in (outages, stock, discrepancies, costs, machines, promotions, blocked):
        section(connection, console)


def outages(connection, console):
    found = rows(connection, """
        select step, started_at, ended_at, missing_sessions, is_known_incident, is_planned,
            date_diff('hour', started_at, detected_at)
        from silver.outages where scope = 'all' order by started_at
    """)
    alone = rows(connection, "select count(*) from silver.outages where is_alarm and scope <> 'all'")[0][0]
    console.print(f"  outages: {len(found)} of the whole shop, {alone} of single sources")
    for step, start, end, missing, is_known, is_planned, hours in found[:10]:
        loss = f", about {missing:,.0f} missing" if missing else ""
        known = ", planned" if is_planned else ", a known incident" if is_known else f", found after {hours} h"
        console.print(f"    {start:%m-%d %H:%M} to {end:%m-%d %H:%M}: {STEPS[step]}{loss}{known}")
    if len(found) > 10:
        console.print(f"    and {len(found) - 10} more in silver.outages")


def stock(connection, console):
    touches, known, out = rows(connection, """
        select count(*), count(is_out_of_stock), count(*) filter (is_out_of_stock) from silver.touchpoints
    """)[0]
    console.print(f"  stock: {out:,} of {known:,} touches with a known stock met a sold-out product ({touches - known:,} unknown)")
    for sku, hours, count in rows(connection, """
        select sku_id, out_of_stock_hours, touch_count
        from (select sku_id, sum(out_of_stock_hours) as out_of_stock_hours from silver.sku_availability_daily group by 1)
        join (select sku_id, count(*) as touch_count from silver.touchpoints where is_out_of_stock group by 1) using (sku_id)
        order by 3 desc, 1 limit 3
    """):
        console.print(f"    {sku}: {hours:,.0f} h sold out, {count:,} touches in them")


def discrepancies(connection, console):
    days, low, unjudged = rows(connection, """
        select count(*), count(*) filter (data_quality_flag = 'LOW_CONFIDENCE'),
            count(*) filter (data_quality_flag = 'INSUFFICIENT_DATA')
        from silver.campaign_discrepancy where platform_clicks is not null
    """)[0]
    console.print(f"  clicks against sessions: {low:,} of {days:,} campaign-days do not agree, {unjudged:,} are too small to tell")
    for campaign, count, first, last, lost in rows(connection, """
        select campaign_id, count(*), min(date), max(date), 1 - sum(tracked_sessions) / sum(platform_clicks)
        from silver.campaign_discrepancy where data_quality_flag = 'LOW_CONFIDENCE' and platform_clicks > 0
        group by 1 order by 2 desc, 1 limit 4
    """):
        what = f"{lost:.0%} of the clicks without a session" if lost >= 0 else f"{-lost:.0%} more sessions than clicks"
        console.print(f"    {campaign}: {count} days between {first:%m-%d} and {last:%m-%d}, {what}")


def costs(connection, console):
    found = rows(connection, """
        select date, campaign_id, anomaly_kind, spend, expected_spend from silver.spend_anomalies
        where is_cost_anomaly order by abs(coalesce(spend, 0) - coalesce(expected_spend, 0)) desc, 1, 2
    """)
    console.print(f"  costs: not to be believed on {len(found)} campaign-day{'s' * (len(found) != 1)}")
    for date, campaign, kind, spend, expected in found[:4]:
        words = kind.replace("_", " ")
        console.print(f"    {date:%m-%d} {campaign}: {number(spend, ',.2f')} where {number(expected, ',.2f')} was expected ({words})")


def machines(connection, console):
    found = dict(rows(connection, "select visitor_tag, count(*) from silver.sessions group by 1"))
    counts = ", ".join(f"{found[tag]:,} {name}" for tag, name in MACHINES.items() if tag in found) or "none"
    console.print(f"  sessions that are no visits of people: {counts}")


def promotions(connection, console):
    major, minor = rows(connection, """
        select count(*) filter (is_major_promo), count(*) filter (is_minor_promo) from silver.promo_days
    """)[0]
    console.print(f"  promotions: {major} days of major ones, {minor} of minor ones")


def blocked(connection, console):
    found = dict(rows(connection, """
        select blocked_reason, count(*) from gold.journeys where is_blocked and conversion_type = 'purchase' group by 1
    """))
    console.print(f"  purchase journeys that ended where the shop stood in the way: {found.get('out_of_stock', 0):,} at a sold-out "
          f"product, {found.get('outage', 0):,} in an outage")


def journeys(connection, console):
    console.title("Journeys (gold.journeys)")
    lines = rows(connection, """
        select conversion_type, count(*) filter (journey_status = 'converted'),
            count(*) filter (journey_status = 'converted' and touch_count = 0),
            count(*) filter (journey_status = 'lost'), count(*) filter (journey_status = 'open'),
            avg(touch_count) filter (journey_status = 'converted' and touch_count > 0), sum(net_revenue)
        from gold.journeys group by 1 order by 2 desc, 1
    """)
    console.table(["conversion type", "converted", "without a touch", "lost", "open", "touches each", "net revenue"],
                  [[kind, f"{won:,}", f"{bare:,}", f"{lost:,}", f"{still:,}", f"{length or 0:.1f}", f"{revenue or 0:,.0f}"]
                   for kind, won, bare, lost, still, length, revenue in lines])


def credits(connection, console, conversion_type, policy):
    console.title(f"Share of {conversion_type} credit by channel, {policy} (gold.channel_credits)")
    by_channel, channels, models = channels_by_model(connection, conversion_type, policy)
    lines = []
    for channel in channels:
        values = by_channel[channel]
        shares = [f"{values[model][0]:.1%}" if model in values else "–" for model in models]
        _, spend, roas, effect = values.get("markov", (None,) * 4)
        lines.append([channel, *shares, number(effect, ".3f"), number(spend, ",.0f"), number(roas, ".2f")])
    console.table(["channel", *models, "removal effect", "spend", "ROAS (Markov)"], lines)


def against_truth(connection, console, truth):
    """Shares of purchase credit by Markov, naive and context-aware, beside what each channel caused."""
    console.title("Purchase credit against what channels caused in the demo world (analyses/channel_shares_against_truth.sql)")
    found = rows(connection, """
        with credited as (
            select channel, context_policy, credited_conversions / sum(credited_conversions) over (
                partition by context_policy) as share
            from gold.channel_credits
            where attribution_model = 'markov' and conversion_type = 'purchase' and channel <> 'unattributed'
        )
        select truth.channel, truth.share, naive.share, aware.share
        from read_parquet($1) as truth
        left join credited as naive on truth.channel = naive.channel and naive.context_policy = 'naive'
        left join credited as aware on truth.channel = aware.channel and aware.context_policy = 'context_aware'
        where truth.share is not null order by truth.share desc
    """, [f"{truth}/channel_contribution.parquet"])
    console.table(["channel", "caused", "Markov naive", "Markov context-aware"],
                  [[channel, *(number(value, ".1%") for value in values)] for channel, *values in found])
    errors = misplaced_shares(connection, truth)
    for name, policy in [("naive", "naive"), ("context-aware", "context_aware")]:
        console.print(f"  {name}: {errors['markov', policy]:.1%} of the credit stands with the wrong channel")


def singles_day(connection, console):
    """Noon of the demo world's Singles Day: what its campaigns say without and with the context."""
    tables = dict(rows(connection, f"""
        select table_name, table_schema || '.' || table_name from information_schema.tables
        where table_schema in ('{"', '".join(LAYERS)}')
    """))
    query = (Path(__file__).parents[2] / "analyses" / "singles_day_at_noon.sql").read_text()
    query = re.sub(r"{{ ref\('(\w+)'\) }}", lambda ref: tables.get(ref[1], ref[1]), query)
    found = rows(connection, f"""
        select campaign_id, orders_before, sessions_before, orders_after, sessions_after, without_context, with_context
        from ({query})
    """)
    if not any(line[-1].startswith("sold out") for line in found):  # another shop, or another world
        return
    console.title("Singles Day at noon: the hero product sells out, its campaigns go on (analyses/singles_day_at_noon.sql)")
    console.table(["campaign", "without context", "with context", "orders of visits before noon", "from noon to 18:00"],
                  [[campaign, *readings, f"{orders:,} of {visits:,}", f"{orders_after:,} of {visits_after:,}"]
                   for campaign, orders, visits, orders_after, visits_after, *readings in found], left=3)
