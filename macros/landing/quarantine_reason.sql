{# Why a landed row is not used, or null: it cannot be read, or it lies after "now". Needs `landed` and `clock` in
   scope. #}
{% macro quarantine_reason(schema, table) %}
    {%- if execute -%}
    {%- set meta = raw_table(schema, table).config.meta -%}
    case
        when landed.problem is not null then landed.problem
        {% if table != 'erasure_requests' and meta.time_column %}
        when landed.{{ meta.time_column }} > clock.as_of then '{{ meta.time_column }} lies after as_of'
        {% endif %}
        {% if meta.version_column %}
        when landed.{{ meta.version_column }} > clock.known_until then '{{ meta.version_column }} lies after as_of'
        {% endif %}
    end
    {%- else -%} null
    {%- endif -%}
{% endmacro %}


{# Every raw table, for the models that look at all of them. A test holds this list against the declared sources. #}
{% macro raw_table_names() %}
    {{ return([
        ('raw', 'clickstream_events'), ('raw', 'facebook_ads'), ('raw', 'google_ads'), ('raw', 'tiktok_ads'),
        ('raw', 'offline_conversions'), ('raw', 'identity_links'), ('crm', 'orders'), ('crm', 'order_items'),
        ('crm', 'customers'), ('warehouse', 'inventory_hourly_snapshot'), ('marketing', 'campaign_config'),
        ('marketing', 'promo_calendar'), ('privacy', 'consent_log'), ('privacy', 'erasure_requests'),
        ('experiments', 'holdout_results'), ('finance', 'fx_rates'), ('ops', 'known_incidents'),
    ]) }}
{% endmacro %}
