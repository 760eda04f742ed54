-- Every kept version of gold.channel_credits; a build adds its own only when it is accepted.
select
    audit.version_id,
    {{ columns_of('channel_credits', 'candidate') }}
from {{ ref('channel_credits') }} as candidate
inner join {{ ref('audit_log') }} as audit
    on audit.build_id = '{{ invocation_id }}' and audit.is_accepted
