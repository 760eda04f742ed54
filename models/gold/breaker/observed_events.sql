-- What the checks of single records observe on each day since the last good version: orders without
-- their purchase event, purchases without their order, and identifiers spelled as none before.
with counterparts as (
    select
        'order_events' as check_family,
        ordered_at as sold_at,
        case when is_delivered then 1.0 else 0 end as is_met
    from {{ ref('order_deliveries') }}
    union all
    select
        'event_orders' as check_family,
        purchased_at as sold_at,
        case when is_ordered then 1.0 else 0 end as is_met
    from {{ ref('purchase_orders') }}
),

aged as (
    select
        counterparts.check_family,
        counterparts.is_met,
        {{ days_before('counterparts.sold_at', 'clock.as_of') }} as day_number
    from counterparts
    cross join {{ ref('as_of') }} as clock
),

unaudited as (
    select max(day_number) as last_day_number from {{ ref('unaudited_days') }}
),

usual as (
    select
        aged.check_family,
        avg(aged.is_met) as share,
        -- Never quite all or nothing: what always went well so far may still fail once.
        (sum(aged.is_met) + 1) / (count(*) + 1 + 1) as share_to_expect
    from aged
    cross join {{ ref('thresholds') }} as thresholds
    cross join unaudited
    where
        aged.day_number <= thresholds.breaker_history_days
        and aged.day_number > unaudited.last_day_number
    group by aged.check_family
),

shapes as (
    select
        *,
        max(day_number) over (partition by identifier_kind, identifier_shape) as first_day_number,
        sum(identifier_count) over (partition by identifier_kind order by day_number desc)
        - sum(identifier_count) over (partition by identifier_kind, day_number) as earlier_count
    from {{ ref('identifier_shapes') }}
)

select
    aged.check_family,
    'all' as scope,
    days.day_suffix,
    avg(aged.is_met) as observed,
    max(usual.share) as usual,
    cast(coalesce(max(
        thresholds.breaker_z_score * sqrt(usual.share_to_expect * (1 - usual.share_to_expect))
    ), 0) / sqrt(count(*)) as double) as noise,
    count(*) as sample_count,
    case aged.check_family
        when 'order_events' then 'share of a day''s orders whose purchase event arrived'
        else 'share of a day''s purchase events whose order arrived'
    end as subject
from aged
inner join {{ ref('unaudited_days') }} as days on aged.day_number = days.day_number
cross join {{ ref('thresholds') }} as thresholds
left join usual on aged.check_family = usual.check_family
group by aged.check_family, days.day_suffix
union all
select
    'identifier_format' as check_family,
    shapes.identifier_kind as scope,
    days.day_suffix,
    sum(case
        when shapes.first_day_number = shapes.day_number then shapes.identifier_count
        else 0
    end) / cast(nullif(sum(shapes.identifier_count), 0) as double) as observed,
    null as usual,
    0 as noise,
    -- Without a past every spelling is new.
    cast(case
        when max(shapes.earlier_count) < sum(shapes.identifier_count) then max(shapes.earlier_count)
        else sum(shapes.identifier_count)
    end as bigint) as sample_count,
    'share of a day''s ' || shapes.identifier_kind || ' spelled as none before' as subject
from shapes
inner join {{ ref('unaudited_days') }} as days on shapes.day_number = days.day_number
group by shapes.identifier_kind, days.day_suffix
