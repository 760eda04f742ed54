{# A table of the store's memory as the builds before this one left it: for a from clause. What this build will add
   depends on what the last one left, so a ref would be a circle. Before the first build the table is not there: then
   no row, with the columns named in `columns` ({name: type}). #}
{% macro previously(schema, name, columns) %}
    {%- set relation = adapter.get_relation(target.database, schema, name) if execute -%}
    {%- if relation -%} {{ relation }}
    {%- else -%}
    (
        select
            {% for column, type in columns.items() %}
            cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        where 1 = 0
    )
    {%- endif -%}
{% endmacro %}
