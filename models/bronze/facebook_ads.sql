with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_facebook_ads') }} as landed
    cross join clock
    where {{ quarantine_reason('raw', 'facebook_ads') }} is null
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
    date,
    campaign_id,
    ad_id,
    account_id,
    campaign_name,
    currency,
    impressions,
    clicks,
    spend,
    conversions as platform_conversions,
    conversion_value as platform_conversion_value,
    loaded_at
from ranked
where version_rank = 1
