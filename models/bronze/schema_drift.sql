-- What arrived against what is declared: new columns are reported here and kept out of silver,
-- never failed.
{% set rows = [] %}
{% for schema, table in raw_table_names() if execute %}
{% set raw = raw_relation(schema, table) %}
{% set declared = raw_table(schema, table).columns %}
{% set found = raw.columns if raw else {} %}
{% for column in declared if column not in found %}
{% do rows.append((schema ~ '.' ~ table, column, 'absent' if raw else 'absent_table')) %}
{% endfor %}
{% for column in found if column not in declared %}
{% do rows.append((schema ~ '.' ~ table, column, 'new')) %}
{% endfor %}
{% endfor %}

with declared_and_found as (
    {% for table, column, drift in rows %}
    select
        '{{ table }}' as source_table,
        '{{ column | replace("'", "''") }}' as column_name,
        '{{ drift }}' as drift
    union all
    {% endfor %}
    select null as source_table, null as column_name, null as drift
)

select
    cast(source_table as {{ dbt.type_string() }}) as source_table,
    cast(column_name as {{ dbt.type_string() }}) as column_name,
    cast(drift as {{ dbt.type_string() }}) as drift
from declared_and_found
where source_table is not null
