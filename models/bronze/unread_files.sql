-- The files of the clickstream that this load reads: those that no earlier load has read to the
-- end, or as many of them as one load may read.
{{ config(materialized='view') }}

select source_file
from {{ previously('ledger', 'current_files', {'source_file': 'text', 'is_read': 'boolean'}) }}
    as files
where is_read
