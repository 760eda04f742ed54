-- The columns of silver and gold that could hold a raw e-mail address hold none.
with texts as (
    select
        'identity_map.identifier_value' as found_in,
        identifier_value as value
    from {{ ref('identity_map') }}
    union all
    select
        'sessions.anonymous_id' as found_in,
        anonymous_id as value
    from {{ ref('sessions') }}
    union all
    select
        'sessions.source' as found_in,
        source as value
    from {{ ref('sessions') }}
    union all
    select
        'sessions.campaign_id' as found_in,
        campaign_id as value
    from {{ ref('sessions') }}
    union all
    select
        'sessions.creative_id' as found_in,
        creative_id as value
    from {{ ref('sessions') }}
    union all
    select
        'conversions.conversion_id' as found_in,
        conversion_id as value
    from {{ ref('conversions') }}
    union all
    select
        'journey_touchpoints.campaign_id' as found_in,
        campaign_id as value
    from {{ ref('journey_touchpoints') }}
    union all
    select
        'journey_touchpoints.creative_id' as found_in,
        creative_id as value
    from {{ ref('journey_touchpoints') }}
)

select distinct
    found_in,
    value
from texts
where {{ matches('value', "'[^@ ]+(@|%40)[^@ ]+[.][a-zA-Z]{2,}'") }}
