-- The checks of every audited build: what the next build compares with, and how a check did over
-- time.
select
    audit.build_id,
    audit.version_id,
    audit.audited_at,
    audit.as_of,
    checks.check_name,
    checks.check_family,
    checks.scope,
    checks.observed,
    checks.baseline,
    checks.threshold,
    checks.sample_count,
    checks.status,
    checks.reason,
    checks.severity,
    checks.is_overridden
from {{ ref('circuit_breaker') }} as checks
inner join {{ ref('audit_log') }} as audit on audit.build_id = '{{ invocation_id }}'
