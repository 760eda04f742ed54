-- Nothing is lost: rows read = in bronze + quarantined + duplicate + superseded. The distinct keys
-- come from what landed and the rows in bronze from bronze itself, so that the two sides can
-- disagree.
with clock as (
    select * from {{ ref('clock') }}
),

landed_counts as (
    {% for schema, table in raw_table_names() %}
    {% set version = raw_table(schema, table).config.meta.version_column if execute %}
    {% set version_text = dbt.cast('landed.' ~ version, dbt.type_string()) if version else "''" %}
    select
        '{{ schema }}.{{ table }}' as source_table,
        count(*) as rows_read,
        count({{ quarantine_reason(schema, table) }}) as rows_quarantined,
        count(distinct case
            when {{ quarantine_reason(schema, table) }} is null then landed.row_key
        end) as keys,
        count(distinct case
            when {{ quarantine_reason(schema, table) }} is null
                then landed.row_key || {{ version_text }}
        end) as versions
    from {{ ref('landed_' ~ table) }} as landed
    cross join clock
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

bronze_counts as (
    {% for schema, table in raw_table_names() %}
    select '{{ schema }}.{{ table }}' as source_table, count(*) as rows_in_bronze
    from {{ ref(table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    landed_counts.source_table,
    landed_counts.rows_read,
    bronze_counts.rows_in_bronze,
    landed_counts.rows_quarantined,
    landed_counts.rows_read - landed_counts.rows_quarantined - landed_counts.versions
        as rows_duplicate,
    landed_counts.versions - landed_counts.keys as rows_superseded,
    bronze_counts.rows_in_bronze = landed_counts.keys as is_balanced
from landed_counts
inner join bronze_counts on landed_counts.source_table = bronze_counts.source_table
