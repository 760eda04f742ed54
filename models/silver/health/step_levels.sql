-- First look at each step and hour: its pass rate over the weeks before, and whether no later
-- baseline should learn from the hour, because it lies so far below or because a major promotion
-- was running or had just ended.
with summed as (
    select
        hours.*,
        thresholds.suspect_z_score,
        sum(hours.entered_count) over weeks_before as entered_before,
        sum(hours.passed_count) over weeks_before as passed_before
    from {{ ref('step_hours') }} as hours
    cross join {{ ref('thresholds') }} as thresholds
    window weeks_before as (
        partition by hours.scope, hours.step order by hours.hour_at
        rows between thresholds.baseline_hours preceding and thresholds.baseline_lag_hours preceding
    )
),

scored as (
    select
        *,
        entered_count * passed_before / nullif(cast(entered_before as double), 0)
            as expected_passes,
        1 - passed_before / nullif(cast(entered_before as double), 0) as failing_rate
    from summed
)

select
    scored.hour_at,
    scored.scope,
    scored.step,
    {{ hour_of_week('scored.hour_at') }} as week_hour_number,
    scored.entered_count,
    scored.passed_count,
    promos.hour_at is not null as is_promotion,
    promos.hour_at is not null
    or coalesce(
        (scored.passed_count - scored.expected_passes)
        / nullif(sqrt(scored.expected_passes * scored.failing_rate), 0)
        < scored.suspect_z_score,
        -- Where everybody should pass there is no spread to measure with.
        scored.passed_count < scored.expected_passes,
        false
    ) as is_suspect
from scored
left join {{ ref('promo_hours') }} as promos on scored.hour_at = promos.hour_at
