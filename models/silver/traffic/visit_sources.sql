-- Source, medium and campaign of a visit: its tags, else its click id, else its referrer, else what
-- the collector said.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_visitors'}
) }}

with sourced as (
    select
        visits.visit_key,
        visits.anonymous_id,
        visits.click_id,
        coalesce(
            visits.utm_source,
            platforms.platform,
            referrers.source,
            visits.collector_source,
            '(direct)'
        ) as source,
        coalesce(
            visits.utm_medium,
            case when visits.click_id is not null then 'cpc' end,
            visits.default_medium,
            case when visits.utm_source is not null then '(not set)' end,
            referrers.medium,
            case when visits.collector_source is not null then '(not set)' end,
            '(none)'
        ) as medium,
        coalesce(names.campaign_id, visits.utm_campaign) as campaign_id
    from {{ ref('visits') }} as visits
    left join {{ ref('platforms') }} as platforms
        on visits.click_id = platforms.click_id and platforms.platform = platforms.platform_name
    left join {{ ref('referrers_known') }} as referrers
        on visits.referrer_host = referrers.referrer_host
    left join {{ ref('campaign_names') }} as names
        on lower(visits.utm_campaign) = names.campaign_name
    where {{ is_stale('visits.anonymous_id', 'stale_visitors') }}
)

select
    visit_key,
    anonymous_id,
    {{ dbt_utils.generate_surrogate_key(['source', 'medium', 'campaign_id', 'click_id']) }}
        as traffic_source_key,
    source,
    medium,
    campaign_id,
    click_id
from sourced
