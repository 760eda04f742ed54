-- Under every model and policy the channels share all conversions of a type and all their net
-- revenue, no more and no less.
with converted as (
    select
        conversion_type,
        count(*) as conversions,
        sum(net_revenue) as net_revenue
    from {{ ref('conversions') }}
    group by conversion_type
),

credited as (
    select
        attribution_model,
        context_policy,
        conversion_type,
        sum(credited_conversions) as credited_conversions,
        sum(touch_conversions) as touch_conversions,
        sum(credited_revenue) as credited_revenue,
        sum(credit_share) as credit_share
    from {{ ref('channel_credits') }}
    group by attribution_model, context_policy, conversion_type
)

select
    credited.*,
    converted.conversion_type as converted_type,
    converted.conversions,
    converted.net_revenue
from credited
full outer join converted on credited.conversion_type = converted.conversion_type
where
    credited.conversion_type is null
    or converted.conversion_type is null
    or abs(credited.credited_conversions - converted.conversions) > 1e-9 * converted.conversions
    or abs(credited.touch_conversions - converted.conversions) > 1e-9 * converted.conversions
    -- Conversions of unknown value (a currency without a rate) earn nobody anything.
    or abs(coalesce(credited.credited_revenue, 0) - coalesce(converted.net_revenue, 0))
    > 1e-9 * greatest(1, abs(coalesce(converted.net_revenue, 0)))
    or abs(credited.credit_share - 1) > 1e-9
