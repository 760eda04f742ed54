-- History is only added to, but for erased people: nothing of them is left in it.
select history.person_id, history.known_from
from {{ ref('person_features_changes') }} as history
inner join {{ ref('identity_members') }} as members on history.person_id = members.person_id
where members.is_erased
