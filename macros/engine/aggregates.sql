{# Groups of rows: what differs between engines in spelling. #}

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
