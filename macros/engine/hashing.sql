{# HMAC-SHA-256 with the key of the environment, 64 hex digits (on DuckDB the plugin of profiles/ provides it). #}
{% macro keyed_hash(expression) %}
    {{- adapter.dispatch('keyed_hash')(expression) -}}
{% endmacro %}

{% macro default__keyed_hash(expression) -%}
    contact_hash({{ expression }})
{%- endmacro %}


{% macro sha256_hex(expression) %}
    {{- adapter.dispatch('sha256_hex')(expression) -}}
{% endmacro %}

{% macro default__sha256_hex(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro %}

{% macro duckdb__sha256_hex(expression) -%}
    sha256({{ expression }})
{%- endmacro %}


{# The columns of a row as one JSON text: [(name, expression), …]. #}
{% macro row_as_json(columns) %}
    {{- adapter.dispatch('row_as_json')(columns) -}}
{% endmacro %}

{% macro default__row_as_json(columns) -%}
    to_json(named_struct({% for name, value in columns %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro duckdb__row_as_json(columns) -%}
    cast(json_object({% for name, value in columns %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %}) as varchar)
{%- endmacro %}
