-- The files of the clickstream that this load reads: those that no earlier load has read to the end.
{{ config(materialized='view') }}

select source_file
from {{ previously('ledger', 'current_files', {'source_file': 'text', 'is_known': 'boolean'}) }}
    as files
where not is_known or {{ 'true' if current_load().is_fresh else 'false' }}
