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


{# One number for the rows of a group whatever their order, as text: two groups that share it hold the same rows. #}
{% macro fingerprint_of(expression) %}
    {{- adapter.dispatch('fingerprint_of')(expression) -}}
{% endmacro %}

{% macro default__fingerprint_of(expression) -%}
    cast(sum(cast(conv(substr(md5({{ expression }}), 1, 15), 16, 10) as decimal(38, 0))) as string)
{%- endmacro %}

{% macro duckdb__fingerprint_of(expression) -%}
    cast(sum(md5_number_lower({{ expression }})) as varchar)
{%- endmacro %}


{# A hash of the macros' texts; an engine that reads no files asks for --full-refresh after a macro has changed. #}
{% macro macros_fingerprint() %}
    {{ return(adapter.dispatch('macros_fingerprint')()) }}
{% endmacro %}

{% macro default__macros_fingerprint() %}{{ return('') }}{% endmacro %}

{% macro duckdb__macros_fingerprint() %}
    {{ return(run_query("select md5(string_agg(content order by filename)) from read_text('macros/**/*.sql')").rows[0][0]) }}
{% endmacro %}
