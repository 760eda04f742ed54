-- A journey without a conversion has none of its person and type between its first and its last
-- touch.
select
    journeys.journey_id,
    conversions.conversion_id
from {{ ref('journeys') }} as journeys
inner join {{ ref('conversions') }} as conversions
    on
        journeys.person_id = conversions.person_id
        and journeys.conversion_type = conversions.conversion_type
        and journeys.started_at <= conversions.converted_at
        and journeys.ended_at > conversions.converted_at
where journeys.journey_status <> 'converted'
