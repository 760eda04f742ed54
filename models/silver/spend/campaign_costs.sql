-- A campaign's day as its platform bills it, and whether every row of the day is there twice.
with rows_alike as (
    select
        date,
        platform,
        campaign_id,
        impressions,
        clicks,
        spend,
        count(*) as copy_count
    from {{ ref('ad_performance') }}
    where impressions > 0 or clicks > 0 or spend > 0
    group by date, platform, campaign_id, impressions, clicks, spend
),

billed as (
    select
        date,
        min(platform) as platform,
        campaign_id,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        count(*) as row_count,
        count(*) - count(spend) as unpriced_rows,
        {{ exact_sum('spend') }} as spend
    from {{ ref('ad_performance') }}
    group by date, campaign_id
),

copied as (
    select date, campaign_id, min(copy_count) > 1 as is_copied
    from rows_alike
    group by date, campaign_id
)

select
    billed.date,
    billed.platform,
    billed.campaign_id,
    billed.row_count,
    cast(billed.impressions as bigint) as impressions,
    cast(billed.clicks as bigint) as clicks,
    case when billed.unpriced_rows = 0 then billed.spend end as spend,
    coalesce(copied.is_copied, false) as is_copied
from billed
left join copied on billed.date = copied.date and billed.campaign_id = copied.campaign_id
