{# Makes what a command wrote stay: dbt ends an operation by taking back what is not committed. Engines that commit
   every statement by themselves need nothing. #}
{% macro commit_now() %}
    {{ return(adapter.dispatch('commit_now')()) }}
{% endmacro %}

{% macro default__commit_now() %}{% endmacro %}

{% macro duckdb__commit_now() %}
    {% do run_query('commit') %}
{% endmacro %}
