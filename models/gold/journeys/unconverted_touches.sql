-- Touches that no conversion of a type claims, in journeys that end when nothing follows within the
-- window, or when the person converts. A journey is open while a conversion could still claim one
-- of its touches, and lost afterwards.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}
) }}

with leftover as (
    select
        touchpoints.person_id,
        windows.conversion_type,
        touchpoints.touchpoint_id,
        touchpoints.touched_at,
        {{ dbt.dateadd('day', 'windows.window_days', 'touchpoints.touched_at') }} as claimable_until
    from {{ ref('touchpoints') }} as touchpoints
    inner join {{ ref('touch_windows') }} as windows on touchpoints.channel = windows.channel
    left join {{ ref('converted_touches') }} as claimed
        on
            touchpoints.touchpoint_id = claimed.touchpoint_id
            and windows.conversion_type = claimed.conversion_type
    where
        claimed.touchpoint_id is null
        and {{ is_stale('touchpoints.person_id', 'stale_people') }}
),

-- Conversions and leftover touches on one line of time, so that a conversion between two touches
-- parts them.
on_one_line as (
    select
        person_id,
        conversion_type,
        touched_at as happened_at,
        touchpoint_id,
        claimable_until,
        0 as is_conversion
    from leftover
    union all
    select
        person_id,
        conversion_type,
        converted_at as happened_at,
        null as touchpoint_id,
        null as claimable_until,
        1 as is_conversion
    from {{ ref('conversion_spans') }}
    where {{ is_stale('person_id', 'stale_people') }}
),

counted as (
    select
        *,
        sum(is_conversion) over (
            partition by person_id, conversion_type order by happened_at, is_conversion
            rows between unbounded preceding and current row
        ) as conversions_before
    from on_one_line
),

parted as (
    select
        *,
        case
            when happened_at < max(claimable_until) over (
                partition by person_id, conversion_type, conversions_before
                order by happened_at, touchpoint_id
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as starts_journey
    from counted
    where is_conversion = 0
),

-- A journey has the name of the touch that begins it.
named as (
    select
        *,
        last_value(
            case
                when starts_journey = 1
                    then {{ dbt_utils.generate_surrogate_key(
                        ["'unconverted'", 'conversion_type', 'touchpoint_id']
                    ) }}
            end ignore nulls
        ) over (
            partition by person_id, conversion_type order by happened_at, touchpoint_id
            rows between unbounded preceding and current row
        ) as journey_id
    from parted
)

select
    named.journey_id,
    named.person_id,
    named.conversion_type,
    named.touchpoint_id,
    named.happened_at as touched_at,
    named.claimable_until > clock.as_of as is_claimable
from named
cross join {{ ref('as_of') }} as clock
