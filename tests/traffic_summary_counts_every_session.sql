-- Sessions and transactions of people add up over days and sources to those of silver.
with counted as (
    select
        count(*) as sessions,
        sum(case when has_transaction then 1 else 0 end) as transactions
    from {{ ref('sessions') }}
    where not is_bot and not is_phantom
),

summed as (
    select
        sum(sessions) as sessions,
        sum(transactions) as transactions
    from {{ ref('traffic_summary') }}
)

select
    counted.sessions,
    counted.transactions,
    summed.sessions as summed_sessions,
    summed.transactions as summed_transactions
from counted
cross join summed
where
    counted.sessions <> coalesce(summed.sessions, 0)
    or coalesce(counted.transactions, 0) <> coalesce(summed.transactions, 0)
