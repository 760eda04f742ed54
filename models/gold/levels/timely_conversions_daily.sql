-- Conversions whose credit could be final within a day: every touch of the journey, and the event
-- that is the conversion where it is one, had been received by then. Journeys of which nothing says
-- when it was received are not judged.
with touched as (
    select
        touches.journey_id,
        max(events.received_at) as received_at
    from {{ ref('journey_touchpoints') }} as touches
    inner join {{ ref('visits') }} as visits on touches.touchpoint_id = visits.visit_key
    inner join {{ ref('consented_events') }} as events on visits.first_event_id = events.event_id
    where touches.is_converted and events.received_at is not null
    group by touches.journey_id
),

delayed as (
    select
        {{ business_date('journeys.converted_at') }} as date,
        {{ seconds_between('journeys.converted_at', 'touched.received_at') }} / 3600
            as touch_delay_hours,
        {{ seconds_between('journeys.converted_at', 'own.received_at') }} / 3600
            as own_delay_hours
    from {{ ref('journeys') }} as journeys
    inner join touched on journeys.journey_id = touched.journey_id
    left join {{ ref('consented_events') }} as own on journeys.conversion_id = own.event_id
)

select
    delayed.date,
    count(
        case
            when delayed.touch_delay_hours > thresholds.delivery_hours then null
            when delayed.own_delay_hours > thresholds.delivery_hours then null
            else 1
        end
    ) as good_count,
    count(*) as total_count
from delayed
cross join {{ ref('thresholds') }} as thresholds
group by delayed.date
