-- Touches that no conversion of a type claims, in journeys that end when nothing follows within the
-- window. A conversion between two of them parts them, too: it claims every touch whose window is
-- not over. A journey is open while a conversion could still claim one of its touches, and lost
-- afterwards. Ties in time are broken by touchpoint_id.
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
        row_number() over in_order as position,
        coalesce(touched_at >= max(claimable_until) over before_touch, true) as starts_journey,
        coalesce(lead(touched_at) over in_order >= max(claimable_until) over so_far, true)
            as ends_journey
    from leftover
    window
        in_order as (
            partition by person_id, conversion_type order by touched_at, touchpoint_id
        ),
        before_touch as (
            partition by person_id, conversion_type order by touched_at, touchpoint_id
            rows between unbounded preceding and 1 preceding
        ),
        so_far as (
            partition by person_id, conversion_type order by touched_at, touchpoint_id
            rows between unbounded preceding and current row
        )
),

cut as (
    select
        person_id,
        conversion_type,
        touchpoint_id,
        touched_at,
        claimable_until,
        last_value(case when starts_journey then touchpoint_id end ignore nulls) over so_far
            as first_touchpoint_id,
        position - max(case when starts_journey then position end) over so_far + 1 as touch_index,
        min(case when ends_journey then position end) over to_come - position as touches_to_end,
        min(case when ends_journey then touched_at end) over to_come as ended_at
    from parted
    window
        so_far as (
            partition by person_id, conversion_type order by position
            rows between unbounded preceding and current row
        ),
        to_come as (
            partition by person_id, conversion_type order by position
            rows between current row and unbounded following
        )
)

select
    {{ dbt_utils.generate_surrogate_key([
        "'unconverted'", 'cut.conversion_type', 'cut.first_touchpoint_id'
    ]) }} as journey_id,
    cut.person_id,
    cut.conversion_type,
    cut.touchpoint_id,
    cut.touched_at,
    cut.touch_index,
    cut.touches_to_end,
    cut.ended_at,
    cut.claimable_until > clock.as_of as is_claimable
from cut
cross join {{ ref('as_of') }} as clock
