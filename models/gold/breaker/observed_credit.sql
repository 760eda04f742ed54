-- What the checks of credit observe: that it adds up, per conversion, to all conversions, and to
-- their revenue.
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
