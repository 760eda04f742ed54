-- How many sessions entered and passed each step of the funnels in every hour, for the whole shop
-- and its largest sources: a silent hour has a row too.
with steps as (
    select distinct step from {{ ref('funnel_hours') }}
),

counted as (
    select source as scope, step, hour_at, entered_count, passed_count
    from {{ ref('funnel_hours') }}
    where source <> 'all'
    union all
    select
        'all' as scope,
        step,
        hour_at,
        sum(entered_count) as entered_count,
        sum(passed_count) as passed_count
    from {{ ref('funnel_hours') }}
    group by step, hour_at
)

select
    hours.hour_at,
    hours.scope,
    steps.step,
    cast(coalesce(counted.entered_count, 0) as bigint) as entered_count,
    cast(coalesce(counted.passed_count, 0) as bigint) as passed_count
from {{ ref('scope_hours') }} as hours
cross join steps
left join counted
    on
        hours.hour_at = counted.hour_at
        and hours.scope = counted.scope
        and steps.step = counted.step
