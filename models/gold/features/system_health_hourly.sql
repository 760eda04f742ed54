-- The state of the shop in every hour, for the whole shop and for each of its large sources.
select
    hour_at,
    scope,
    sessions,
    checkouts,
    transactions,
    expected_transactions,
    z_score,
    system_health_score,
    system_health_tag,
    suspected_step
from {{ ref('health_hours') }}
