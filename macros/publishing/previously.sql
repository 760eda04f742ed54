{# A table of the store's memory as the builds before this one left it: for a from clause. What this build will add
   depends on what the last one left, so a ref would be a circle. `columns` ({name: type}) are what is read of it: one
   that the table does not have yet is null, and before the first build, when there is no table, there is no row. #}
{% macro previously(schema, name, columns) %}
    {%- set relation = adapter.get_relation(target.database, schema, name) if execute -%}
    {%- set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list
        if relation else [] -%}
    (
        select
            {% for column, type in columns.items() %}
            {{ column if column in known else 'cast(null as ' ~ type ~ ')' }} as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        {{ 'from ' ~ relation if relation else 'where 1 = 0' }}
    )
{%- endmacro %}
