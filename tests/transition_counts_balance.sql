-- What flows into a state flows out of it, and every journey with a touch starts once. Only a censored journey (context_aware)
-- ends where it stands, so that there less may flow out.
with flows as (
    select conversion_type, context_policy, to_state as state, transition_count as inflow, 0 as outflow
    from {{ ref('transition_counts') }}
    where to_state not in ('(conversion)', '(null)')
    union all
    select conversion_type, context_policy, from_state as state, 0 as inflow, transition_count as outflow
    from {{ ref('transition_counts') }}
    union all
    select conversion_type, context_policy, '(start)' as state, count(*) as inflow, 0 as outflow
    from {{ ref('context_policies') }}
    group by conversion_type, context_policy
),

balances as (
    select conversion_type, context_policy, state, sum(inflow) as inflow, sum(outflow) as outflow
    from flows
    group by conversion_type, context_policy, state
),

censored as (
    select conversion_type, context_policy, sum(case when is_converted or is_loss then 0 else 1 end) as journeys
    from {{ ref('context_policies') }}
    group by conversion_type, context_policy
),

ended_where_they_stood as (
    select conversion_type, context_policy, sum(inflow - outflow) as journeys, min(inflow - outflow) as least
    from balances
    group by conversion_type, context_policy
)

select balances.*
from balances
where balances.inflow < balances.outflow or (balances.state = '(start)' and balances.inflow <> balances.outflow)
union all
select conversion_type, context_policy, 'all', ended.journeys, censored.journeys
from ended_where_they_stood as ended
full outer join censored using (conversion_type, context_policy)
where ended.journeys is distinct from censored.journeys
