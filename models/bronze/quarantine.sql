-- Every raw row that is not used, with the first reason why.
with clock as (
    select * from {{ ref('clock') }}
)

select
    'raw.clickstream_events' as source_table,
    row_key,
    reason,
    raw_row
from {{ ref('quarantined_events') }}
{% for schema, table in raw_table_names() if table != 'clickstream_events' %}
union all
select
    '{{ schema }}.{{ table }}' as source_table,
    landed.row_key,
    {{ quarantine_reason(schema, table) }} as reason,
    {{ struct_as_json('landed.raw_row') }} as raw_row
from {{ ref('landed_' ~ table) }} as landed
cross join clock
where {{ quarantine_reason(schema, table) }} is not null
{% endfor %}
