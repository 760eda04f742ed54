-- Where journeys reset, a touch is part of one journey of a conversion type, whatever became of it.
select
    conversion_type,
    touchpoint_id,
    count(*) as journey_count
from {{ ref('journey_touchpoints') }}
where '{{ var("journey_reset") }}' = 'on_conversion'
group by conversion_type, touchpoint_id
having count(*) > 1
