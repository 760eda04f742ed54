-- Nothing is lost: rows read = in bronze + quarantined + duplicate + superseded. The distinct keys
-- come from what landed and the rows in bronze from bronze itself, so that the two sides can
-- disagree. Of the clickstream, whose earlier files are not read again, the keys of this load must
-- be in bronze.
with clock as (
    select * from {{ ref('clock') }}
),

lost_events as (
    select count(distinct landed.event_id) as keys
    from {{ ref('landed_clickstream_events') }} as landed
    cross join clock
    left join {{ ref('clickstream_events') }} as events on landed.event_id = events.event_id
    where
        events.event_id is null
        and {{ quarantine_reason('raw', 'clickstream_events') }} is null
),

bronze_counts as (
    {% for schema, table in raw_table_names() %}
    select '{{ schema }}.{{ table }}' as source_table, count(*) as rows_in_bronze
    from {{ ref(table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

landed_counts as (
    select
        bronze_counts.source_table,
        coalesce(sum(files.row_count), 0) as rows_read,
        coalesce(sum(files.quarantined_count), 0) as rows_quarantined,
        min(bronze_counts.rows_in_bronze + lost_events.keys) as keys,
        min(bronze_counts.rows_in_bronze + lost_events.keys) as versions
    from bronze_counts
    cross join lost_events
    left join {{ ref('event_file_days') }} as files on true
    where bronze_counts.source_table = 'raw.clickstream_events'
    group by bronze_counts.source_table
    {% for schema, table in raw_table_names() if table != 'clickstream_events' %}
    union all
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
    {% endfor %}
)

select
    landed_counts.source_table,
    cast(landed_counts.rows_read as bigint) as rows_read,
    bronze_counts.rows_in_bronze,
    cast(landed_counts.rows_quarantined as bigint) as rows_quarantined,
    cast(
        landed_counts.rows_read - landed_counts.rows_quarantined - landed_counts.versions as bigint
    ) as rows_duplicate,
    landed_counts.versions - landed_counts.keys as rows_superseded,
    bronze_counts.rows_in_bronze = landed_counts.keys as is_balanced
from landed_counts
inner join bronze_counts on landed_counts.source_table = bronze_counts.source_table
