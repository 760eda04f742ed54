-- A campaign's day: what the platforms report, restated and in one currency, beside what the shop
-- saw.
with reported as (
    select
        date,
        campaign_id,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        {{ exact_sum('spend') }} as spend,
        {{ exact_sum('platform_conversions') }} as platform_conversions,
        {{ exact_sum('platform_conversion_value') }} as platform_conversion_value
    from {{ ref('ad_performance') }}
    group by date, campaign_id
),

days as (
    select date, campaign_id from reported
    union
    select date, campaign_id from {{ ref('campaign_results') }}
)

select
    days.date,
    campaigns.platform,
    days.campaign_id,
    coalesce(campaigns.channel, 'unassigned') as channel,
    cast(reported.impressions as bigint) as impressions,
    cast(reported.clicks as bigint) as clicks,
    reported.spend,
    reported.platform_conversions,
    reported.platform_conversion_value,
    cast(coalesce(results.touches, 0) as bigint) as touches,
    cast(coalesce(results.tracked_sessions, 0) as bigint) as tracked_sessions,
    cast(coalesce(results.conversions, 0) as bigint) as conversions,
    coalesce(results.revenue, 0) as revenue,
    stock.avg_sku_availability
from days
inner join {{ ref('campaigns') }} as campaigns on days.campaign_id = campaigns.campaign_id
left join reported on days.date = reported.date and days.campaign_id = reported.campaign_id
left join {{ ref('campaign_results') }} as results
    on days.date = results.date and days.campaign_id = results.campaign_id
left join {{ ref('campaign_availability_daily') }} as stock
    on days.date = stock.date and days.campaign_id = stock.campaign_id
