"""Journeys of the debug page: a small sample in which every kind of journey is met, each traced touch by touch.

What leaves this module names nobody: people and their cookies have numbers, and of a conversion only its kind, time and
amount are told (docs/dashboards.md). Times are UTC to the second.
"""

from collections import defaultdict
from itertools import groupby

from tools.dashboards.store import Refused, rows

# Kinds of journeys: label, how many, which of `candidates`, and which of these first.
READABLE = "abs(touch_count - 5), journey_id"
CONVERTED = "journey_status = 'converted'"
KINDS = {
    "policy": ("Context changes the credit", 6, "moved_credit > 0.005 and touch_count between 3 and 12",
               "conversion_type <> 'purchase', moved_credit desc, journey_id"),
    "discrepancy": ("Clicks and sessions disagree", 4, f"{CONVERTED} and has_low_confidence", READABLE),
    "outage_met": ("Converted after an outage", 4, f"{CONVERTED} and has_outage", READABLE),
    "stock_met": ("Converted after a sold-out product", 4, f"{CONVERTED} and has_sold_out", READABLE),
    "promotion": ("In a major promotion", 4, f"{CONVERTED} and has_major_promo", READABLE),
    "blocked_stock": ("Blocked: sold out", 5, "blocked_reason = 'out_of_stock'", READABLE),
    "blocked_outage": ("Blocked: outage", 5, "blocked_reason = 'outage'", READABLE),
    "payment_failed": ("A payment failed", 4, "has_failed_payment", READABLE),
    "devices": ("Many identifiers", 4, f"{CONVERTED} and touch_count > 1", "identifier_count desc, journey_id"),
    "longest": ("Longest", 4, CONVERTED, "touch_count desc, journey_id"),
    "unattributed": ("Unattributed", 4, f"{CONVERTED} and touch_count = 0", "identifier_count desc, journey_id"),
    "refunded": ("Refunded in part", 3, f"{CONVERTED} and refund_amount > 0", READABLE),
    "no_amount": ("No exchange rate", 2, f"{CONVERTED} and net_revenue is null", READABLE),
}
STATUSES = {"converted": 3, "lost": 2, "open": 2}  # journeys of each kind of conversion
STRANGERS = 8  # touches of the person that are not in the journey, the latest first
STEPS = 60  # steps of one session

CANDIDATES = """
create or replace temp table candidates as
with touches as (
    select
        journey_id,
        bool_or(data_quality_flag = 'LOW_CONFIDENCE') as has_low_confidence,
        bool_or(system_health_tag = 'POTENTIAL_OUTAGE') as has_outage,
        bool_or(is_out_of_stock) as has_sold_out,
        bool_or(is_major_promo) as has_major_promo
    from gold.journey_touchpoints
    group by journey_id
),
policies as (
    select journey_id, max(credit) - min(credit) as moved_credit
    from gold.attribution_credits
    where attribution_model = 'markov'
    group by journey_id, touchpoint_id
),
moved as (select journey_id, max(moved_credit) as moved_credit from policies group by journey_id),
identifiers as (select person_id, count(*) as identifier_count from silver.identity_map group by person_id),
failures as (
    select sessions.person_id, events.occurred_at
    from silver.session_events as events
    inner join silver.sessions as sessions using (anonymous_id, session_number)
    where events.event_name = 'payment_failed'
),
failed as (
    select distinct journeys.journey_id
    from gold.journeys as journeys
    inner join failures
        on journeys.person_id = failures.person_id
        and failures.occurred_at between journeys.started_at and journeys.ended_at
    where journeys.conversion_type = 'purchase'
)
select
    journeys.journey_id, journeys.conversion_type, journeys.journey_status, journeys.blocked_reason,
    journeys.touch_count, journeys.net_revenue, conversions.refund_amount, identifiers.identifier_count, moved.moved_credit,
    touches.* exclude (journey_id), failed.journey_id is not null as has_failed_payment
from gold.journeys as journeys
left join touches using (journey_id)
left join moved using (journey_id)
left join failed using (journey_id)
left join identifiers using (person_id)
left join silver.conversions as conversions using (conversion_type, conversion_id)
"""

# A campaign that nobody configured or reported is the free text of a tag, in which anything may stand.
MACROS = """
create or replace temp macro text_of(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S');
create or replace temp macro known_campaign(tag) as case
    when tag is null or tag in (select campaign_id from silver.campaigns) then tag else 'a campaign not configured'
end;
"""

JOURNEYS = """
select
    chosen.number, chosen.journey_id as id, journeys.person_id, journeys.conversion_type as type,
    journeys.journey_status as status, journeys.blocked_reason as blocked,
    text_of(journeys.started_at) as started_at, text_of(journeys.ended_at) as ended_at, journeys.net_revenue as revenue,
    conversions.gross_revenue as gross, conversions.refund_amount as refund, conversions.sales_channel,
    case when spans.touches_after > '0001-01-01' then text_of(spans.touches_after) end as previous_at
from chosen
inner join gold.journeys as journeys using (journey_id)
left join silver.conversions as conversions using (conversion_type, conversion_id)
left join gold.conversion_spans as spans using (journey_id)
order by chosen.number
"""

TOUCHES = """
select
    chosen.number, text_of(touches.touched_at) as at, round(touches.hours_to_end, 2) as hours, touches.channel,
    known_campaign(touches.campaign_id) as campaign, touches.sku_id as sku, touches.interaction_type as interaction,
    touches.is_out_of_stock as sold_out, touches.is_major_promo as major, touches.is_minor_promo as minor,
    round(touches.system_health_score, 3) as health, touches.system_health_tag as health_tag,
    touches.data_quality_flag as quality, blocked.blocked_reason as wall, contacts.anonymous_id
from chosen
inner join gold.journey_touchpoints as touches using (journey_id)
inner join silver.touchpoints as contacts using (touchpoint_id)
left join gold.blocked_touches as blocked using (touchpoint_id, conversion_type)
order by chosen.number, touches.touch_index
"""

CREDITS = """
select
    chosen.number, credits.context_policy as policy, credits.attribution_model as model,
    list(round(credits.credit, 6) order by touches.touch_index) as credits, round(sum(credits.credit), 9) as total
from chosen
inner join gold.attribution_credits as credits using (journey_id)
left join gold.journey_touchpoints as touches using (journey_id, touchpoint_id)
group by all
order by all
"""

# Touches before the conversion that are none of its own, and why.
STRANGERS_OF = """
select
    chosen.number, text_of(touches.touched_at) as at, touches.channel, known_campaign(touches.campaign_id) as campaign,
    touches.interaction_type as interaction, windows.window_days as days,
    case when touches.touched_at <= spans.touches_after then 'claimed' else 'too_old' end as reason,
    round(epoch(spans.converted_at - touches.touched_at) / 3600, 2) as hours
from chosen
inner join gold.conversion_spans as spans using (journey_id)
inner join silver.touchpoints as touches on spans.person_id = touches.person_id
inner join gold.touch_windows as windows
    on spans.conversion_type = windows.conversion_type and touches.channel = windows.channel
left join gold.journey_touchpoints as own
    on chosen.journey_id = own.journey_id and touches.touchpoint_id = own.touchpoint_id
where touches.touched_at <= spans.converted_at and own.journey_id is null
order by chosen.number, touches.touched_at desc, touches.touchpoint_id
"""

# Sessions from the first touch to the end; of a conversion without a touch, those of the month before it.
SESSIONS = """
select
    chosen.number, text_of(sessions.started_at) as at, sessions.channel, sessions.visitor_tag as visitor,
    sessions.may_market, sessions.anonymous_id, touches.touch_index as touch,
    list([events.event_name, cast(epoch(events.occurred_at - sessions.started_at) as integer)::varchar]
        order by events.event_number) as steps
from chosen
inner join gold.journeys as journeys using (journey_id)
inner join silver.sessions as sessions
    on journeys.person_id = sessions.person_id
    and sessions.ended_at >= coalesce(journeys.started_at, journeys.ended_at - interval 30 days)
    and sessions.started_at <= journeys.ended_at
inner join silver.session_events as events using (anonymous_id, session_number)
left join gold.journey_touchpoints as touches
    on chosen.journey_id = touches.journey_id and sessions.session_key = touches.touchpoint_id
group by
    chosen.number, sessions.session_key, sessions.started_at, sessions.channel, sessions.visitor_tag,
    sessions.may_market, sessions.anonymous_id, touches.touch_index
order by chosen.number, sessions.started_at, sessions.session_key
"""

# What the whole shop was going through meanwhile.
SITUATIONS = """
select
    chosen.number, situations.kind, situations.step,
    text_of(situations.since) as since, text_of(situations.until) as until
from chosen
inner join gold.journeys as journeys using (journey_id)
inner join (
    select 'outage' as kind, step, started_at as since, ended_at as until from silver.outages
    where scope = 'all'
    union all
    select tier || '_promo', null, valid_from, valid_to from silver.promo_periods
) as situations
    on situations.since <= journeys.ended_at
    and situations.until > coalesce(journeys.started_at, journeys.ended_at - interval 30 days)
order by chosen.number, since, until, kind
"""

PARTS = {
    "touches": TOUCHES,
    "credits": CREDITS,
    "strangers": STRANGERS_OF,
    "sessions": SESSIONS,
    "situations": SITUATIONS,
}


def choose(connection, asked=()) -> dict[str, str]:
    """Fill the temporary table `chosen` (number, journey_id, kinds) and give the label of each kind that is met.

    The same store and the same journeys asked for give the same sample. Raises Refused for an id that is no journey.
    """
    connection.execute(CANDIDATES)
    labels, kinds = {}, defaultdict(list)
    for kind, label, found in [asked_for(connection, asked), *sampled(connection)]:
        for journey_id in found:
            labels[kind] = label
            kinds[journey_id].append(kind)
    connection.execute("create or replace temp table chosen (number integer, journey_id varchar, kinds varchar[])")
    if kinds:
        connection.executemany(
            "insert into chosen values (?, ?, ?)", [(number, *journey) for number, journey in enumerate(kinds.items())]
        )
    return labels


def asked_for(connection, asked):
    """The kind of the journeys that somebody asked for."""
    for journey_id in asked:
        if not connection.execute("select 1 from candidates where journey_id = ?", [journey_id]).fetchall():
            raise Refused(f"there is no journey {journey_id} in gold.journeys: look in its column journey_id")
    return "asked", "Asked for", dict.fromkeys(asked)


def sampled(connection):
    """Each kind with its label and its journeys."""
    types = connection.execute("""
        select conversion_type from gold.conversion_types order by conversion_type <> 'purchase', conversion_type
    """)
    by_status = {
        f"{conversion_type}-{status}": (
            f"{conversion_type.replace('_', ' ')}, {status}",
            count,
            f"conversion_type = {quoted(conversion_type)} and journey_status = '{status}' and touch_count > 0",
            "journey_id",
        )
        for (conversion_type,) in types.fetchall()
        for status, count in STATUSES.items()
    }
    for kind, (label, count, condition, order) in {**KINDS, **by_status}.items():
        found = connection.execute(f"""
            select journey_id from candidates where {condition} order by {order} limit {count}
        """)
        yield kind, label, [journey_id for (journey_id,) in found.fetchall()]


def trace(connection, people) -> list[dict]:
    """The journeys of `chosen`, one dict each; `people` (dashboards.debug_people.People) gives numbers for names."""
    connection.execute(MACROS)
    kinds = dict(connection.execute("select number, kinds from chosen").fetchall())
    parts = {name: by_number(rows(connection, query)) for name, query in PARTS.items()}
    return [
        finished(journey, kinds[number], {name: part[number] for name, part in parts.items()}, people)
        for journey in rows(connection, JOURNEYS)
        for number in [journey.pop("number")]
    ]


def finished(journey, kinds, parts, people):
    """A journey with its parts, without the name of anybody or anything in it."""
    person_id = journey.pop("person_id")
    for contact in parts["touches"] + parts["sessions"]:
        contact["by"] = people.label(person_id, contact.pop("anonymous_id"))
    for session in parts["sessions"]:
        session["steps"] = shortened(session["steps"])
    credits = defaultdict(dict)
    for row in parts["credits"]:
        credits[row["policy"]][row["model"]] = {"credits": row["credits"], "total": row["total"]}
    return {
        **journey,
        "kinds": kinds,
        "person": people.number(person_id),
        "touches": parts["touches"],
        "credits": credits,
        "strangers": parts["strangers"][:STRANGERS],
        "stranger_count": len(parts["strangers"]),
        "sessions": parts["sessions"],
        "situations": parts["situations"],
    }


def shortened(steps):
    """Steps of a session as [event, seconds since its start, times in a row]."""
    runs = [list(run) for _, run in groupby(steps, key=lambda step: step[0])]
    return [[run[0][0], int(run[0][1]), len(run)] for run in runs[:STEPS]]


def by_number(found):
    parts = defaultdict(list)
    for row in found:
        parts[row.pop("number")].append(row)
    return parts


def quoted(text):
    return "'" + text.replace("'", "''") + "'"
