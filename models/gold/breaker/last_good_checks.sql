-- What the checks observed when the last good version was audited: the yardstick of those that look
-- for a change.
select
    checks.check_name,
    checks.observed,
    checks.sample_count
from {{ previously('ledger', 'check_log', {
    'build_id': 'varchar', 'check_name': 'varchar', 'observed': 'double', 'sample_count': 'bigint',
}) }} as checks
inner join {{ ref('last_good_version') }} as version on checks.build_id = version.build_id
