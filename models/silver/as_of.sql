-- "Now" of this build, one row.
select as_of from {{ ref('clock') }}
