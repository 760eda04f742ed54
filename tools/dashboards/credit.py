"""Credit by period, for the executive page: every number that its selectors can ask for, made by the database.

The whole record is what consumers read (`published.channel_credits`), or gold's where nothing was published. A table of
channels has no dates, so shorter periods add up `gold.attribution_credits` by the business date of the conversion. Markov
states the shares of channels over the whole record only; in a period it is the sum of its touches' credits.
"""

from tools.dashboards.store import rows

WHOLE = "all"
EXACT = "decimal(38, 15)"  # sums that do not depend on the order of rows, as in gold

PERIODS = """
    create or replace temp table credit_periods as
    with span as (select min(date) as first_date, max(date) as last_date from silver.calendar),
    latest as (
        select 'last_' || days as period, last_date - days + 1 as from_date, last_date as to_date,
            last_date - 2 * days + 1 as before_from
        from span cross join (select unnest([7, 28, 90]) as days)
        where last_date - days + 1 > first_date
    ),
    months as (
        select distinct strftime(date, '%Y-%m') as period, cast(date_trunc('month', date) as date) as first_of_month
        from silver.calendar order by period desc limit 12
    ),
    found as (
        select period, from_date, to_date, before_from, from_date - 1 as before_to, 1 as kind from latest
        union all
        select period, first_of_month, least(last_day(first_of_month), last_date),
            case when last_day(first_of_month) <= last_date then cast(first_of_month - interval 1 month as date) end,
            first_of_month - 1, 2
        from months cross join span
    )
    select found.period, from_date, to_date,
        case when before_from >= first_date then before_from end as before_from, before_to,
        row_number() over (order by kind, case when kind = 1 then to_date - from_date end, period desc) as position
    from found cross join span
"""

DAYS = f"""
    create or replace temp table credit_days as
    select conversions.date, credits.conversion_type, credits.attribution_model, credits.context_policy, credits.channel,
        sum(cast(credits.credit as {EXACT})) as conversions, sum(cast(credits.attributed_revenue as {EXACT})) as revenue
    from gold.attribution_credits as credits
    inner join silver.conversions as conversions on credits.conversion_id = conversions.conversion_id
    group by all
"""

OF_PERIODS = f"""
    create or replace temp table credit_of_periods as
    with credited as (
        select period, conversion_type, attribution_model, context_policy, channel,
            sum(conversions) as conversions, sum(revenue) as revenue
        from credit_periods inner join credit_days on date between from_date and to_date
        group by all
    ),
    spent as (
        select period, channel, sum(cast(spend as {EXACT})) as spend
        from credit_periods inner join gold.campaign_daily_features on date between from_date and to_date
        where spend is not null group by all
    ),
    everywhere as (
        select distinct credited.period, conversion_type, attribution_model, context_policy, channels.channel
        from credited
        inner join (select period, channel from credited union select period, channel from spent) as channels
            on credited.period = channels.period
    ),
    of_periods as (
        select everywhere.*, coalesce(conversions, 0) as conversions,
            case when conversions is null then 0 else revenue end as revenue, spend
        from everywhere
        left join credited using (period, conversion_type, attribution_model, context_policy, channel)
        left join spent using (period, channel)
    )
    select *,
        conversions / nullif(
            sum(conversions) over (partition by period, conversion_type, attribution_model, context_policy), 0
        ) as credit_share,
        spend / nullif(conversions, 0) as cost_per_conversion, revenue / nullif(spend, 0) as roas
    from of_periods
"""

WHOLE_RECORD = """
    insert into credit_of_periods by name
    select ? as period, conversion_type, attribution_model, context_policy, channel, credited_conversions as conversions,
        credited_revenue as revenue, spend, credit_share, cost_per_conversion, roas
    from {table}
"""

KEYS = ("conversion_type", "period", "context_policy", "attribution_model")
FIELDS = ("channel", "conversions", "revenue", "credit_share", "spend", "cost_per_conversion", "roas", "moved_share")
CHANNELS = """
    select found.conversion_type, found.period, found.context_policy, found.attribution_model, found.channel,
        round(found.conversions, 3) as conversions, round(found.revenue, 2) as revenue,
        round(found.credit_share, 6) as credit_share, round(found.spend, 2) as spend,
        round(found.cost_per_conversion, 4) as cost_per_conversion, round(found.roas, 4) as roas,
        round(found.credit_share - naive.credit_share, 6) as moved_share
    from credit_of_periods as found
    left join credit_of_periods as naive
        on naive.context_policy = 'naive' and found.period = naive.period and found.conversion_type = naive.conversion_type
            and found.attribution_model = naive.attribution_model and found.channel = naive.channel
    order by found.conversion_type, found.period, found.context_policy, found.attribution_model,
        found.credit_share desc, found.channel
"""

TOTALS = f"""
    select conversion_type, period, context_policy, attribution_model,
        round(sum(cast(conversions as {EXACT})), 3) as all_conversions,
        round(sum(cast(conversions as {EXACT})) filter (channel <> 'unattributed'), 3) as conversions,
        round(
            sum(cast(conversions as {EXACT})) filter (channel <> 'unattributed')
            / nullif(sum(cast(conversions as {EXACT})), 0), 6
        ) as coverage,
        round(sum(cast(revenue as {EXACT})) filter (channel <> 'unattributed'), 2) as revenue,
        round(sum(cast(spend as {EXACT})), 2) as spend,
        round(sum(cast(revenue as {EXACT})) filter (spend is not null) / nullif(sum(cast(spend as {EXACT})), 0), 4) as roas,
        round(sum(cast(spend as {EXACT})) / nullif(sum(cast(conversions as {EXACT})) filter (spend is not null), 0), 4)
            as cost_per_conversion
    from credit_of_periods
    group by all order by all
"""

BEFORE = f"""
    with counted as (
        select conversion_type, period,
            count(*) filter (date >= from_date) as conversions,
            count(*) filter (date < from_date) as conversions_before,
            sum(cast(journeys.net_revenue as {EXACT})) filter (date >= from_date) as revenue,
            sum(cast(journeys.net_revenue as {EXACT})) filter (date < from_date) as revenue_before
        from gold.journeys as journeys
        inner join silver.conversions using (conversion_id, conversion_type)
        inner join credit_periods on before_from is not null and date between before_from and to_date
        where journeys.journey_status = 'converted' and journeys.touch_count > 0
        group by all
    )
    select conversion_type, period,
        round(conversions / nullif(conversions_before, 0) - 1, 6) as conversions_change,
        round(revenue / nullif(revenue_before, 0) - 1, 6) as revenue_change
    from counted order by all
"""

DAILY = """
    select conversion_types.conversion_type, calendar.date, count(journeys.conversion_id) as conversions,
        count(journeys.conversion_id) filter (journeys.touch_count > 0) as attributed
    from silver.calendar as calendar
    cross join (select distinct conversion_type from silver.conversions) as conversion_types
    left join silver.conversions as conversions using (date, conversion_type)
    left join gold.journeys as journeys
        on conversions.conversion_id = journeys.conversion_id and journeys.journey_status = 'converted'
    group by all order by all
"""


def prepare(connection, table):
    """Make the temporary tables that the other questions read; `table` holds the credit of the whole record."""
    for statement in (PERIODS, DAYS, OF_PERIODS):
        connection.execute(statement)
    connection.execute(WHOLE_RECORD.format(table=table), [WHOLE])


def periods(connection):
    """The periods that can be chosen beside the whole record, with their first and last date."""
    return rows(connection, "select period, from_date, to_date from credit_periods order by position")


def channels(connection):
    """By KEYS: lists of FIELDS of what each channel earned, the largest share first."""
    tree = {}
    for row in rows(connection, CHANNELS):
        place = tree
        for key in KEYS[:-1]:
            place = place.setdefault(row[key], {})
        place.setdefault(row[KEYS[-1]], []).append([row[name] for name in FIELDS])
    return tree


def totals(connection):
    """By KEYS: all channels together; return and cost are of the channels with a cost."""
    return nested(rows(connection, TOTALS), KEYS)


def before(connection):
    """By conversion type and period: change of attributed conversions and revenue on the time before, 0.1 is a tenth more."""
    return nested(rows(connection, BEFORE), ("conversion_type", "period"))


def daily(connection):
    """By conversion type: for each date all conversions, and those with a touch."""
    tree = {}
    for row in rows(connection, DAILY):
        tree.setdefault(row.pop("conversion_type"), []).append(row)
    return tree


def nested(found, keys):
    """Rows as dicts within dicts by their keys."""
    tree = {}
    for row in found:
        place = tree
        for key in keys:
            place = place.setdefault(row.pop(key), {})
        place.update(row)
    return tree
