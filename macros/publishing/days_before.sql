{# In which day before "now" an instant lies: 0 is the last 24 hours, 1 those before them. #}
{% macro days_before(instant, now) -%}
    cast(floor({{ seconds_between(instant, now) }} / 86400) as bigint)
{%- endmacro %}
