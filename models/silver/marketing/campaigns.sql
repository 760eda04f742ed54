-- Every campaign anybody knows of: configured, or seen on a platform. The configured channel wins
-- over the platform's usual one.
with known as (
    select
        config.campaign_id,
        coalesce(platforms.platform, config.platform) as platform,
        config.campaign_name,
        config.channel,
        config.is_brand,
        1 as preference
    from {{ ref('campaign_config') }} as config
    left join {{ ref('platforms') }} as platforms on config.platform = platforms.platform_name
    union all
    select
        campaign_id,
        platform,
        campaign_name,
        null as channel,
        null as is_brand,
        2 as preference
    from {{ ref('ad_performance') }}
),

campaigns as (
    select
        campaign_id,
        coalesce(min(case when preference = 2 then platform end), min(platform)) as platform,
        coalesce(min(case when preference = 1 then campaign_name end), min(campaign_name))
            as campaign_name,
        min(channel) as configured_channel,
        coalesce(max(case when is_brand then 1 else 0 end), 0) = 1 as is_brand
    from known
    group by campaign_id
)

select
    campaigns.campaign_id,
    campaigns.platform,
    campaigns.campaign_name,
    coalesce(campaigns.configured_channel, platforms.default_channel) as channel,
    campaigns.is_brand,
    platforms.click_id is null as is_elsewhere
from campaigns
left join {{ ref('platforms') }} as platforms
    on campaigns.platform = platforms.platform and platforms.platform = platforms.platform_name
