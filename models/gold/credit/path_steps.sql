-- Steps of every journey through the chain: from state to state, the last one into conversion or
-- null. A state is the last markov_order channels, padded with start; repeats are kept. Grain:
-- journey and step.
{% set order = var('markov_order') | int %}
{% set state = [] %}
{% for back in range(order - 1, -1, -1) %}
    {% do state.append(
        "lag(channel, " ~ back ~ ", '(start)') over (partition by journey_id order by touch_index)"
        if back else "channel"
    ) %}
{% endfor %}

with states as (
    select
        journey_id,
        touch_index,
        touches_to_end,
        channel,
        {{ state | join(" || ' > ' || ") }} as state
    from {{ ref('journey_touchpoints') }}
)

select
    journey_id,
    touch_index as step_number,
    lag(state, 1, '(start)') over (partition by journey_id order by touch_index) as from_state,
    state as to_state,
    channel as to_channel
from states
union all
select
    journey_id,
    touch_index + 1 as step_number,
    state as from_state,
    '(end)' as to_state,
    cast(null as {{ dbt.type_string() }}) as to_channel
from states
where touches_to_end = 0
