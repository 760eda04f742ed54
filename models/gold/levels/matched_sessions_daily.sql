-- Sessions of people (no machines, no reload storms or click fraud) who allow linking, and those of
-- somebody known by more than one identifier.
with known as (
    select distinct person_id
    from {{ ref('identity_map') }}
    where match_type <> 'single'
)

select
    sessions.date,
    count(known.person_id) as good_count,
    count(*) as total_count
from {{ ref('sessions') }} as sessions
inner join {{ ref('visits') }} as visits on sessions.session_key = visits.visit_key
left join known on sessions.person_id = known.person_id
where visits.may_link and not sessions.is_bot and not sessions.is_phantom
group by sessions.date
