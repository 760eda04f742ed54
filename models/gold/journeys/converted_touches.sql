-- Touches that count for a conversion: converted_at - window < touched_at <= converted_at, after
-- the previous conversion.
select
    spans.journey_id,
    spans.person_id,
    spans.conversion_type,
    touchpoints.touchpoint_id,
    touchpoints.touched_at
from {{ ref('conversion_spans') }} as spans
inner join {{ ref('touchpoints') }} as touchpoints
    on spans.person_id = touchpoints.person_id
inner join {{ ref('touch_windows') }} as windows
    on spans.conversion_type = windows.conversion_type and touchpoints.channel = windows.channel
where
    touchpoints.touched_at > spans.touches_after
    and touchpoints.touched_at <= spans.converted_at
    and spans.converted_at < {{ dbt.dateadd(
        'day', 'windows.window_days', 'touchpoints.touched_at'
    ) }}
