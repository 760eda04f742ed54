-- All the Markov chain needs to know: how often each step was taken, and the revenue of the steps
-- into conversion. A state is the last markov_order channels, padded with start; repeats are kept.
-- A journey that neither converted nor counts as a loss is censored: it has no ending.
{% set order = var('markov_order') | int %}
{% set channels = [] %}
{% for back in range(order, -1, -1) %}{% do channels.append('channel_' ~ back) %}{% endfor %}
{% set ends = [] %}
{% for channel in channels[:-1] %}
{% do ends.append(element_from_end('walk', loop.revindex) ~ ' as ' ~ channel) %}
{% endfor %}
{% set left = channels[:-1] | join(" || ' > ' || ") %}
{% set entered = channels[1:] | join(" || ' > ' || ") %}

with paths as (
    select
        conversion_type,
        context_policy,
        journey_count,
        conversion_count,
        loss_count,
        net_revenue,
        {{ padded_array('channel_path', '(start)', order) }} as walk
    from {{ ref('path_counts') }}
),

-- A walk laid beside itself, shifted by a channel and more, has every step with what led to it.
steps as (
    select
        conversion_type,
        context_policy,
        journey_count,
        {{ shifted_elements_of('walk', channels) }}
    from paths
),

counted as (
    select
        conversion_type,
        context_policy,
        {{ channels | join(', ') }},
        sum(journey_count) as step_count
    from steps
    where channel_0 is not null
    group by conversion_type, context_policy, {{ channels | join(', ') }}
),

last_channels as (
    select
        *,
        {{ ends | join(', ') }}
    from paths
),

ended as (
    select
        conversion_type,
        context_policy,
        {{ left }} as from_state,
        sum(conversion_count) as conversion_count,
        sum(loss_count) as loss_count,
        {{ exact_sum('net_revenue') }} as net_revenue
    from last_channels
    group by conversion_type, context_policy, {{ channels[:-1] | join(', ') }}
)

select
    conversion_type,
    context_policy,
    case when channel_1 = '(start)' then '(start)' else {{ left }} end as from_state,
    {{ entered }} as to_state,
    channel_0 as to_channel,
    cast(step_count as bigint) as transition_count,
    cast(0 as double) as transition_value
from counted
{% for ending, count, value in [
    ('(conversion)', 'conversion_count', 'net_revenue'), ('(null)', 'loss_count', 'cast(0 as double)')
] %}
union all
select
    conversion_type,
    context_policy,
    from_state,
    '{{ ending }}' as to_state,
    cast(null as {{ dbt.type_string() }}) as to_channel,
    cast({{ count }} as bigint) as transition_count,
    {{ value }} as transition_value
from ended
where {{ count }} > 0
{% endfor %}
