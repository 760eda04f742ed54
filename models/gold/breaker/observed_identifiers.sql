-- What the checks of identifiers observe on each day since the last good version: how many are
-- spelled as none before.
with shapes as (
    select
        *,
        max(day_number) over (partition by identifier_kind, identifier_shape) as first_day_number,
        sum(identifier_count) over (partition by identifier_kind order by day_number desc)
        - sum(identifier_count) over (partition by identifier_kind, day_number) as earlier_count
    from {{ ref('identifier_shapes') }}
)

select
    'identifier_format' as check_family,
    shapes.identifier_kind as scope,
    days.day_suffix,
    sum(case
        when shapes.first_day_number = shapes.day_number then shapes.identifier_count
        else 0
    end) / cast(nullif(sum(shapes.identifier_count), 0) as double) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    -- Without a past every spelling is new.
    cast(case
        when max(shapes.earlier_count) < sum(shapes.identifier_count) then max(shapes.earlier_count)
        else sum(shapes.identifier_count)
    end as bigint) as sample_count,
    'share of a day''s ' || shapes.identifier_kind || ' spelled as none before' as subject
from shapes
inner join {{ ref('unaudited_days') }} as days on shapes.day_number = days.day_number
group by shapes.identifier_kind, days.day_suffix
