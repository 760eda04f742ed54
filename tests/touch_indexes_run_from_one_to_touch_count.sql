-- The touches of a journey are numbered 1, 2, 3, … in order of time, and are as many as the journey
-- says.
with in_order as (
    select
        journey_id,
        touch_index,
        touches_to_end,
        row_number() over (partition by journey_id order by touched_at, touchpoint_id) as position,
        count(*) over (partition by journey_id) as touches
    from {{ ref('journey_touchpoints') }}
)

select
    journeys.journey_id,
    journeys.touch_count,
    in_order.touch_index,
    in_order.touches_to_end,
    in_order.position
from {{ ref('journeys') }} as journeys
left join in_order on journeys.journey_id = in_order.journey_id
where
    journeys.touch_count is distinct from coalesce(in_order.touches, 0)
    or in_order.touch_index <> in_order.position
    or in_order.touches_to_end <> in_order.touches - in_order.position
