with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_google_ads') }} as landed
    cross join clock
    where {{ quarantine_reason('raw', 'google_ads') }} is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by row_key
            order by loaded_at desc, raw_row asc
        ) as version_rank
    from accepted
)

select
    segments_date as date,
    campaign_id,
    ad_id,
    ad_group_id,
    customer_id as account_id,
    campaign_name,
    currency_code as currency,
    impressions,
    clicks,
    cost_micros / 1000000 as spend,
    conversions as platform_conversions,
    conversions_value as platform_conversion_value,
    loaded_at
from ranked
where version_rank = 1
