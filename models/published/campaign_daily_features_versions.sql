-- Every kept version of gold.campaign_daily_features; a build adds its own only when it is
-- accepted.
select
    audit.version_id,
    {{ columns_of('campaign_daily_features', 'candidate') }}
from {{ ref('campaign_daily_features') }} as candidate
inner join {{ ref('audit_log') }} as audit
    on audit.build_id = '{{ invocation_id }}' and audit.is_accepted
