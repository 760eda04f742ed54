-- All the Markov chain needs to know: how often each step was taken, and the revenue of the steps
-- into conversion.
with steps as (
    select
        policies.conversion_type,
        policies.context_policy,
        steps.from_state,
        case
            when steps.to_state <> '(end)' then steps.to_state
            when policies.is_converted then '(conversion)'
            else '(null)'
        end as to_state,
        steps.to_channel,
        case
            when steps.to_state = '(end)' and policies.is_converted then policies.net_revenue
            else 0
        end as value
    from {{ ref('path_steps') }} as steps
    inner join {{ ref('context_policies') }} as policies on steps.journey_id = policies.journey_id
    -- A journey that neither converted nor counts as a loss is censored: it has no ending.
    where steps.to_state <> '(end)' or policies.is_converted or policies.is_loss
)

select
    conversion_type,
    context_policy,
    from_state,
    to_state,
    min(to_channel) as to_channel,
    count(*) as transition_count,
    {{ exact_sum('value') }} as transition_value
from steps
group by conversion_type, context_policy, from_state, to_state
