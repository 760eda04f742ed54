-- What flows into a state flows out of it, and every journey with a touch starts once. Only a
-- censored journey (context_aware) ends where it stands, so that there less may flow out.
with journeys as (
    select
        journeys.conversion_type,
        policies.context_policy,
        policies.is_converted or policies.is_loss as has_ending
    from {{ ref('journeys') }} as journeys
    inner join {{ ref('context_policies') }} as policies
        on
            journeys.journey_status = policies.journey_status
            and journeys.is_blocked = policies.is_blocked
    where journeys.touch_count > 0
),

flows as (
    select
        conversion_type,
        context_policy,
        to_state as state,
        transition_count as inflow,
        0 as outflow
    from {{ ref('transition_counts') }}
    where to_state not in ('(conversion)', '(null)')
    union all
    select
        conversion_type,
        context_policy,
        from_state as state,
        0 as inflow,
        transition_count as outflow
    from {{ ref('transition_counts') }}
    union all
    select
        conversion_type,
        context_policy,
        '(start)' as state,
        count(*) as inflow,
        0 as outflow
    from journeys
    group by conversion_type, context_policy
),

balances as (
    select
        conversion_type,
        context_policy,
        state,
        sum(inflow) as inflow,
        sum(outflow) as outflow
    from flows
    group by conversion_type, context_policy, state
),

censored as (
    select
        conversion_type,
        context_policy,
        sum(case when has_ending then 0 else 1 end) as censored_journeys
    from journeys
    group by conversion_type, context_policy
),

stranded as (
    select
        conversion_type,
        context_policy,
        sum(inflow - outflow) as stranded_journeys
    from balances
    group by conversion_type, context_policy
)

select
    conversion_type,
    context_policy,
    state,
    inflow,
    outflow
from balances
where inflow < outflow or (state = '(start)' and inflow <> outflow)
union all
select
    censored.conversion_type,
    censored.context_policy,
    'all states' as state,
    censored.censored_journeys as inflow,
    stranded.stranded_journeys as outflow
from stranded
full outer join censored
    on
        stranded.conversion_type = censored.conversion_type
        and stranded.context_policy = censored.context_policy
where stranded.stranded_journeys is distinct from censored.censored_journeys
