{# Reading one raw value. `present` turns what counts as missing (empty text, NaN, JSON null) into null and keeps the
   rest; the typed_* macros turn a present value into its type, or into null when it cannot be read: never an error. #}
{% macro present(column, native_type) %}
    {{- adapter.dispatch('present')(column, native_type) -}}
{% endmacro %}

{% macro default__present(column, native_type) %}
    {%- if native_type in ('STRING', 'VARCHAR', 'TEXT') -%} nullif(trim({{ column }}), '')
    {%- else -%} {{ column }}
    {%- endif -%}
{% endmacro %}

{% macro duckdb__present(column, native_type) %}
    {%- if native_type == 'VARCHAR' -%} nullif(trim({{ column }}), '')
    {%- elif native_type == 'JSON' -%} nullif(trim({{ column }} ->> '$'), '')
    {%- elif native_type in ('DOUBLE', 'FLOAT') -%} nullif({{ column }}, 'nan')
    {%- else -%} {{ column }}
    {%- endif -%}
{% endmacro %}


{# An instant with any offset as a UTC timestamp without zone; without an offset it is taken as UTC. Infinity is no
   instant. #}
{% macro typed_timestamp(expression, arrived_as=none) %}
    {{- adapter.dispatch('typed_timestamp')(expression, arrived_as) -}}
{% endmacro %}

{% macro default__typed_timestamp(expression, arrived_as) -%}
    try_cast({{ expression }} as timestamp)
{%- endmacro %}

{% macro duckdb__typed_timestamp(expression, arrived_as) -%}
    {%- if arrived_as == 'TIMESTAMP WITH TIME ZONE' -%}
    case when isfinite({{ expression }}) then make_timestamp(epoch_us({{ expression }})) end
    {%- else -%}
    {#- ISO-8601 without seconds, which a cast does not read, is tried where the cast has failed. -#}
    {%- set with_seconds -%}
    regexp_replace(
        cast({{ expression }} as varchar),
        '^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(Z|[+-]\d\d(?::?\d\d)?)$', '\1:00\2'
    )
    {%- endset -%}
    {%- set instant -%}
    coalesce(try_cast({{ expression }} as timestamptz), try_cast({{ with_seconds }} as timestamptz))
    {%- endset -%}
    case when isfinite({{ instant }}) then timezone('UTC', {{ instant }}) end
    {%- endif -%}
{%- endmacro %}


{# The day as it is written: an offset does not move it. #}
{% macro typed_date(expression) -%}
    case
        when try_cast({{ expression }} as date) between date '0001-01-01' and date '9999-12-30'
            then try_cast({{ expression }} as date)
    end
{%- endmacro %}

{# A finite number; one too large for exact_sum to hold is not an amount but an accident. #}
{% macro typed_number(expression) -%}
    case when abs(try_cast({{ expression }} as double)) < 1e18 then try_cast({{ expression }} as double) end
{%- endmacro %}

{# A whole number; 3.7 clicks are not rounded, they cannot be read. #}
{% macro typed_integer(expression) -%}
    case
        when try_cast({{ expression }} as double) = floor(try_cast({{ expression }} as double))
            then try_cast({{ expression }} as bigint)
    end
{%- endmacro %}

{% macro typed_boolean(expression) -%}
    try_cast({{ expression }} as boolean)
{%- endmacro %}
