with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_tiktok_ads') }} as landed
    cross join clock
    where {{ quarantine_reason('raw', 'tiktok_ads') }} is null
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
    stat_time_day as date,
    campaign_id,
    ad_id,
    advertiser_id as account_id,
    campaign_name,
    currency,
    impressions,
    clicks,
    spend,
    conversion as platform_conversions,
    total_purchase_value as platform_conversion_value,
    loaded_at
from ranked
where version_rank = 1
