{# Several columns as one value, so that a whole row can be carried, compared and shown: [(name, expression), …]. #}
{% macro row_as_struct(columns) %}
    {{- adapter.dispatch('row_as_struct')(columns) -}}
{% endmacro %}

{% macro default__row_as_struct(columns) -%}
    named_struct({% for name, value in columns %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro duckdb__row_as_struct(columns) -%}
    struct_pack({% for name, value in columns %}"{{ name }}" := {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{% macro struct_as_json(expression) -%}
    cast(to_json({{ expression }}) as {{ dbt.type_string() }})
{%- endmacro %}
