{# One row when two relations differ in their numbers of rows; failures are the rows too many or too few. #}
{% test equal_rowcount(model, compare_model) %}
    {{ config(fail_calc = 'coalesce(sum(row_difference), 0)') }}
    {{ return(adapter.dispatch('test_equal_rowcount', 'dbt_utils')(model, compare_model)) }}
{% endtest %}

{% macro default__test_equal_rowcount(model, compare_model) %}
    with counted as (
        select abs(
            (select count(*) from {{ model }}) - (select count(*) from {{ compare_model }})
        ) as row_difference
    )

    select row_difference
    from counted
    where row_difference > 0
{% endmacro %}
