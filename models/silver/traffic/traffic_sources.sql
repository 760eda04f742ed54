-- The channel of each distinct source: a known campaign says its own, unless the click id belongs
-- to another platform; otherwise the first rule that matches.
with distinct_sources as (
    select distinct traffic_source_key, source, medium, campaign_id, click_id
    from {{ ref('visit_sources') }}
),

matched as (
    select
        sources.traffic_source_key,
        rules.channel,
        row_number() over (
            partition by sources.traffic_source_key order by rules.priority
        ) as match_rank
    from distinct_sources as sources
    inner join {{ ref('channel_rules') }} as rules
        on
            (rules.click_id is null or sources.click_id = rules.click_id)
            and (
                rules.source_pattern is null
                or {{ matches('sources.source', 'rules.source_pattern') }}
            )
            and (
                rules.medium_pattern is null
                or {{ matches('sources.medium', 'rules.medium_pattern') }}
            )
            and (
                rules.campaign_pattern is null
                or {{ matches('lower(sources.campaign_id)', 'rules.campaign_pattern') }}
            )
)

select
    sources.traffic_source_key,
    sources.source,
    sources.medium,
    sources.campaign_id,
    sources.click_id,
    case
        when
            campaigns.channel is not null
            and (
                clicked.platform is null
                or clicked.platform = campaigns.platform
                or campaigns.is_elsewhere
            )
            then campaigns.channel
        else coalesce(matched.channel, 'unassigned')
    end as channel
from distinct_sources as sources
left join matched
    on sources.traffic_source_key = matched.traffic_source_key and matched.match_rank = 1
left join {{ ref('campaigns') }} as campaigns on sources.campaign_id = campaigns.campaign_id
left join {{ ref('platforms') }} as clicked
    on sources.click_id = clicked.click_id and clicked.platform = clicked.platform_name
