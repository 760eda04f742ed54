{# Expressions whose spelling differs between engines. Everything else in the models is standard SQL. #}

{# Does a text match a regular expression anywhere? #}
{% macro matches(text, pattern) %}
    {{- adapter.dispatch('matches')(text, pattern) -}}
{% endmacro %}

{% macro default__matches(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}


{# The digits of a text, everything else dropped. #}
{% macro digits_of(text) %}
    {{- adapter.dispatch('digits_of')(text) -}}
{% endmacro %}

{% macro default__digits_of(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '')
{%- endmacro %}

{% macro duckdb__digits_of(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '', 'g')
{%- endmacro %}


{# The host of a URL in lower case, without www. and port; null when there is none. #}
{% macro url_host(url) %}
    {{- adapter.dispatch('url_host')(url) -}}
{% endmacro %}

{% macro default__url_host(url) -%}
    nullif(regexp_extract(lower({{ url }}), '^(?:[a-z][a-z0-9+.-]*:)?//(?:www\\.)?([^/:?#]+)', 1), '')
{%- endmacro %}

{% macro duckdb__url_host(url) -%}
    nullif(regexp_extract(lower({{ url }}), '^(?:[a-z][a-z0-9+.-]*:)?//(?:www\.)?([^/:?#]+)', 1), '')
{%- endmacro %}


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


{# The values of a group as an array, in the order of another expression; an empty group gives an empty array. #}
{% macro ordered_array(value, order_by) %}
    {{- adapter.dispatch('ordered_array')(value, order_by) -}}
{% endmacro %}

{% macro default__ordered_array(value, order_by) -%}
    transform(
        array_sort(collect_list(
            case when {{ value }} is not null then struct({{ order_by }} as position, {{ value }} as value) end
        )),
        pair -> pair.value
    )
{%- endmacro %}

{% macro duckdb__ordered_array(value, order_by) -%}
    coalesce(array_agg({{ value }} order by {{ order_by }}) filter ({{ value }} is not null), [])
{%- endmacro %}


{# A sum that does not depend on the order of the rows, so that the same input gives the same bytes: fixed point inside,
   15 decimals. #}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(38, 15))) as double)
{%- endmacro %}


{# An array of texts without elements. #}
{% macro empty_array() %}
    {{- adapter.dispatch('empty_array')() -}}
{% endmacro %}

{% macro default__empty_array() -%}
    cast(array() as array<string>)
{%- endmacro %}

{% macro duckdb__empty_array() -%}
    cast([] as varchar[])
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


{# The median of a group or a window; nulls do not count. #}
{% macro median_of(expression) %}
    {{- adapter.dispatch('median_of')(expression) -}}
{% endmacro %}

{% macro default__median_of(expression) -%}
    percentile_approx({{ expression }}, 0.5)
{%- endmacro %}

{% macro duckdb__median_of(expression) -%}
    median({{ expression }})
{%- endmacro %}


{# The spelling of an identifier: runs of hexadecimal digits, letters, capitals and digits become one sign each. #}
{% macro shape_of(text) %}
    {{- adapter.dispatch('shape_of')(text) -}}
{% endmacro %}

{% macro default__shape_of(text) -%}
    regexp_replace(regexp_replace(regexp_replace(regexp_replace({{ text }},
        '[0-9a-f]{8,}', '#'), '[0-9]+', '9'), '[a-z]+', 'a'), '[A-Z]+', 'A')
{%- endmacro %}

{% macro duckdb__shape_of(text) -%}
    regexp_replace(regexp_replace(regexp_replace(regexp_replace({{ text }},
        '[0-9a-f]{8,}', '#', 'g'), '[0-9]+', '9', 'g'), '[a-z]+', 'a', 'g'), '[A-Z]+', 'A', 'g')
{%- endmacro %}


{# A number as a person would write it: four decimals at most, powers of ten where that would be nothing. #}
{% macro as_short_text(expression) %}
    {{- adapter.dispatch('as_short_text')(expression) -}}
{% endmacro %}

{% macro default__as_short_text(expression) -%}
    regexp_replace(cast(cast({{ expression }} as decimal(38, 4)) as string), '[.]?0+$', '')
{%- endmacro %}

{% macro duckdb__as_short_text(expression) -%}
    case
        when abs({{ expression }}) < 0.0001 and {{ expression }} <> 0 then format('{:.1e}', {{ expression }})
        else regexp_replace(format('{:.4f}', {{ expression }}), '[.]?0+$', '')
    end
{%- endmacro %}
