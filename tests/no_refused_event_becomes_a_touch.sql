-- A touch comes from an event that neither the banner nor a logged decision refused, for analytics
-- or for marketing.
-- It waits for the last model, so that the circuit breaker can see what fails here and say so.
-- depends_on: {{ ref('service_levels') }}
select
    found_in,
    found_key,
    date
from {{ ref('privacy_violations') }}
where check_name = 'refused_touches'
