-- One row: which version consumers read, and whether the last audited build was good enough to take
-- its place. Open means that it was not, or that somebody holds publishing.
{{ config(materialized='view') }}

with audits as (
    select
        *,
        row_number() over (order by audited_at desc, build_id desc) as audit_rank
    from {{ ref('audit_log') }}
),

holds as (
    select
        count(*) as hold_count,
        max(reason) as hold_reason
    from {{ ref('current_hold') }}
)

select
    case
        when holds.hold_count = 0 and last_audit.is_accepted then 'CLOSED'
        else 'OPEN'
    end as breaker_state,
    versions.version_id as serving_version_id,
    versions.as_of as serving_as_of,
    cast(case
        when last_audit.as_of > versions.as_of
            then {{ seconds_between('versions.as_of', 'last_audit.as_of') }} / 3600
        when versions.as_of is not null then 0
    end as double) as staleness_hours,
    coalesce(last_audit.tripped_checks, {{ empty_array() }}) as tripped_checks,
    holds.hold_reason,
    last_audit.audited_at,
    last_audit.as_of as audited_as_of
from holds
left join audits as last_audit on last_audit.audit_rank = 1
left join {{ ref('versions') }} as versions on versions.is_current
