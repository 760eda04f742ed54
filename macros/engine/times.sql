{# Times and dates: what differs between engines in spelling, and what is made from it. #}

{# The business date of a UTC instant, made here and nowhere else. #}
{% macro business_date(instant) %}
    {{- adapter.dispatch('business_date')(instant) -}}
{% endmacro %}

{% macro default__business_date(instant) -%}
    cast(from_utc_timestamp({{ instant }}, '{{ var("reporting_timezone") }}') as date)
{%- endmacro %}

{% macro duckdb__business_date(instant) -%}
    cast(timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ instant }})) as date)
{%- endmacro %}


{# Seconds from one instant to a later one, with fractions. #}
{% macro seconds_between(earlier, later) %}
    {{- adapter.dispatch('seconds_between')(earlier, later) -}}
{% endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    ((unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1000000)
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000)
{%- endmacro %}


{# Every day from one date to another, both included, one row each: for a select list. #}
{% macro days_from(first_date, last_date) %}
    {{- adapter.dispatch('days_from')(first_date, last_date) -}}
{% endmacro %}

{% macro default__days_from(first_date, last_date) -%}
    explode(sequence({{ first_date }}, {{ last_date }}))
{%- endmacro %}

{% macro duckdb__days_from(first_date, last_date) -%}
    cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as date)
{%- endmacro %}


{# Every hour from one instant to another, both cut to the hour and included, one row each: for a select list. #}
{% macro hours_from(first_instant, last_instant) %}
    {{- adapter.dispatch('hours_from')(first_instant, last_instant) -}}
{% endmacro %}

{% macro default__hours_from(first_instant, last_instant) -%}
    explode(sequence(date_trunc('hour', {{ first_instant }}), date_trunc('hour', {{ last_instant }}), interval 1 hour))
{%- endmacro %}

{% macro duckdb__hours_from(first_instant, last_instant) -%}
    unnest(generate_series(
        date_trunc('hour', {{ first_instant }}), date_trunc('hour', {{ last_instant }}), interval 1 hour
    ))
{%- endmacro %}


{# Hour of the week of a UTC instant, 0 to 167, Thursday's first hour is 0: any fixed numbering does. #}
{% macro hour_of_week(instant) -%}
    cast(mod(
        cast(floor({{ seconds_between("cast('1970-01-01' as timestamp)", instant) }} / 3600) as bigint), 168
    ) as bigint)
{%- endmacro %}


{# In which day before "now" an instant lies: 0 is the last 24 hours, 1 those before them. #}
{% macro days_before(instant, now) -%}
    cast(floor({{ seconds_between(instant, now) }} / 86400) as bigint)
{%- endmacro %}
