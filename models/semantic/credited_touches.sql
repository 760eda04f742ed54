-- Credits with the business day of their conversion, and whether their channel costs anything.
with paid_channels as (
    select distinct channel
    from {{ ref('campaign_daily_features') }}
    where spend is not null
)

select
    credits.conversion_id,
    credits.touchpoint_id,
    credits.attribution_model,
    credits.context_policy,
    credits.conversion_type,
    {{ business_date('credits.converted_at') }} as date,
    credits.channel,
    credits.campaign_id,
    paid_channels.channel is not null as is_paid,
    credits.credit,
    credits.attributed_revenue
from {{ ref('attribution_credits') }} as credits
left join paid_channels on credits.channel = paid_channels.channel
