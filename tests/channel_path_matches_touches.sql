-- The path of a journey is the channels of its touches in order, and it starts with the first.
with steps as (
    select
        journey_id,
        started_at,
        {{ elements_of('channel_path', 'channel', 'touch_index') }}
    from {{ ref('journeys') }}
)

select
    steps.journey_id,
    steps.touch_index,
    steps.channel,
    touches.journey_id as journey_of_touch,
    touches.touch_index as index_of_touch,
    touches.channel as channel_of_touch
from steps
full outer join {{ ref('journey_touchpoints') }} as touches
    on steps.journey_id = touches.journey_id and steps.touch_index = touches.touch_index
where
    steps.channel is distinct from touches.channel
    or (touches.touch_index = 1 and steps.started_at is distinct from touches.touched_at)
