-- Hours in which a step towards a kind of conversion failed, numbered so that hours in a row are
-- one outage whatever the step.
with hours as (
    select
        failing.hour_at,
        failing.scope,
        steps.conversion_type,
        failing.step,
        failing.evidence_so_far,
        failing.expected_passes - failing.passed_count as missing_sessions,
        case
            when failing.expected_passes > 0
                then least((failing.passed_count + 1) / (failing.expected_passes + 1), 1)
        end as health_score,
        failing.is_detected
    from {{ ref('failing_hours') }} as failing
    inner join {{ ref('funnel_steps') }} as steps on failing.step = steps.step
    union all
    select
        hour_at,
        'all' as scope,
        'purchase' as conversion_type,
        step,
        evidence as evidence_so_far,
        expected_sessions - session_count as missing_sessions,
        -- Whether the shop was well while its events did not arrive is unknown.
        case when step = 'visit' then session_count / expected_sessions end as health_score,
        true as is_detected
    from {{ ref('silent_hours') }}
),

marked as (
    select
        *,
        case
            when
                lag(hour_at) over in_scope >= {{ dbt.dateadd('hour', -1, 'hour_at') }}
                then 0
            else 1
        end as starts_outage
    from hours
    window in_scope as (partition by scope, conversion_type order by hour_at, step)
),

numbered as (
    select
        *,
        sum(starts_outage) over (
            partition by scope, conversion_type order by hour_at, step
            rows between unbounded preceding and current row
        ) as outage_number
    from marked
)

select
    hour_at,
    scope,
    conversion_type,
    step,
    cast(outage_number as bigint) as outage_number,
    evidence_so_far,
    missing_sessions,
    health_score,
    is_detected
from numbered
