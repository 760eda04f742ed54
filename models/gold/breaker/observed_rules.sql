-- What the checks without a measure observe: violations of privacy, tables that hold nothing, and
-- the word of a person who stopped publishing.
select
    'privacy' as check_family,
    check_name as scope,
    cast(violation_count as double) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    checked_count as sample_count,
    'rows that break the rule ' || check_name as subject
from {{ ref('privacy_findings') }}
union all
{% for table in [
    'journeys', 'journey_touchpoints', 'attribution_credits', 'channel_credits', 'traffic_summary',
    'system_health_hourly', 'campaign_daily_features',
] %}
select
    'promised_rows' as check_family,
    '{{ table }}' as scope,
    cast(count(*) as double) as observed,
    null as usual,
    0 as noise,
    count(*) as sample_count,
    'rows of gold.{{ table }}, beside the last good version' as subject
from {{ ref(table) }}
union all
{% endfor %}
select
    'hold' as check_family,
    'all' as scope,
    cast(count(*) as double) as observed,
    null as usual,
    0 as noise,
    1 as sample_count,
    coalesce(
        'publishing is held by ' || max(actor) || ': ' || max(reason), 'nobody holds publishing'
    ) as subject
from {{ ref('current_hold') }}
