-- The usual pass rate of each step and hour: that of the weeks before without suspect hours, a
-- source's drawn to the whole shop's, times the habit of that hour of the week.
with clean as (
    select
        *,
        case when is_suspect then 0 else entered_count end as clean_entered,
        case when is_suspect then 0 else passed_count end as clean_passed
    from {{ ref('step_levels') }}
),

summed as (
    select
        clean.*,
        thresholds.level_prior,
        thresholds.shape_prior,
        thresholds.history_entries,
        count(*) over weeks_before as history_hours,
        thresholds.history_hours as needed_hours,
        sum(clean.clean_entered) over weeks_before as entered_before,
        sum(clean.clean_passed) over weeks_before as passed_before,
        sum(clean.clean_entered) over same_hours as entered_same_hours,
        sum(clean.clean_passed) over same_hours as passed_same_hours
    from clean
    cross join {{ ref('thresholds') }} as thresholds
    window
        weeks_before as (
            partition by clean.scope, clean.step order by clean.hour_at
            rows between
            thresholds.baseline_hours preceding and thresholds.baseline_lag_hours preceding
        ),
        same_hours as (
            partition by clean.scope, clean.step, clean.week_hour_number order by clean.hour_at
            rows between thresholds.shape_weeks preceding and 1 preceding
        )
),

shop as (
    select
        hour_at,
        step,
        entered_before,
        passed_before / nullif(cast(entered_before as double), 0) as pass_rate,
        (
            (coalesce(passed_same_hours, 0) + shape_prior * pass_rate)
            / (coalesce(entered_same_hours, 0) + shape_prior)
        ) / nullif(pass_rate, 0) as hour_shape
    from summed
    where scope = 'all' and history_hours >= needed_hours and entered_before >= history_entries
)

select
    summed.hour_at,
    summed.scope,
    summed.step,
    summed.is_promotion,
    summed.is_suspect,
    summed.entered_count,
    summed.passed_count,
    shop.hour_shape
    * (summed.passed_before + summed.level_prior * shop.pass_rate)
    / (summed.entered_before + summed.level_prior) as usual_rate
from summed
left join shop on summed.hour_at = shop.hour_at and summed.step = shop.step
