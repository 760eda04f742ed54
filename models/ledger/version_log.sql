-- The versions that were published: the row that makes a version visible is written last, when all
-- of its tables are there with all of their rows. Afterwards the oldest versions make room.
{{ config(post_hook="{{ prune_versions() }}") }}

{% set written = '(select count(*) from {} as kept where kept.version_id = audit.version_id)' %}

with accepted as (
    select
        audit.*,
        {{ struct_as_json(row_as_struct([
            ('campaign_daily_features', written.format(ref('campaign_daily_features_versions'))),
            ('channel_credits', written.format(ref('channel_credits_versions'))),
        ])) }} as written_counts
    from {{ ref('audit_log') }} as audit
    where audit.build_id = '{{ invocation_id }}' and audit.is_accepted
)

select
    version_id,
    build_id,
    audited_at as published_at,
    as_of,
    row_counts,
    case
        when override_count > 0
            then 'trips overridden by hand: ' || cast(overridden_checks as {{ dbt.type_string() }})
        when warn_count > 0 then warn_count || ' of ' || check_count || ' checks warn'
        else 'no check trips or warns'
    end as reason
from accepted
where written_counts = row_counts
