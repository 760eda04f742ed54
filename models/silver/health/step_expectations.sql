-- How many sessions should have passed each step: at the usual rate, corrected by how the days just
-- before compared with theirs, so that a habit that changes slowly is followed.
with compared as (
    select
        rates.*,
        thresholds.recent_prior,
        sum(
            case
                when not rates.is_suspect and rates.usual_rate > 0 then rates.passed_count
                else 0
            end
        ) over days_before as passed_lately,
        sum(
            case
                when not rates.is_suspect and rates.usual_rate > 0
                    then rates.entered_count * rates.usual_rate
                else 0
            end
        ) over days_before as expected_lately
    from {{ ref('step_rates') }} as rates
    cross join {{ ref('thresholds') }} as thresholds
    window days_before as (
        partition by rates.scope, rates.step order by rates.hour_at
        rows between thresholds.recent_hours preceding and thresholds.baseline_lag_hours preceding
    )
),

corrected as (
    select
        *,
        usual_rate
        * (recent_prior + coalesce(passed_lately, 0))
        / (recent_prior + coalesce(expected_lately, 0)) as expected_rate
    from compared
)

select
    hour_at,
    scope,
    step,
    is_promotion,
    entered_count,
    passed_count,
    -- Null, where too little is known, stays null.
    entered_count * case when expected_rate > 1 then 1 else expected_rate end as expected_passes
from corrected
