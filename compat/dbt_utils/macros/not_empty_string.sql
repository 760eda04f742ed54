{# Rows that hold an empty text, or by default one of blanks only. #}
{% test not_empty_string(model, column_name, trim_whitespace=true) %}
    {{ return(adapter.dispatch('test_not_empty_string', 'dbt_utils')(model, column_name, trim_whitespace)) }}
{% endtest %}

{% macro default__test_not_empty_string(model, column_name, trim_whitespace) %}
    select *
    from {{ model }}
    where {{ 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name }} = ''
{% endmacro %}
