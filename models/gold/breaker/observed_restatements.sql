-- What the checks of the past observe: whether days that the last good version told of, and that
-- were over then, are told the same way now.
with sums as (
    select
        coalesce(platform, 'none') as platform,
        0 as is_now,
        clicks,
        spend,
        tracked_sessions,
        conversions,
        revenue
    from {{ ref('last_good_days') }}
    union all
    select
        coalesce(features.platform, 'none') as platform,
        1 as is_now,
        features.clicks,
        features.spend,
        features.tracked_sessions,
        features.conversions,
        features.revenue
    from {{ ref('campaign_daily_features') }} as features
    inner join {{ ref('last_good_version') }} as version
        on features.date < {{ business_date('version.as_of') }}
)

{% for measure, scope in [
    ('clicks', 'platform'), ('spend', 'platform'), ('tracked_sessions', "'all'"),
    ('conversions', "'all'"), ('revenue', "'all'"),
] %}
select
    'restated_{{ measure }}' as check_family,
    {{ scope }} as scope,
    {{ exact_sum('case when is_now = 1 then ' ~ measure ~ ' else 0 end') }} as observed,
    {{ exact_sum('case when is_now = 0 then ' ~ measure ~ ' else 0 end') }} as usual,
    cast(0 as double) as noise,
    cast(coalesce(sum(case when is_now = 0 then {{ measure }} else 0 end), 0) as bigint)
        as sample_count,
    '{{ measure | replace("_", " ") }} of campaigns on days that the last good version had too'
        as subject
from sums
{{ 'group by ' ~ scope if scope == 'platform' }}
{{ 'union all' if not loop.last }}
{% endfor %}
union all
select
    'as_of_order' as check_family,
    'all' as scope,
    cast({{ seconds_between('version.as_of', 'clock.as_of') }} / 3600 as double) as observed,
    0 as usual,
    0 as noise,
    1 as sample_count,
    'hours by which this build knows more than the last good version' as subject
from {{ ref('last_good_version') }} as version
cross join {{ ref('as_of') }} as clock
