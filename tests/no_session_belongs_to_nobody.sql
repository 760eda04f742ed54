-- Every session, touch and conversion has a person, a made-up one where nobody is known.
select
    'session' as record_kind,
    session_key as record_id
from {{ ref('sessions') }}
where coalesce(person_id, '') = ''
union all
select
    'touch' as record_kind,
    touchpoint_id as record_id
from {{ ref('touchpoints') }}
where coalesce(person_id, '') = ''
union all
select
    'conversion' as record_kind,
    conversion_id as record_id
from {{ ref('conversions') }}
where coalesce(person_id, '') = ''
