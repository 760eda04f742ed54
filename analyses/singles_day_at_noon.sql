-- Singles Day at noon: the hero product sells out at 11:40 and the stock feed says so at 12:00,
-- while three campaigns go on advertising it. What they brought before noon and from noon to 18:00,
-- and what two readers make of it: one sees a rate that fell, the other why. The last row is the
-- control: every other campaign of that day. Ads report cost by the day, so spend is apportioned by
-- sessions; an order belongs to the visit that was its last touch. Show it with
--   dbt show --profiles-dir profiles --select singles_day_at_noon --output json
with moments as (
    select
        cast('2025-11-11' as date) as date,
        cast('2025-11-11 12:00' as timestamp) as noon,
        cast('2025-11-11 18:00' as timestamp) as evening,
        'SKU-0001' as sku_id,
        0.3 as alarming_fall
),

-- Campaigns for the hero alone.
campaigns as (
    select skus.campaign_id
    from {{ ref('campaign_skus') }} as skus
    inner join moments
        on skus.sku_id = moments.sku_id and moments.date between skus.starts_on and skus.ends_on
    where skus.campaign_sku_count = 1
),

-- Since when the feed knows it: the stretch without stock that begins on that day, until noon.
sold_out as (
    select min(periods.valid_from) as sold_out_at
    from {{ ref('stock_periods') }} as periods
    inner join moments
        on
            periods.sku_id = moments.sku_id
            and periods.valid_from >= moments.date and periods.valid_from <= moments.noon
    where periods.is_out_of_stock
),

sessions as (
    select
        coalesce(campaigns.campaign_id, '(all others)') as campaign_id,
        case when campaigns.campaign_id is not null then sessions.channel else '' end as channel,
        sessions.campaign_id as own_campaign_id,
        sessions.session_key,
        sessions.started_at < moments.noon as is_before,
        sessions.started_at >= moments.noon and sessions.started_at < moments.evening as is_after
    from {{ ref('sessions') }} as sessions
    inner join moments on sessions.date = moments.date
    left join campaigns on sessions.campaign_id = campaigns.campaign_id
    where sessions.campaign_id is not null and not sessions.is_bot and not sessions.is_phantom
),

bought as (
    select touchpoint_id, sum(credit) as orders, sum(attributed_revenue) as revenue
    from {{ ref('attribution_credits') }}
    where
        attribution_model = 'last_touch' and context_policy = 'naive'
        and conversion_type = 'purchase'
    group by touchpoint_id
),

-- What one session of a campaign cost that day.
costs as (
    select features.campaign_id, features.spend / features.tracked_sessions as session_cost
    from {{ ref('campaign_daily_features') }} as features
    inner join moments on features.date = moments.date
    where features.tracked_sessions > 0
),

counted as (
    select
        sessions.campaign_id,
        sessions.channel,
        count(*) filter (where sessions.is_before) as sessions_before,
        count(*) filter (where sessions.is_after) as sessions_after,
        coalesce(sum(bought.orders) filter (where sessions.is_before), 0) as orders_before,
        coalesce(sum(bought.orders) filter (where sessions.is_after), 0) as orders_after,
        -- Revenue of visits that cost something, as return on spend counts no other.
        coalesce(sum(bought.revenue) filter (
            where sessions.is_before and costs.session_cost > 0
        ), 0) as revenue_before,
        coalesce(sum(bought.revenue) filter (
            where sessions.is_after and costs.session_cost > 0
        ), 0) as revenue_after,
        sum(costs.session_cost) filter (where sessions.is_before) as spend_before,
        sum(costs.session_cost) filter (where sessions.is_after) as spend_after
    from sessions
    left join bought on sessions.session_key = bought.touchpoint_id
    left join costs on sessions.own_campaign_id = costs.campaign_id
    group by sessions.campaign_id, sessions.channel
),

rated as (
    select
        *,
        orders_before / nullif(sessions_before, 0) as cvr_before,
        orders_after / nullif(sessions_after, 0) as cvr_after,
        1 - orders_after / nullif(sessions_after, 0)
        / nullif(orders_before / nullif(sessions_before, 0), 0) as fall
    from counted
)

select
    rated.campaign_id,
    rated.channel,
    rated.sessions_before,
    rated.sessions_after,
    round(rated.spend_before, 2) as spend_before,
    round(rated.spend_after, 2) as spend_after,
    cast(rated.orders_before as bigint) as orders_before,
    cast(rated.orders_after as bigint) as orders_after,
    round(rated.cvr_before, 4) as cvr_before,
    round(rated.cvr_after, 4) as cvr_after,
    round(rated.revenue_before / nullif(rated.spend_before, 0), 2) as roas_before,
    round(rated.revenue_after / nullif(rated.spend_after, 0), 2) as roas_after,
    case
        when rated.fall >= moments.alarming_fall
            then 'cut: the rate fell by ' || cast(round(100 * rated.fall) as integer) || ' %'
        else 'keep'
    end as without_context,
    case
        when rated.channel = '' or sold_out.sold_out_at is null then 'keep: in stock'
        else
            'sold out since ' || strftime(sold_out.sold_out_at, '%H:%M')
            || ': pause until restock, judge the channel by the morning'
    end as with_context
from rated
cross join moments
cross join sold_out
order by rated.channel = '', rated.campaign_id
