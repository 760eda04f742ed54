-- Journeys with the business day of their end.
select
    journey_id,
    {{ business_date('ended_at') }} as date,
    conversion_type,
    journey_status,
    is_blocked,
    blocked_reason,
    touch_count
from {{ ref('journeys') }}
