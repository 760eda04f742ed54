-- The checks that keep this build from being published. A warning unless var breaker_alarm says
-- error: for a scheduler that calls somebody when dbt's exit code is not 0. It reads the serving
-- status so that it comes after the ledger: dbt skips what stands behind a test that fails.
{{ config(severity=var('breaker_alarm')) }}

select
    checks.check_name,
    checks.reason,
    checks.severity,
    checks.runbook
from {{ ref('circuit_breaker') }} as checks
cross join {{ ref('serving_status') }} as serving
where checks.status = 'trip' and serving.breaker_state = 'OPEN'
