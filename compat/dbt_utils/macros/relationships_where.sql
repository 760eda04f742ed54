{# Keys without a parent, counting only the children and parents that meet the conditions. #}
{% test relationships_where(model, column_name, to, field, from_condition='true', to_condition='true') %}
    {{ return(adapter.dispatch('test_relationships_where', 'dbt_utils')(
        model, column_name, to, field, from_condition, to_condition
    )) }}
{% endtest %}

{% macro default__test_relationships_where(model, column_name, to, field, from_condition, to_condition) %}
    with children as (
        select {{ column_name }} as child_key
        from {{ model }}
        where {{ column_name }} is not null and ({{ from_condition }})
    ),

    parents as (
        select {{ field }} as parent_key
        from {{ to }}
        where {{ to_condition }}
    )

    select children.child_key
    from children
    left join parents on children.child_key = parents.parent_key
    where parents.parent_key is null
{% endmacro %}
