-- A journey without a conversion is open when the window of one of its touches is not over at
-- as_of, and lost when all are.
with claimable as (
    select
        touches.journey_id,
        max({{ dbt.dateadd('day', 'windows.window_days', 'touches.touched_at') }})
            as claimable_until
    from {{ ref('journey_touchpoints') }} as touches
    inner join {{ ref('touch_windows') }} as windows
        on touches.conversion_type = windows.conversion_type and touches.channel = windows.channel
    where not touches.is_converted
    group by touches.journey_id
)

select
    journeys.journey_id,
    journeys.journey_status,
    claimable.claimable_until,
    clock.as_of
from {{ ref('journeys') }} as journeys
inner join claimable on journeys.journey_id = claimable.journey_id
cross join {{ ref('as_of') }} as clock
where
    journeys.journey_status
    <> case when claimable.claimable_until > clock.as_of then 'open' else 'lost' end
