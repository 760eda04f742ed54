-- No text of silver and gold that others read holds a raw e-mail address.
-- It waits for the last model, so that the circuit breaker can see what fails here and say so.
-- depends_on: {{ ref('service_levels') }}
select
    found_in,
    found_key,
    date
from {{ ref('privacy_violations') }}
where check_name = 'raw_addresses'
