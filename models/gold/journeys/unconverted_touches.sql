-- Touches that no conversion of a type claims, in journeys that end when nothing follows within the
-- window. A conversion between two of them parts them, too: it claims every touch whose window is
-- not over. A journey is open while a conversion could still claim one of its touches, and lost
-- afterwards.
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

parted as (
    select
        *,
        coalesce(
            touched_at >= max(claimable_until) over (
                partition by person_id, conversion_type order by touched_at, touchpoint_id
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as starts_journey
    from leftover
),

named as (
    select
        *,
        last_value(case when starts_journey then touchpoint_id end ignore nulls) over (
            partition by person_id, conversion_type order by touched_at, touchpoint_id
            rows between unbounded preceding and current row
        ) as first_touchpoint_id
    from parted
)

select
    {{ dbt_utils.generate_surrogate_key([
        "'unconverted'", 'named.conversion_type', 'named.first_touchpoint_id'
    ]) }} as journey_id,
    named.person_id,
    named.conversion_type,
    named.touchpoint_id,
    named.touched_at,
    named.claimable_until > clock.as_of as is_claimable
from named
cross join {{ ref('as_of') }} as clock
