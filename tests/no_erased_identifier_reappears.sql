-- Nothing of an erased person is left in what others read: no identifier, no session, no touch, no
-- conversion under the name.
with requested as (
    select
        case identifier_type when 'customer_id' then 'user_id' else identifier_type end
            as identifier_type,
        identifier
    from {{ ref('erasure_requests') }}
),

erased_people as (
    select distinct person_id
    from {{ ref('identity_members') }}
    where is_erased
)

select
    'identity_map' as found_in,
    map.identifier_type as what,
    map.identifier_value as which
from {{ ref('identity_map') }} as map
inner join requested
    on
        requested.identifier_type
        = case map.identifier_type when 'customer_id' then 'user_id' else map.identifier_type end
        and map.identifier_value = requested.identifier
union all
select
    'sessions' as found_in,
    'anonymous_id' as what,
    sessions.session_key as which
from {{ ref('sessions') }} as sessions
inner join
    requested
    on requested.identifier_type = 'anonymous_id' and sessions.anonymous_id = requested.identifier
union all
select
    'identity_map' as found_in,
    'person_id' as what,
    people.person_id as which
from {{ ref('identity_map') }} as people
inner join erased_people on people.person_id = erased_people.person_id
union all
select
    'sessions' as found_in,
    'person_id' as what,
    people.person_id as which
from {{ ref('sessions') }} as people
inner join erased_people on people.person_id = erased_people.person_id
union all
select
    'touchpoints' as found_in,
    'person_id' as what,
    people.person_id as which
from {{ ref('touchpoints') }} as people
inner join erased_people on people.person_id = erased_people.person_id
union all
select
    'conversions' as found_in,
    'person_id' as what,
    people.person_id as which
from {{ ref('conversions') }} as people
inner join erased_people on people.person_id = erased_people.person_id
union all
select
    'journeys' as found_in,
    'person_id' as what,
    people.person_id as which
from {{ ref('journeys') }} as people
inner join erased_people on people.person_id = erased_people.person_id
