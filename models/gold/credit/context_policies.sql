-- Which endings count under which policy. naive takes every journey as it is; context_aware does
-- not let a blocked or a still open journey count as a loss: its steps count, its ending does not.
with policies as (
    select 'naive' as context_policy
    union all
    select 'context_aware' as context_policy
),

endings as (
    {% for status in ['converted', 'lost', 'open'] %}
    select '{{ status }}' as journey_status, true as is_blocked
    union all
    select '{{ status }}' as journey_status, false as is_blocked
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    policies.context_policy,
    endings.journey_status,
    endings.is_blocked,
    endings.journey_status = 'converted' as is_converted,
    endings.journey_status <> 'converted'
    and (
        policies.context_policy = 'naive'
        or (endings.journey_status = 'lost' and not endings.is_blocked)
    ) as is_loss
from policies
cross join endings
