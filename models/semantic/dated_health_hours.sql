-- Hours of the shop and of its sources with their business day.
select
    hour_at,
    {{ business_date('hour_at') }} as date,
    scope,
    system_health_tag,
    suspected_step
from {{ ref('system_health_hourly') }}
