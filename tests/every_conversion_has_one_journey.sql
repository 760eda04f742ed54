-- A conversion has exactly one journey, of the same person, time and value; no journey has a
-- conversion nobody knows.
with journeys as (
    select
        conversion_id,
        conversion_type,
        count(*) as journey_count,
        min(person_id) as person_id,
        min(converted_at) as converted_at,
        min(net_revenue) as net_revenue
    from {{ ref('journeys') }}
    where journey_status = 'converted'
    group by conversion_id, conversion_type
)

select
    conversions.conversion_id,
    conversions.conversion_type,
    journeys.conversion_id as journey_conversion_id,
    journeys.journey_count
from {{ ref('conversions') }} as conversions
full outer join journeys
    on
        conversions.conversion_id = journeys.conversion_id
        and conversions.conversion_type = journeys.conversion_type
where
    journeys.journey_count is distinct from 1
    or conversions.person_id is distinct from journeys.person_id
    or conversions.converted_at is distinct from journeys.converted_at
    or conversions.net_revenue is distinct from journeys.net_revenue
