-- A media mix panel: one row per channel that advertises and day. Effort is spend where the channel
-- costs money and touches where it does not (e-mail, affiliates): raw as the platforms say, and
-- believed, with the expected spend on days whose cost is an anomaly. Carry-over: what a day's
-- effort does fades by a third a day over two weeks. Beside it what a model should know of the day:
-- orders of the whole web shop, visits that no campaign brought (how much people want to buy),
-- promotions, the state of the shop, and how far the row can be trusted. Fitted by
-- `python -m tools.evaluation.mmm`. Show it with
--   dbt show --profiles-dir profiles --select mmm_panel --limit 600
with ages as (
    select unnest(range(14)) as age
),

channel_days as (
    select
        channel,
        date,
        sum(spend) as spend,
        sum(case when is_cost_anomaly then expected_spend else spend end) as believed_spend,
        sum(touches) as touches,
        bool_or(is_cost_anomaly) as has_cost_anomaly,
        -- Means over touches; a campaign without any counts as one.
        sum(coalesce(traffic_weighted_availability, 1) * greatest(touches, 1))
        / sum(greatest(touches, 1)) as availability,
        sum(confidence_score * greatest(touches, 1)) / sum(greatest(touches, 1))
            as confidence_score
    from {{ ref('campaign_daily_features') }}
    group by channel, date
),

-- A channel that costs money does so on some day; the others are measured by their touches.
paid as (
    select channel, sum(spend) > 0 as is_paid
    from channel_days
    group by channel
),

-- Every channel on every day, silent days too.
grid as (
    select
        paid.channel,
        calendar.date,
        paid.is_paid,
        coalesce(
            case when paid.is_paid then days.spend else days.touches end, 0
        ) as effort,
        coalesce(
            case when paid.is_paid then days.believed_spend else days.touches end, 0
        ) as believed_effort,
        coalesce(days.has_cost_anomaly, false) as has_cost_anomaly,
        coalesce(days.availability, 1) as availability,
        coalesce(days.confidence_score, 1) as confidence_score
    from paid
    cross join {{ ref('calendar') }} as calendar
    left join channel_days as days
        on paid.channel = days.channel and calendar.date = days.date
),

carried as (
    select
        grid.channel,
        grid.date,
        sum(past.effort * power(2.0 / 3, ages.age)) as adstock,
        sum(past.believed_effort * power(2.0 / 3, ages.age)) as believed_adstock
    from grid
    cross join ages
    inner join grid as past
        on grid.channel = past.channel and grid.date = past.date + cast(ages.age as integer)
    group by grid.channel, grid.date
),

orders as (
    select cast(converted_at as date) as date, count(*) as orders
    from {{ ref('conversions') }}
    where conversion_type = 'purchase' and coalesce(sales_channel, 'web') = 'web'
    group by cast(converted_at as date)
),

demand as (
    select date, count(*) as unadvertised_sessions
    from {{ ref('sessions') }}
    where campaign_id is null and not is_bot and not is_phantom
    group by date
),

promotions as (
    select date, bool_or(is_major_promo) as is_major_promo
    from {{ ref('campaign_daily_features') }}
    group by date
),

-- The share of the day's usual purchases that outages left. The features' own score of a day also
-- knows broken forms, which sell nothing.
health as (
    select
        cast(hours.hour_at as date) as date,
        sum(
            (hours.expected_transactions + 1)
            * case when steps.step is not null then hours.system_health_score else 1 end
        ) / sum(hours.expected_transactions + 1) as system_health_score
    from {{ ref('system_health_hourly') }} as hours
    left join {{ ref('funnel_steps') }} as steps
        on hours.suspected_step = steps.step and steps.conversion_type = 'purchase'
    where hours.scope = 'all'
    group by cast(hours.hour_at as date)
)

select
    grid.channel,
    grid.date,
    coalesce(orders.orders, 0) as orders,
    coalesce(demand.unadvertised_sessions, 0) as unadvertised_sessions,
    case when grid.is_paid then 'spend' else 'touches' end as effort_kind,
    round(grid.effort, 2) as effort,
    round(grid.believed_effort, 2) as believed_effort,
    round(carried.adstock, 2) as adstock,
    round(carried.believed_adstock, 2) as believed_adstock,
    grid.has_cost_anomaly,
    coalesce(promotions.is_major_promo, false) as is_major_promo,
    round(grid.availability, 4) as availability,
    round(coalesce(health.system_health_score, 1), 4) as system_health_score,
    round(grid.confidence_score, 4) as confidence_score
from grid
inner join carried on grid.channel = carried.channel and grid.date = carried.date
left join orders on grid.date = orders.date
left join demand on grid.date = demand.date
left join promotions on grid.date = promotions.date
left join health on grid.date = health.date
order by grid.channel, grid.date
