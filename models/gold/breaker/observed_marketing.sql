-- What the checks of advertising observe: clicks of the last week without a session, and cost that
-- is not to be believed.
with losses as (
    select
        losses.platform,
        losses.platform_clicks,
        losses.tracked_sessions,
        losses.expected_sessions
    from {{ ref('tracking_loss_daily') }} as losses
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('thresholds') }} as thresholds
    where
        {{ dbt.datediff('losses.date', business_date('clock.as_of'), 'day') }}
        < thresholds.breaker_days
),

scoped as (
    select platform as scope, * from losses
    union all
    select 'all' as scope, * from losses
),

costs as (
    select
        costs.platform,
        costs.spend,
        costs.expected_spend,
        costs.is_cost_anomaly,
        abs(coalesce(costs.spend, 0) - coalesce(costs.expected_spend, 0)) as disbelieved_spend
    from {{ ref('spend_anomalies') }} as costs
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('thresholds') }} as thresholds
    left join {{ ref('last_good_version') }} as version on 1 = 1
    where
        {{ dbt.datediff('costs.date', business_date('clock.as_of'), 'day') }}
        < thresholds.breaker_days
        -- Nor was anything looked at since the last good version.
        or costs.date >= {{ business_date('version.as_of') }}
)

select
    'discrepancy' as check_family,
    scope,
    1 - sum(tracked_sessions) / nullif({{ exact_sum('expected_sessions') }}, 0) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    cast(coalesce(sum(platform_clicks), 0) as bigint) as sample_count,
    'share of the sessions expected of the last week''s clicks '
    || case scope when 'all' then '' else 'on ' || scope || ' ' end
    || 'that did not arrive' as subject
from scoped
group by scope
union all
select
    'cost_anomalies' as check_family,
    platform as scope,
    {{ exact_sum('case when is_cost_anomaly then disbelieved_spend else 0 end') }}
    / nullif({{ exact_sum('coalesce(expected_spend, spend)') }}, 0) as observed,
    null as usual,
    0 as noise,
    count(*) as sample_count,
    'cost of ' || platform || ' that is not to be believed, as a share of the cost expected'
        as subject
from costs
group by platform
