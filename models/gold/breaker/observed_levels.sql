-- What the checks of slow rates observe over the last week: two of the service levels, and how many
-- of the users the shop knows.
with recent as (
    select
        counts.sli,
        counts.good_count,
        counts.total_count
    from {{ ref('service_level_counts') }} as counts
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('thresholds') }} as thresholds
    where
        {{ dbt.datediff('counts.date', business_date('clock.as_of'), 'day') }}
        < thresholds.breaker_days
)

{% for sli, subject in [
    ('match_rate', 'visits of somebody known by more than one identifier'),
    ('conversion_coverage', 'conversions within reach that have a touch'),
] %}
select
    '{{ sli }}' as check_family,
    'all' as scope,
    sum(good_count) / cast(nullif(sum(total_count), 0) as double) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    cast(coalesce(sum(total_count), 0) as bigint) as sample_count,
    'share of the last week''s {{ subject }}' as subject
from recent
where sli = '{{ sli }}'
union all
{% endfor %}
select
    'known_users' as check_family,
    'all' as scope,
    cast(known_count as double) / nullif(user_count, 0) as observed,
    null as usual,
    0 as noise,
    user_count as sample_count,
    'share of the last week''s users whom the shop knows as customers' as subject
from {{ ref('known_users') }}
