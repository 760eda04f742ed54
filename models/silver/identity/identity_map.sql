-- Who is who: nobody belongs to two people.
select
    identifier_type,
    identifier_value,
    person_id,
    first_seen_at,
    last_seen_at,
    case when identifier_count > 1 then 'deterministic' else 'single' end as match_type,
    cast(1 as double) as confidence,
    is_shared
from {{ ref('identity_members') }}
where not is_erased
