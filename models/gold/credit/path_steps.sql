-- Steps of every path through the chain: from state to state, the last one into its end. A state is
-- the last markov_order channels, padded with start; repeats are kept. Grain: path and step.
{% set order = var('markov_order') | int %}
{% set state = [] %}
{% for back in range(order - 1, -1, -1) %}
    {% do state.append(
        "lag(channel, " ~ back ~ ", '(start)') over (partition by path_id order by touch_index)"
        if back else "channel"
    ) %}
{% endfor %}

with paths as (
    select distinct path_id, channel_path from {{ ref('path_counts') }}
),

touches as (
    select
        path_id,
        {{ array_length('channel_path') }} as touch_count,
        {{ elements_of('channel_path', 'channel', 'touch_index') }}
    from paths
),

states as (
    select
        path_id,
        touch_index,
        touch_count,
        channel,
        {{ state | join(" || ' > ' || ") }} as state
    from touches
)

select
    path_id,
    touch_index as step_number,
    lag(state, 1, '(start)') over (partition by path_id order by touch_index) as from_state,
    state as to_state,
    channel as to_channel
from states
union all
select
    path_id,
    touch_index + 1 as step_number,
    state as from_state,
    '(end)' as to_state,
    cast(null as {{ dbt.type_string() }}) as to_channel
from states
where touch_index = touch_count
