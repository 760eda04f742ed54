-- What the checks of credit observe: that it adds up, to the conversions and to their revenue, and
-- how many of the last week's conversions have a touch at all.
with conserved as (
    select abs({{ exact_sum('credit') }} - 1) as difference
    from {{ ref('attribution_credits') }}
    group by conversion_id, conversion_type, attribution_model, context_policy
),

credited as (
    select
        conversion_type,
        {{ exact_sum('credited_conversions') }} as conversions,
        {{ exact_sum('credited_revenue') }} as revenue
    from {{ ref('channel_credits') }}
    group by conversion_type, attribution_model, context_policy
),

converted as (
    select
        conversion_type,
        count(*) as conversions,
        {{ exact_sum('net_revenue') }} as revenue
    from {{ ref('conversions') }}
    group by conversion_type
),

differences as (
    select 'conversions' as scope, difference from conserved
    union all
    select
        'channels' as scope,
        abs(coalesce(credited.conversions, 0) - converted.conversions) / converted.conversions
            as difference
    from converted
    left join credited on converted.conversion_type = credited.conversion_type
    union all
    select
        'revenue' as scope,
        abs(coalesce(credited.revenue, 0) - coalesce(converted.revenue, 0))
        / (1 + abs(coalesce(converted.revenue, 0))) as difference
    from converted
    left join credited on converted.conversion_type = credited.conversion_type
),

recent as (
    select
        covered.good_count,
        covered.total_count
    from {{ ref('covered_conversions_daily') }} as covered
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('thresholds') }} as thresholds
    where
        {{ dbt.datediff('covered.date', business_date('clock.as_of'), 'day') }}
        < thresholds.breaker_days
)

select
    'credit_conservation' as check_family,
    scope,
    cast(max(difference) as double) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    count(*) as sample_count,
    'largest difference between credit given and ' || scope || ' there are' as subject
from differences
group by scope
union all
select
    'conversion_coverage' as check_family,
    'all' as scope,
    sum(good_count) / cast(nullif(sum(total_count), 0) as double) as observed,
    null as usual,
    0 as noise,
    cast(coalesce(sum(total_count), 0) as bigint) as sample_count,
    'share of the last week''s conversions within reach that have a touch' as subject
from recent
