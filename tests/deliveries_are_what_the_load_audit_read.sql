-- What the collector delivered, day by day, adds up to what the load audit read of it.
select
    audit.rows_read,
    audit.rows_quarantined,
    sum(deliveries.delivery_count) as delivery_count
from {{ ref('load_audit') }} as audit
cross join {{ ref('event_deliveries') }} as deliveries
where audit.source_table = 'raw.clickstream_events'
group by audit.rows_read, audit.rows_quarantined
having sum(deliveries.delivery_count) <> audit.rows_read - audit.rows_quarantined
