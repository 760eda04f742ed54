-- What the shop itself saw of a campaign on a day: sessions it brought, and the orders placed in them (within the session).
with tracked as (
    select date, campaign_id, count(*) as tracked_sessions
    from {{ ref('sessions') }}
    where campaign_id is not null and not is_bot and not is_phantom
    group by date, campaign_id
),

ordered_in as (
    select distinct events.order_id, sessions.campaign_id
    from {{ ref('session_events') }} as events
    inner join {{ ref('sessions') }} as sessions
        on events.anonymous_id = sessions.anonymous_id and events.session_number = sessions.session_number
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
)

select
    coalesce(tracked.date, sold.date) as date,
    coalesce(tracked.campaign_id, sold.campaign_id) as campaign_id,
    coalesce(tracked.tracked_sessions, 0) as tracked_sessions,
    coalesce(sold.conversions, 0) as conversions,
    coalesce(sold.revenue, 0) as revenue
from tracked
full outer join sold on tracked.date = sold.date and tracked.campaign_id = sold.campaign_id
