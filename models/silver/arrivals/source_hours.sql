-- Which hours of its own time each raw table has rows for: the rhythm by which it is known to be
-- late or thin. A platform's day counts as its first hour. Tables without a rhythm are left out.
{% set times = [
    ('raw.clickstream_events', 'clickstream_events', 'occurred_at'),
    ('raw.facebook_ads', 'facebook_ads', 'date'),
    ('raw.google_ads', 'google_ads', 'date'),
    ('raw.tiktok_ads', 'tiktok_ads', 'date'),
    ('raw.offline_conversions', 'offline_conversions', 'occurred_at'),
    ('raw.identity_links', 'identity_links', 'observed_at'),
    ('crm.orders', 'orders', 'ordered_at'),
    ('warehouse.inventory_hourly_snapshot', 'inventory_hourly_snapshot', 'snapshot_at'),
    ('privacy.consent_log', 'consent_log', 'recorded_at'),
    ('finance.fx_rates', 'fx_rates', 'date'),
] %}

{% for source_table, model, column in times %}
select
    '{{ source_table }}' as source_table,
    {{ dbt.date_trunc('hour', 'cast(' ~ column ~ ' as ' ~ dbt.type_timestamp() ~ ')') }} as hour_at,
    count(*) as row_count
from {{ ref(model) }}
group by {{ dbt.date_trunc('hour', 'cast(' ~ column ~ ' as ' ~ dbt.type_timestamp() ~ ')') }}
{{ 'union all' if not loop.last }}
{% endfor %}
