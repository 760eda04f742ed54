-- Minutes between an event and its reception, the middle of each of the last days: a clock that was
-- set wrong moves all of them at once.
with lags as (
    select
        {{ days_before('events.occurred_at', 'clock.as_of') }} as day_number,
        {{ seconds_between('events.occurred_at', 'events.received_at') }} / 60 as lag_minutes
    from {{ ref('clickstream_events') }} as events
    cross join {{ ref('clock') }} as clock
    where events.received_at is not null
)

select
    lags.day_number,
    count(*) as event_count,
    cast({{ median_of('lags.lag_minutes') }} as double) as lag_minutes
from lags
cross join {{ ref('thresholds') }} as thresholds
where lags.day_number <= thresholds.breaker_history_days
group by lags.day_number
