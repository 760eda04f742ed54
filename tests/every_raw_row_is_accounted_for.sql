-- Nothing is lost: rows read = rows in bronze + quarantined + duplicates + superseded versions, for
-- every raw table.
with quarantined as (
    select
        source_table,
        count(*) as quarantine_rows
    from {{ ref('quarantine') }}
    group by source_table
)

select
    audit.source_table,
    audit.rows_read,
    audit.rows_in_bronze,
    audit.rows_quarantined,
    audit.rows_duplicate,
    audit.rows_superseded,
    audit.is_balanced,
    quarantined.source_table as quarantined_table,
    quarantined.quarantine_rows
from {{ ref('load_audit') }} as audit
full outer join quarantined on audit.source_table = quarantined.source_table
where
    audit.is_balanced is distinct from true
    or audit.rows_read
    <> audit.rows_in_bronze + audit.rows_quarantined + audit.rows_duplicate + audit.rows_superseded
    or least(
        audit.rows_in_bronze, audit.rows_quarantined, audit.rows_duplicate, audit.rows_superseded
    )
    < 0
    or audit.rows_quarantined <> coalesce(quarantined.quarantine_rows, 0)
