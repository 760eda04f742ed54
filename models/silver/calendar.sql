-- Every business date from the first event to "now", so that a silent day is a day too.
with span as (
    select
        {{ business_date('min(events.occurred_at)') }} as first_date,
        {{ business_date('max(clock.as_of)') }} as last_date
    from {{ ref('clickstream_events') }} as events
    cross join {{ ref('clock') }} as clock
)

select {{ days_from('first_date', 'last_date') }} as date
from span
where first_date is not null
