-- An identifier has one person.
select
    identifier_type,
    identifier_value,
    count(distinct person_id) as people
from {{ ref('identity_map') }}
group by identifier_type, identifier_value
having count(distinct person_id) <> 1
