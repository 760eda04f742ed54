-- How the identifiers of a kind are spelled (letters, digits and signs, not which) on each of the
-- last days: a new spelling is a new kind of identifier that meets no old one.
with carried as (
    {% for kind, column, model, time_column in [
        ('event_anonymous_id', 'anonymous_id', 'clickstream_events', 'occurred_at'),
        ('event_user_id', 'user_id', 'clickstream_events', 'occurred_at'),
        ('order_customer_id', 'customer_id', 'orders', 'ordered_at'),
        ('order_anonymous_id', 'anonymous_id', 'orders', 'ordered_at'),
    ] %}
    select
        '{{ kind }}' as identifier_kind,
        {{ shape_of(column) }} as identifier_shape,
        {{ time_column }} as carried_at
    from {{ ref(model) }}
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

aged as (
    select
        carried.identifier_kind,
        carried.identifier_shape,
        {{ days_before('carried.carried_at', 'clock.as_of') }} as day_number
    from carried
    cross join {{ ref('clock') }} as clock
)

select
    aged.identifier_kind,
    aged.identifier_shape,
    -- What is older is one past.
    case
        when aged.day_number <= thresholds.breaker_history_days then aged.day_number
        else thresholds.breaker_history_days + 1
    end as day_number,
    count(*) as identifier_count
from aged
cross join {{ ref('thresholds') }} as thresholds
group by 1, 2, 3
