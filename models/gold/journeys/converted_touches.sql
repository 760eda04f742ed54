-- Touches that count for a conversion: converted_at - window < touched_at <= converted_at, after
-- the previous conversion. Ties in time are broken by touchpoint_id.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}
) }}

select
    spans.journey_id,
    spans.person_id,
    spans.conversion_type,
    touchpoints.touchpoint_id,
    touchpoints.touched_at,
    row_number() over in_journey as touch_index,
    count(*) over (partition by spans.journey_id) - row_number() over in_journey as touches_to_end,
    spans.converted_at as ended_at
from {{ ref('conversion_spans') }} as spans
inner join {{ ref('touchpoints') }} as touchpoints
    on spans.person_id = touchpoints.person_id
inner join {{ ref('touch_windows') }} as windows
    on spans.conversion_type = windows.conversion_type and touchpoints.channel = windows.channel
where
    {{ is_stale('spans.person_id', 'stale_people') }}
    and {{ is_stale('touchpoints.person_id', 'stale_people') }}
    and touchpoints.touched_at > spans.touches_after
    and touchpoints.touched_at <= spans.converted_at
    and spans.converted_at < {{ dbt.dateadd(
        'day', 'windows.window_days', 'touchpoints.touched_at'
    ) }}
window in_journey as (
    partition by spans.journey_id order by touchpoints.touched_at, touchpoints.touchpoint_id
)
