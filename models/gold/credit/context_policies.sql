-- Which endings count under which policy. naive takes every journey as it is; context_aware does
-- not let a blocked or a still open journey count as a loss: its steps count, its ending does not.
with policies as (
    select 'naive' as context_policy
    union all
    select 'context_aware' as context_policy
)

select
    policies.context_policy,
    journeys.journey_id,
    journeys.conversion_type,
    journeys.journey_status = 'converted' as is_converted,
    journeys.journey_status <> 'converted'
    and (
        policies.context_policy = 'naive'
        or (journeys.journey_status = 'lost' and not journeys.is_blocked)
    ) as is_loss,
    coalesce(journeys.net_revenue, 0) as net_revenue
from {{ ref('journeys') }} as journeys
cross join policies
where journeys.touch_count > 0
