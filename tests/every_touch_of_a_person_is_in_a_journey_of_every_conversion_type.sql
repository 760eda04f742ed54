-- No touch is lost: for each kind of conversion it is part of a journey of the same person,
-- converted, lost or open.
with expected as (
    select
        touchpoints.touchpoint_id,
        touchpoints.person_id,
        conversion_types.conversion_type
    from {{ ref('touchpoints') }} as touchpoints
    cross join {{ ref('conversion_types') }} as conversion_types
)

select expected.*
from expected
left join {{ ref('journey_touchpoints') }} as touches
    on
        expected.touchpoint_id = touches.touchpoint_id
        and expected.person_id = touches.person_id
        and expected.conversion_type = touches.conversion_type
where touches.journey_id is null
