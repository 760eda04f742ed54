-- What the shop itself saw of a campaign on a day: touches, sessions it brought, and the orders
-- placed in them (within the session).
with touched as (
    select {{ business_date('touched_at') }} as date, campaign_id, count(*) as touches
    from {{ ref('touchpoints') }}
    where campaign_id is not null
    group by {{ business_date('touched_at') }}, campaign_id
),

tracked as (
    select date, campaign_id, count(*) as tracked_sessions
    from {{ ref('sessions') }}
    where campaign_id is not null and not is_bot and not is_phantom
    group by date, campaign_id
),

ordered_in as (
    select distinct events.order_id, sessions.campaign_id
    from {{ ref('session_events') }} as events
    inner join {{ ref('sessions') }} as sessions
        on
            events.anonymous_id = sessions.anonymous_id
            and events.session_number = sessions.session_number
    where
        events.event_name = 'purchase' and events.order_id is not null
        and sessions.campaign_id is not null and not sessions.is_bot
),

sold as (
    select
        conversions.date,
        ordered_in.campaign_id,
        count(*) as conversions,
        {{ exact_sum('conversions.net_revenue') }} as revenue
    from ordered_in
    inner join {{ ref('conversions') }} as conversions on ordered_in.order_id = conversions.order_id
    group by conversions.date, ordered_in.campaign_id
),

days as (
    select date, campaign_id from touched
    union
    select date, campaign_id from tracked
    union
    select date, campaign_id from sold
)

select
    days.date,
    days.campaign_id,
    coalesce(touched.touches, 0) as touches,
    coalesce(tracked.tracked_sessions, 0) as tracked_sessions,
    coalesce(sold.conversions, 0) as conversions,
    coalesce(sold.revenue, 0) as revenue
from days
left join touched on days.date = touched.date and days.campaign_id = touched.campaign_id
left join tracked on days.date = tracked.date and days.campaign_id = tracked.campaign_id
left join sold on days.date = sold.date and days.campaign_id = sold.campaign_id
