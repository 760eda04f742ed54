-- Marketing touches: a session's arrival, an ad impression, an e-mail open, of people who allow
-- marketing, with what the shop was going through at that moment. Bots and reload storms never
-- become touches.
{{ built_after('former_people') }}
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_contexts'}
) }}

select
    visits.visit_key as touchpoint_id,
    people.person_id,
    visits.anonymous_id,
    visits.visited_at as touched_at,
    visits.interaction_type,
    channels.channel,
    sources.source,
    sources.medium,
    sources.campaign_id,
    visits.creative_id,
    stock.sku_id,
    stock.is_out_of_stock,
    major.tier is not null as is_major_promo,
    minor.tier is not null as is_minor_promo,
    coalesce(own.system_health_score, shop.system_health_score) as system_health_score,
    case
        when own.system_health_tag <> 'INSUFFICIENT_HISTORY' then own.system_health_tag
        else shop.system_health_tag
    end as system_health_tag,
    discrepancy.data_quality_flag
from {{ ref('visits') }} as visits
inner join {{ ref('visit_people') }} as people on visits.visit_key = people.visit_key
inner join {{ ref('visit_sources') }} as sources on visits.visit_key = sources.visit_key
inner join {{ ref('traffic_sources') }} as channels
    on sources.traffic_source_key = channels.traffic_source_key
left join {{ ref('user_agents') }} as agents on visits.user_agent = agents.user_agent
left join {{ ref('sessions') }} as sessions on visits.visit_key = sessions.session_key
left join {{ ref('visit_stock') }} as stock on visits.visit_key = stock.visit_key
left join {{ ref('promo_periods') }} as major
    on
        major.tier = 'major'
        and visits.visited_at >= major.valid_from and visits.visited_at < major.valid_to
left join {{ ref('promo_periods') }} as minor
    on
        minor.tier = 'minor'
        and visits.visited_at >= minor.valid_from and visits.visited_at < minor.valid_to
left join {{ ref('health_hours') }} as own
    on
        own.scope <> 'all' and sources.source = own.scope
        and {{ dbt.date_trunc('hour', 'visits.visited_at') }} = own.hour_at
left join {{ ref('health_hours') }} as shop
    on shop.scope = 'all' and {{ dbt.date_trunc('hour', 'visits.visited_at') }} = shop.hour_at
left join {{ ref('campaign_day_offsets') }} as offsets
    on sources.campaign_id = offsets.campaign_id
left join {{ ref('campaign_discrepancy') }} as discrepancy
    on
        sources.campaign_id = discrepancy.campaign_id
        and discrepancy.date = {{ business_date(
            dbt.dateadd('hour', 'coalesce(offsets.offset_hours, 0)', 'visits.visited_at')
        ) }}
where
    {{ is_stale('visits.anonymous_id', 'stale_contexts') }}
    and visits.may_market
    and not coalesce(sessions.is_bot, agents.is_bot, false)
    and not coalesce(sessions.is_phantom, false)
