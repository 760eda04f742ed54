-- Evidence, hour by hour, that a step loses what it should pass: the log likelihood ratio of a pass
-- rate cut to the step's remaining share against the expected one, divided by how much more than
-- chance the step usually varies.
with rated as (
    select
        expectations.*,
        steps.remaining_share,
        steps.follows_intent and expectations.is_promotion as is_muted,
        expectations.expected_passes / nullif(expectations.entered_count, 0) as pass_rate,
        (expectations.passed_count - expectations.expected_passes)
        * (expectations.passed_count - expectations.expected_passes)
        / nullif(
            expectations.expected_passes
            * (1 - expectations.expected_passes / nullif(expectations.entered_count, 0)),
            0
        ) as squared_z
    from {{ ref('step_expectations') }} as expectations
    inner join {{ ref('funnel_steps') }} as steps on expectations.step = steps.step
),

dispersed as (
    select
        rated.*,
        greatest(
            coalesce(
                avg(
                    case
                        when rated.squared_z > thresholds.dispersion_cap
                            then thresholds.dispersion_cap
                        else rated.squared_z
                    end
                ) over weeks_before,
                1
            ),
            1
        ) as dispersion
    from rated
    cross join {{ ref('thresholds') }} as thresholds
    window weeks_before as (
        partition by rated.scope, rated.step order by rated.hour_at
        rows between thresholds.baseline_hours preceding and 1 preceding
    )
)

select
    hour_at,
    scope,
    step,
    entered_count,
    passed_count,
    expected_passes,
    dispersion,
    case
        when is_muted then 0
        when pass_rate > 0 and pass_rate < 1
            then (
                passed_count * ln(remaining_share)
                + (entered_count - passed_count)
                * ln((1 - remaining_share * pass_rate) / (1 - pass_rate))
            ) / dispersion
        -- Everybody should pass: only those who did not can be counted.
        when pass_rate = 1 then (entered_count - passed_count) / dispersion
        else 0
    end as evidence
from dispersed
