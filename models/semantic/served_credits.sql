-- The channels' credits in the version that is served, with the business day up to which it knows.
select
    credits.channel,
    credits.attribution_model,
    credits.context_policy,
    credits.conversion_type,
    {{ business_date('status.serving_as_of') }} as date,
    credits.credited_conversions,
    credits.credited_revenue,
    credits.credit_share,
    credits.spend
from {{ ref('published_channel_credits') }} as credits
cross join {{ ref('serving_status') }} as status
