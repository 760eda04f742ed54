-- The state of the shop in every hour, as a whole and as each of its large sources saw it. An
-- outage of the whole shop is one of every source.
with counted as (
    select
        {{ dbt.date_trunc('hour', 'started_at') }} as hour_at,
        source,
        count(*) as sessions,
        count(case when has_checkout then 1 end) as checkouts,
        count(case when has_transaction then 1 end) as transactions
    from {{ ref('sessions') }}
    where not is_bot and not is_phantom
    group by {{ dbt.date_trunc('hour', 'started_at') }}, source
),

scoped as (
    select hour_at, source as scope, sessions, checkouts, transactions from counted
    where source <> 'all'
    union all
    select
        hour_at,
        'all' as scope,
        sum(sessions) as sessions,
        sum(checkouts) as checkouts,
        sum(transactions) as transactions
    from counted
    group by hour_at
),

expected as (
    select
        evidence.hour_at,
        evidence.scope,
        evidence.expected_passes,
        evidence.dispersion,
        sum(evidence.expected_passes) over (
            partition by evidence.scope order by evidence.hour_at
            rows between thresholds.evidence_hours preceding and current row
        ) >= thresholds.readable_transactions as is_readable
    from {{ ref('step_evidence') }} as evidence
    cross join {{ ref('thresholds') }} as thresholds
    where evidence.step = 'purchase'
),

broken as (
    select
        hours.hour_at,
        hours.scope,
        outages.step,
        outages.health_score,
        row_number() over (
            partition by hours.hour_at, hours.scope
            -- Of a silence nobody can say which step it would have stopped at.
            order by
                case when outages.step in ('visit', 'collection') then 0 else 1 end asc,
                outages.evidence_so_far desc,
                outages.step asc
        ) as step_rank
    from {{ ref('scope_hours') }} as hours
    inner join {{ ref('outage_hours') }} as outages
        on hours.hour_at = outages.hour_at and outages.scope in ('all', hours.scope)
)

select
    hours.hour_at,
    hours.scope,
    cast(coalesce(scoped.sessions, 0) as bigint) as sessions,
    cast(coalesce(scoped.checkouts, 0) as bigint) as checkouts,
    cast(coalesce(scoped.transactions, 0) as bigint) as transactions,
    expected.expected_passes as expected_transactions,
    (
        sqrt(coalesce(scoped.transactions, 0)) + sqrt(coalesce(scoped.transactions, 0) + 1)
        - sqrt(4 * expected.expected_passes + 1)
    ) / sqrt(expected.dispersion) as z_score,
    case
        when broken.step is not null then cast(broken.health_score as double)
        when expected.is_readable then 1.0
    end as system_health_score,
    case
        when broken.step is not null then 'POTENTIAL_OUTAGE'
        when expected.is_readable then 'NORMAL'
        else 'INSUFFICIENT_HISTORY'
    end as system_health_tag,
    broken.step as suspected_step
from {{ ref('scope_hours') }} as hours
left join scoped on hours.hour_at = scoped.hour_at and hours.scope = scoped.scope
left join expected on hours.hour_at = expected.hour_at and hours.scope = expected.scope
left join broken
    on hours.hour_at = broken.hour_at and hours.scope = broken.scope and broken.step_rank = 1
