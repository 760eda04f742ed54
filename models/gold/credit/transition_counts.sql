-- All the Markov chain needs to know: how often each step was taken, and the revenue of the steps
-- into conversion. A journey that neither converted nor counts as a loss is censored: it has no
-- ending.
with walks as (
    select
        counts.*,
        steps.from_state,
        steps.to_state,
        steps.to_channel
    from {{ ref('path_counts') }} as counts
    inner join {{ ref('path_steps') }} as steps on counts.path_id = steps.path_id
),

steps as (
    select
        conversion_type,
        context_policy,
        from_state,
        to_state,
        to_channel,
        journey_count as step_count,
        0 as step_value
    from walks
    where to_state <> '(end)'
    {% for ending, count, value in [
        ('(conversion)', 'conversion_count', 'net_revenue'), ('(null)', 'loss_count', '0')
    ] %}
    union all
    select
        conversion_type,
        context_policy,
        from_state,
        '{{ ending }}' as to_state,
        to_channel,
        {{ count }} as step_count,
        {{ value }} as step_value
    from walks
    where to_state = '(end)' and {{ count }} > 0
    {% endfor %}
)

select
    conversion_type,
    context_policy,
    from_state,
    to_state,
    min(to_channel) as to_channel,
    cast(sum(step_count) as bigint) as transition_count,
    {{ exact_sum('step_value') }} as transition_value
from steps
group by conversion_type, context_policy, from_state, to_state
