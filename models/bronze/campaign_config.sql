with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_campaign_config') }} as landed
    cross join clock
    where {{ quarantine_reason('marketing', 'campaign_config') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    campaign_id,
    sku_id,
    platform,
    campaign_name,
    channel,
    starts_on,
    ends_on,
    coalesce(is_brand, false) as is_brand
from ranked
where version_rank = 1
