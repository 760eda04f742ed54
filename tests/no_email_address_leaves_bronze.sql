-- The columns of silver and gold that could hold a raw e-mail address hold none.
with texts as (
    select 'identity_map.identifier_value' as found_in, identifier_value as value from {{ ref('identity_map') }}
    union all
    select 'sessions.anonymous_id', anonymous_id from {{ ref('sessions') }}
    union all
    select 'sessions.source', source from {{ ref('sessions') }}
    union all
    select 'sessions.campaign_id', campaign_id from {{ ref('sessions') }}
    union all
    select 'sessions.creative_id', creative_id from {{ ref('sessions') }}
    union all
    select 'conversions.conversion_id', conversion_id from {{ ref('conversions') }}
    union all
    select 'journey_touchpoints.campaign_id', campaign_id from {{ ref('journey_touchpoints') }}
    union all
    select 'journey_touchpoints.creative_id', creative_id from {{ ref('journey_touchpoints') }}
)

select distinct found_in, value
from texts
where {{ matches('value', "'[^@ ]+(@|%40)[^@ ]+[.][a-zA-Z]{2,}'") }}
