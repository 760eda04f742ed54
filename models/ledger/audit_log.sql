-- The verdict on each audited build: published or not, on which of the checks' words. A build that
-- leaves some of the checks out is not audited, and so publishes nothing. The verdict waits for the
-- tables that no check reads, too: none of them may be broken.
-- depends_on: {{ ref('quarantine') }}, {{ ref('consent_summary') }}, {{ ref('path_counts') }},
-- {{ ref('model_cards') }}, {{ ref('person_features') }}, {{ ref('revenue_reconciliation') }},
-- {{ ref('credit_trail') }}
with verdict as (
    select
        count(*) as check_count,
        count(case when status = 'trip' then 1 end) as trip_count,
        count(case when status = 'warn' then 1 end) as warn_count,
        count(case when is_overridden then 1 end) as override_count,
        {{ ordered_array("case when status = 'trip' then check_name end", 'check_name') }}
            as tripped_checks,
        {{ ordered_array('case when is_overridden then check_name end', 'check_name') }}
            as overridden_checks
    from {{ ref('circuit_breaker') }}
)

select
    '{{ invocation_id }}' as build_id,
    '{{ new_version_id() }}' as version_id,
    {{ instant(run_started_at) }} as audited_at,
    clock.as_of,
    verdict.trip_count = 0 as is_accepted,
    verdict.check_count,
    verdict.trip_count,
    verdict.warn_count,
    verdict.override_count,
    verdict.tripped_checks,
    verdict.overridden_checks,
    {{ struct_as_json(row_as_struct([
        ('campaign_daily_features', '(select count(*) from ' ~ ref('campaign_daily_features') ~ ')'),
        ('channel_credits', '(select count(*) from ' ~ ref('channel_credits') ~ ')'),
    ])) }} as row_counts
from verdict
cross join {{ ref('as_of') }} as clock
where {{ 'true' if all_checks_are_built() else 'false' }}
