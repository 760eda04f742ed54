-- A touch counts for a conversion when converted_at - window < touched_at <= converted_at.
select
    touches.journey_id,
    touches.touchpoint_id,
    touches.touched_at,
    journeys.converted_at,
    windows.window_days
from {{ ref('journey_touchpoints') }} as touches
inner join {{ ref('journeys') }} as journeys on touches.journey_id = journeys.journey_id
left join {{ ref('touch_windows') }} as windows
    on touches.conversion_type = windows.conversion_type and touches.channel = windows.channel
where
    journeys.converted_at is not null
    and (
        windows.window_days is null
        or touches.touched_at > journeys.converted_at
        or touches.touched_at
        <= {{ dbt.dateadd('day', '-windows.window_days', 'journeys.converted_at') }}
    )
