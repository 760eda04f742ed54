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
