-- Every identifier with its person, those of erased people included: what identity_map is made
-- from. Not for analysis.
with members as (
    select
        identifiers.*,
        coalesce(components.component, identifiers.vertex) as component
    from {{ ref('identifiers') }} as identifiers
    left join {{ ref('person_components') }} as components on identifiers.vertex = components.vertex
),

erasure_requests as (
    select distinct
        case identifier_type when 'customer_id' then 'user_id' else identifier_type end
            as identifier_type,
        identifier as identifier_value
    from {{ ref('erasure_requests') }}
),

erased_components as (
    select distinct members.component
    from members
    inner join erasure_requests
        on
            members.identifier_value = erasure_requests.identifier_value
            and case
                when members.identifier_type = 'customer_id' then 'user_id'
                else members.identifier_type
            end = erasure_requests.identifier_type
),

people as (
    select component, count(*) as identifier_count
    from members
    group by component
)

select
    members.identifier_type,
    members.identifier_value,
    {{ dbt_utils.generate_surrogate_key(['oldest.identifier_type', 'oldest.identifier_value']) }}
        as person_id,
    members.first_seen_at,
    members.last_seen_at,
    people.identifier_count,
    coalesce(devices.is_shared, false) or blocked.identifier_value is not null as is_shared,
    coalesce(devices.is_public, false) or blocked.identifier_value is not null as is_public,
    erased_components.component is not null as is_erased
from members
inner join {{ ref('identifiers') }} as oldest on members.component = oldest.vertex
inner join people on members.component = people.component
left join {{ ref('device_accounts') }} as devices on members.vertex = devices.device
left join {{ ref('blocked_values') }} as blocked
    on
        members.identifier_type = blocked.identifier_type
        and lower(members.identifier_value) = blocked.identifier_value
left join erased_components on members.component = erased_components.component
