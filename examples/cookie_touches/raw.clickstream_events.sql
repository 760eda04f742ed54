-- One row per touch. An impression was seen; a conversion row is the visit that ended in the order, and its channel is how
-- that visit came: a purchase event with the channel's utm parameters, so it is a click, at the second of its order.
with channels (channel, utm_source, utm_medium, campaign_id) as (
    values
    ('Facebook', 'facebook', 'paid_social', 'facebook'),
    ('Instagram', 'instagram', 'paid_social', 'instagram'),
    ('Online Display', 'google', 'display', 'online_display'),
    ('Online Video', 'google', 'video', 'online_video'),
    ('Paid Search', 'google', 'cpc', 'paid_search')
),

touches as (
    select *, customer_id || '-' || strftime("time", '%Y%m%dT%H%M%SZ') as touch_id
    from '{datasets}/cookie_touches/touches_sample.csv.gz'
)

select
    'touch-' || touches.touch_id as event_id,
    touches."time" as event_ts,
    if(touches.interaction = 'conversion', 'purchase', 'ad_impression') as event_name,
    'cookie-' || touches.customer_id as anonymous_id,
    touches.customer_id as user_id,
    channels.utm_source,
    channels.utm_medium,
    channels.campaign_id as utm_campaign,
    if(touches.interaction = 'conversion', 'order-' || touches.touch_id, null) as order_id
from touches
inner join channels using (channel)
order by event_id
