-- The state of the shop on every day, by source: the hours it was out, and the share of the usual
-- business of the day that they left. Sources too small to be judged share the verdict of the shop.
with days as (
    select
        {{ business_date('hour_at') }} as date,
        scope,
        {{ exact_sum('expected_transactions') }} as expected_transactions,
        count(case when system_health_tag = 'POTENTIAL_OUTAGE' then 1 end) as outage_hours,
        count(case when system_health_tag = 'NORMAL' then 1 end) as normal_hours,
        {{ exact_sum('system_health_score * (expected_transactions + 1)') }}
        / {{ exact_sum(
            'case when system_health_score is not null then expected_transactions + 1 end'
        ) }}
            as system_health_score
    from {{ ref('health_hours') }}
    group by {{ business_date('hour_at') }}, scope
),

scopes as (
    select distinct source as scope from {{ ref('sessions') }}
    where source <> 'all'
    union all
    select 'all' as scope
),

pooled as (
    select
        shop.date,
        scopes.scope,
        days.expected_transactions,
        coalesce(days.outage_hours, shop.outage_hours) as outage_hours,
        case
            when days.normal_hours + days.outage_hours > 0 then days.normal_hours
            else shop.normal_hours
        end as normal_hours,
        coalesce(days.system_health_score, shop.system_health_score) as system_health_score
    from days as shop
    cross join scopes
    left join days on shop.date = days.date and scopes.scope = days.scope
    where shop.scope = 'all'
)

select
    date,
    scope,
    expected_transactions,
    outage_hours,
    system_health_score,
    case
        when outage_hours > 0 then 'POTENTIAL_OUTAGE'
        when normal_hours > 0 then 'NORMAL'
        else 'INSUFFICIENT_HISTORY'
    end as system_health_tag
from pooled
