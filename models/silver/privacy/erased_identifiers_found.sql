-- Erased identifiers that others can still read; there should be none. The row is named by its key
-- and not by the identifier.
with requested as (
    select
        case identifier_type when 'customer_id' then 'user_id' else identifier_type end
            as identifier_type,
        identifier
    from {{ ref('erasure_requests') }}
)

select
    'erased_identifiers' as check_name,
    'identity_map' as found_in,
    map.person_id as found_key
from {{ ref('identity_map') }} as map
inner join requested
    on
        requested.identifier_type
        = case map.identifier_type when 'customer_id' then 'user_id' else map.identifier_type end
        and map.identifier_value = requested.identifier
union all
select
    'erased_identifiers' as check_name,
    'sessions' as found_in,
    sessions.session_key as found_key
from {{ ref('sessions') }} as sessions
inner join
    requested
    on requested.identifier_type = 'anonymous_id' and sessions.anonymous_id = requested.identifier
