-- One row per row of crm.orders that is no conversion of known value.
select * from silver.booked_rows where {month} and line <> 'stands' order by all
