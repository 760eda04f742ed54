-- Where journeys reset, no touch reaches past a conversion of its person and type to a later one. A
-- touch at the instant of a conversion belongs to that one.
select
    touches.journey_id,
    touches.touchpoint_id,
    passed.conversion_id as passed_conversion_id
from {{ ref('journey_touchpoints') }} as touches
inner join {{ ref('journeys') }} as journeys on touches.journey_id = journeys.journey_id
inner join {{ ref('conversions') }} as passed
    on
        journeys.person_id = passed.person_id
        and journeys.conversion_type = passed.conversion_type
        and touches.touched_at <= passed.converted_at
        and journeys.converted_at > passed.converted_at
where '{{ var("journey_reset") }}' = 'on_conversion'
