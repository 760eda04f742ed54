{# Texts: what differs between engines in spelling. #}

{# A value of Jinja as a literal of SQL. #}
{% macro text_literal(value) -%}
    {{ "null" if value is none else "'" ~ value | string | replace("'", "''") ~ "'" }}
{%- endmacro %}


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
