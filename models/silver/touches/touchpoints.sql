-- Marketing touches: a session's arrival, an ad impression, an e-mail open, of people who allow
-- marketing. Bots and reload storms never become touches.
select
    visits.visit_key as touchpoint_id,
    people.person_id,
    visits.visited_at as touched_at,
    visits.interaction_type,
    channels.channel,
    sources.source,
    sources.medium,
    sources.campaign_id,
    visits.creative_id,
    visits.sku_id,
    -- The context of a touch is not judged yet: null is unknown, not healthy.
    cast(null as boolean) as is_out_of_stock,
    cast(null as boolean) as is_major_promo,
    cast(null as double) as system_health_score,
    cast(null as {{ dbt.type_string() }}) as system_health_tag,
    cast(null as {{ dbt.type_string() }}) as data_quality_flag
from {{ ref('visits') }} as visits
inner join {{ ref('visit_people') }} as people on visits.visit_key = people.visit_key
inner join {{ ref('visit_sources') }} as sources on visits.visit_key = sources.visit_key
inner join {{ ref('traffic_sources') }} as channels
    on sources.traffic_source_key = channels.traffic_source_key
left join {{ ref('user_agents') }} as agents on visits.user_agent = agents.user_agent
left join {{ ref('sessions') }} as sessions on visits.visit_key = sessions.session_key
where
    visits.may_market
    and not coalesce(sessions.is_bot, agents.is_bot, false)
    and not coalesce(sessions.is_phantom, false)
