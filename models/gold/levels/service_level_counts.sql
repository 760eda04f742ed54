-- Indicators that are a share of good events: how many were good, of how many.
{% set counts = {
    'match_rate': 'matched_sessions_daily',
    'attribution_latency': 'timely_conversions_daily',
    'conversion_coverage': 'covered_conversions_daily',
    'privacy_pass_rate': 'privacy_checks_daily',
} %}
select
    'event_delivery_rate' as sli,
    date,
    count(case when is_delivered then 1 end) as good_count,
    count(*) as total_count
from {{ ref('order_deliveries') }}
group by date
union all
select
    'duplicate_event_rate' as sli,
    date,
    event_count as good_count,
    delivery_count as total_count
from {{ ref('delivery_days') }}
union all
select
    'feature_freshness' as sli,
    date,
    count(case when has_ads_in_time and has_known_stock and has_events then 1 end) as good_count,
    count(*) as total_count
from {{ ref('campaign_inputs_daily') }}
group by date
{% for sli, relation in counts.items() %}
union all
select '{{ sli }}' as sli, date, good_count, total_count
from {{ ref(relation) }}
{% endfor %}
