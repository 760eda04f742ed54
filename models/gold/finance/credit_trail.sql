-- The audit trail: each credit with its touch, its journey, its conversion, and the order and rate
-- that its revenue was made from.
-- A view that names no database can be read in a copy of the store, whatever its name.
{{ config(materialized='view') }}

with orders as (
    select order_id, currency, original_revenue, original_refund_amount, rate_to_reporting
    from {{ ref('booked_rows').include(database=false) }}
    where line in ('stands', 'without_rate')
)

select
    conversions.date,
    credits.conversion_type,
    credits.conversion_id,
    credits.converted_at,
    conversions.sales_channel,
    conversions.order_id,
    orders.currency,
    orders.original_revenue,
    orders.original_refund_amount,
    orders.rate_to_reporting,
    cast(conversions.gross_revenue as double) as gross_revenue,
    cast(conversions.refund_amount as double) as refund_amount,
    cast(conversions.net_revenue as double) as net_revenue,
    credits.journey_id,
    credits.touchpoint_id,
    touches.touch_index,
    credits.touched_at,
    credits.channel,
    credits.campaign_id,
    credits.attribution_model,
    credits.context_policy,
    credits.credit,
    credits.attributed_revenue
from {{ ref('attribution_credits').include(database=false) }} as credits
inner join {{ ref('conversions').include(database=false) }} as conversions
    on
        credits.conversion_id = conversions.conversion_id
        and credits.conversion_type = conversions.conversion_type
left join {{ ref('journey_touchpoints').include(database=false) }} as touches
    on credits.journey_id = touches.journey_id and credits.touchpoint_id = touches.touchpoint_id
left join orders on conversions.order_id = orders.order_id
