"""The summary on one screen: what came in, what was flagged, what each model says, what consumers read, where to go on."""

from tools.summary.queries import MACHINES, STEPS, channels_by_model, counted, misplaced_shares, rows, share

# Two lines of heading for each model, narrow enough for eight beside each other in 80 columns.
HEADINGS = {
    "first_touch": ("first", "touch"),
    "last_touch": ("last", "touch"),
    "last_non_direct": ("last non", "direct"),
    "linear": ("", "linear"),
    "position_based": ("position", "based"),
    "time_decay": ("time", "decay"),
    "markov": ("", "markov"),
    "shapley": ("", "shapley"),
}
# Left out, the first one first, where the terminal is too narrow for all.
DISPENSABLE = ["time_decay", "position_based", "last_non_direct", "linear", "first_touch", "shapley", "last_touch"]
CHANNELS_SHOWN = 9
NEXT = [
    ("make open", "the dashboards, in a browser"),
    ("make summary", "all of this in full"),
    ("make status", "what is served, every warning, the last builds"),
    ("make doctor", "this machine, versions, data and settings"),
    ("make docs", "every table and column as one page"),
    ("docs/bring_your_own_data.md", "your own files instead of the demo world"),
]


def print_compact(connection, console, conversion_type, policy, truth):
    """Print about forty lines; `truth` is the folder with a demo world's truth, or None."""
    header(connection, console)
    arrivals(connection, console)
    flags(connection, console)
    models(connection, console, conversion_type, policy)
    if truth and conversion_type == "purchase":
        against_truth(connection, console, truth)
    served(connection, console)
    where_next(console)


def header(connection, console):
    as_of, first = rows(connection, """
        select as_of, (select min(occurred_at) from bronze.clickstream_events) from silver.as_of
    """)[0]
    span = f"{first:%Y-%m-%d} to {as_of:%Y-%m-%d %H:%M} UTC" if first and as_of else "no events yet"
    console.title("Attribution feature store", span)


def arrivals(connection, console):
    console.title("What came in")
    read, kept, repeated, older, refused, tables, unbalanced = rows(connection, """
        select sum(rows_read), sum(rows_in_bronze), sum(rows_duplicate), sum(rows_superseded), sum(rows_quarantined),
            count(*), count(*) filter (not is_balanced)
        from bronze.load_audit where rows_read > 0
    """)[0]
    if not tables:
        console.entry("rows", "none: every raw table is empty", "red")
        return
    console.entry("rows", f"{read:,} in {counted(tables, 'table')}: {kept:,} kept, {repeated + older:,} repeats or outdated",
                  "green")
    reasons = rows(connection, """
        select source_table || ': ' || reason from bronze.quarantine group by 1 order by count(*) desc, 1 limit 1
    """)
    most = f", most often {reasons[0][0]}" if reasons else ""
    console.entry("quarantine", f"{counted(refused, 'row')} that cannot be used{most}", "yellow" if refused else "green")
    if unbalanced:
        console.entry("audit", f"rows of {counted(unbalanced, 'table')} are unaccounted for: bronze.load_audit", "red")
    people(connection, console)


def people(connection, console):
    identifiers, known = rows(connection, "select count(*), count(distinct person_id) from silver.identity_map")[0]
    sessions, matched = rows(connection, """
        select sum(total_count), sum(good_count) from gold.service_levels where sli = 'match_rate'
    """)[0]
    events, refused = rows(connection, "select sum(event_count), sum(analytics_refused_count) from silver.consent_summary")[0]
    console.entry("people", f"{known:,} behind {identifiers:,} identifiers; match rate {share(matched, sessions)}", "green")
    console.entry("consent", f"{share(refused, events)} of the events were refused by their people and not used", "green")


def flags(connection, console):
    console.title("What was flagged", "a flag on every row it concerns, no row is deleted")
    for label, flag in [("outages", outages), ("sold out", stock), ("tracking", tracking), ("costs", costs),
                        ("machines", machines), ("promotions", promotions), ("blocked", blocked)]:
        is_raised, text = flag(connection)
        console.entry(label, text, "yellow" if is_raised else "green", sign="●" if is_raised else "○")


def outages(connection):
    found = rows(connection, """
        select step, started_at, date_diff('hour', started_at, ended_at), missing_sessions from silver.outages
        where scope = 'all' order by 3 desc, started_at
    """)
    alone = rows(connection, "select count(*) from silver.outages where is_alarm and scope <> 'all'")[0][0]
    if not found:
        return alone > 0, f"none of the whole shop, {alone} of single sources"
    step, start, hours, missing = found[0]
    loss = f", about {missing:,.0f} sessions lost" if missing else ""
    return True, (f"{len(found)} of the whole shop, {alone} of single sources; the longest from {start:%m-%d %H:%M}, "
                  f"{hours} h: {STEPS[step]}{loss}")


def stock(connection):
    known, out = rows(connection, "select count(is_out_of_stock), count(*) filter (is_out_of_stock) from silver.touchpoints")[0]
    if not out:
        return False, f"none of {known:,} touches with a known stock met a sold-out product"
    sku, count = rows(connection, """
        select sku_id, count(*) from silver.touchpoints where is_out_of_stock group by 1 order by 2 desc, 1 limit 1
    """)[0]
    return True, f"{out:,} touches ({share(out, known)}) met a sold-out product, {count:,} of them {sku}"


def tracking(connection):
    days, low, unjudged = rows(connection, """
        select count(*), count(*) filter (data_quality_flag = 'LOW_CONFIDENCE'),
            count(*) filter (data_quality_flag = 'INSUFFICIENT_DATA')
        from silver.campaign_discrepancy where platform_clicks is not null
    """)[0]
    text = f"clicks and sessions disagree on {low:,} of {counted(days, 'campaign-day')} ({unjudged:,} too small to tell)"
    if low:
        campaign, count = rows(connection, """
            select campaign_id, count(*) from silver.campaign_discrepancy
            where data_quality_flag = 'LOW_CONFIDENCE' and platform_clicks is not null group by 1 order by 2 desc, 1 limit 1
        """)[0]
        text += f", most often {campaign}: {counted(count, 'day')}"
    return low > 0, text


def costs(connection):
    found = rows(connection, """
        select date, campaign_id, anomaly_kind, spend, expected_spend from silver.spend_anomalies where is_cost_anomaly
        order by abs(coalesce(spend, 0) - coalesce(expected_spend, 0)) desc, 1, 2
    """)
    if not found:
        return False, "no campaign-day has a cost that is not to be believed"
    date, campaign, kind, spend, expected = found[0]
    return True, (f"not to be believed on {counted(len(found), 'campaign-day')}: {campaign} on {date:%m-%d}, "
                  f"{spend or 0:,.2f} where {expected or 0:,.2f} was expected ({kind.replace('_', ' ')})")


def machines(connection):
    found = dict(rows(connection, "select visitor_tag, count(*) from silver.sessions group by 1"))
    tagged = {name: found[tag] for tag, name in MACHINES.items() if tag in found}
    if not tagged:
        return False, "no session looks like a machine's"
    most = max(tagged, key=tagged.get)
    total = sum(tagged.values())
    return True, f"{share(total, sum(found.values()))} of the sessions are machines', mostly {most}"


def promotions(connection):
    major, minor = rows(connection, """
        select count(*) filter (is_major_promo), count(*) filter (is_minor_promo) from silver.promo_days
    """)[0]
    return major + minor > 0, f"{counted(major, 'day')} of major ones, {minor:,} of minor ones"


def blocked(connection):
    found = dict(rows(connection, """
        select blocked_reason, count(*) from gold.journeys where is_blocked and conversion_type = 'purchase' group by 1
    """))
    return bool(found), (f"{found.get('out_of_stock', 0):,} purchase journeys ended at a sold-out product, "
                         f"{found.get('outage', 0):,} in an outage")


def models(connection, console, conversion_type, policy):
    """Each model's shares of the credit, as many models as the width holds, and where they differ most."""
    by_channel, channels, present = channels_by_model(connection, conversion_type, policy)
    total = rows(connection, """
        select count(*) from gold.journeys where conversion_type = ? and journey_status = 'converted'
    """, [conversion_type])[0][0]
    console.title("What each model says", f"% of the credit for {total:,} {conversion_type} conversions, {policy}")
    if not by_channel:
        console.text(f"nothing: there is no conversion of the type {conversion_type}")
        return
    shown = fitting(present, max(map(len, channels)), console.width)
    heads = [HEADINGS.get(model, ("", model)) for model in shown] + [("", " ROAS")]
    widths = [max(map(len, head)) for head in heads]
    name_width = max(map(len, channels[:CHANNELS_SHOWN]))
    for level in (0, 1):
        cells = " ".join(head[level].rjust(width) for head, width in zip(heads, widths))
        console.print(console.paint(f"  {'':<{name_width}} {cells}".rstrip(), "dim"))
    for channel in channels[:CHANNELS_SHOWN]:
        values = by_channel[channel]
        cells = [f"{values[model][0] * 100:.1f}" if model in values else "–" for model in shown]
        roas = values.get("markov", (None,) * 3)[2]
        cells.append("–" if roas is None else f"{roas:.2f}")
        console.print(f"  {channel:<{name_width}} " + " ".join(cell.rjust(width) for cell, width in zip(cells, widths)))
    console.text(widest_gap(by_channel, channels))
    left_out = [counted(count, f"more {noun}") for count, noun in [
        (len(channels) - CHANNELS_SHOWN, "channel"), (len(present) - len(shown), "model")] if count > 0]
    if left_out:
        console.text(f"{' and '.join(left_out)}: make summary")


def fitting(present, name_width, width):
    """The models whose columns fit beside the channels' names and the ROAS."""
    shown = list(present)
    for model in [*DISPENSABLE, None]:
        needed = 2 + name_width + sum(1 + max(map(len, HEADINGS.get(m, ("", m)))) for m in shown) + 6
        if needed <= width or model is None:
            break
        shown = [m for m in shown if m != model]
    return shown


def widest_gap(by_channel, channels):
    """In words: the channel that the models judge most differently."""
    def ends(channel):
        shares = {model: values[0] or 0 for model, values in by_channel[channel].items()}
        low, high = min(shares, key=shares.get), max(shares, key=shares.get)
        return shares[high] - shares[low], low, shares[low], high, shares[high]

    channel = max(channels, key=lambda channel: ends(channel)[0])
    _, low, least, high, most = ends(channel)
    return f"They differ most on {channel}: {least:.1%} by {low}, {most:.1%} by {high}."


def against_truth(connection, console, truth):
    errors = misplaced_shares(connection, truth)
    naive = {model: error for (model, policy), error in errors.items() if policy == "naive"}
    best, worst = min(naive, key=naive.get), max(naive, key=naive.get)
    console.text(f"What channels caused is known here: {best} gives {naive[best]:.1%} of the credit to a wrong channel, "
                 f"{worst} {naive[worst]:.1%}, markov {naive['markov']:.1%} "
                 f"(context-aware {errors['markov', 'context_aware']:.1%}).")


def served(connection, console):
    console.title("What consumers read", "schema published")
    state, as_of, stale, hold = rows(connection, """
        select breaker_state, serving_as_of, staleness_hours, hold_reason from published.serving_status
    """)[0]
    behind = f", {stale:,.0f} hours behind this build" if stale else ""
    what = f"the version as of {as_of:%Y-%m-%d %H:%M} UTC{behind}" if as_of else "nothing: no build was good enough yet"
    console.entry("breaker", f"{state}; consumers read {what}", "green" if state == "CLOSED" else "red")
    if hold:
        console.entry("held", f"{hold} (make release REASON=… ends it)", "yellow")
    last_build(connection, console)
    checks(connection, console)


def last_build(connection, console):
    """A line when the last build did not end well: the tables may be of two builds."""
    for outcome, message in rows(connection, "select outcome, message from ledger.build_log order by started_at desc limit 1"):
        if outcome in (None, "failed"):
            what = f"failed at {message}" if outcome else "has not ended: it was killed, or is still running"
            console.entry("last build", f"{what}; what stands above may be of two builds", "red")


def checks(connection, console, shown=3):
    counts = dict(rows(connection, "select status, count(*) from gold.circuit_breaker group by 1"))
    trips, warnings = counts.get("trip", 0), counts.get("warn", 0)
    colour = "red" if trips else "yellow" if warnings else "green"
    console.entry("checks", f"{counts.get('pass', 0)} pass, {warnings} warn, {trips} trip, "
                  f"{counts.get('insufficient_data', 0)} have not enough data yet", colour)
    for name, reason, runbook in rows(connection, f"""
        select check_name, reason, runbook from gold.circuit_breaker where status = 'trip' order by 1 limit {shown}
    """):
        console.entry("tripped", f"{name}: {reason} ({runbook})", "red")
    if trips > shown:
        console.text(f"and {trips - shown} more: make status", indent=16)


def where_next(console):
    console.title("Where to look next")
    for what, why in NEXT:
        console.entry(what, why, "cyan", sign="→", label_width=28)
