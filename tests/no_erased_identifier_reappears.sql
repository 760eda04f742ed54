-- Nothing of an erased person is left in what others read: no identifier, no session, no touch, no
-- conversion and no journey under the name.
-- It waits for the last model, so that the circuit breaker can see what fails here and say so.
-- depends_on: {{ ref('service_levels') }}
select
    found_in,
    found_key,
    date
from {{ ref('privacy_violations') }}
where check_name in ('erased_identifiers', 'erased_people')
