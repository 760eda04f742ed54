-- What each rule of the seed gives a touch of a converted journey, before it is made to sum to one.
-- Grain: touch and rule.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}
) }}

with touches as (
    select
        *,
        touch_index + touches_to_end as touch_count,
        max(case when channel <> 'direct' then touch_index else 0 end) over (
            partition by journey_id
        ) as last_non_direct_index
    from {{ ref('journey_touchpoints') }}
    where is_converted and {{ is_stale('person_id', 'stale_people') }}
)

select
    touches.journey_id,
    touches.person_id,
    touches.touchpoint_id,
    touches.touch_index,
    rules.attribution_model,
    case
        when rules.rule = 'first_touch' then case when touches.touch_index = 1 then 1 else 0 end
        when rules.rule = 'last_touch' then case when touches.touches_to_end = 0 then 1 else 0 end
        when rules.rule = 'last_non_direct' and touches.last_non_direct_index = 0
            then case when touches.touches_to_end = 0 then 1 else 0 end
        when rules.rule = 'last_non_direct'
            then case when touches.touch_index = touches.last_non_direct_index then 1 else 0 end
        when rules.rule = 'linear' then 1
        when rules.rule = 'position_based' and touches.touch_count = 1 then 1
        when rules.rule = 'position_based' and touches.touch_index = 1 then rules.first_share
        when rules.rule = 'position_based' and touches.touches_to_end = 0 then rules.last_share
        when rules.rule = 'position_based'
            then (1 - rules.first_share - rules.last_share) / (touches.touch_count - 2)
        when rules.rule = 'time_decay'
            then power(2, -touches.hours_to_end / 24 / rules.half_life_days)
    end as weight
from touches
cross join {{ ref('attribution_models') }} as rules
where rules.is_enabled
