-- With all journeys counted, the chain's probability of a conversion is the share of journeys that
-- converted, at every order.
with rates as (
    select
        conversion_type,
        avg(case when journey_status = 'converted' then 1.0 else 0.0 end) as conversion_rate
    from {{ ref('journeys') }}
    where touch_count > 0
    group by conversion_type
),

chains as (
    select
        conversion_type,
        channel,
        conversion_probability
    from {{ ref('markov_removal_effects') }}
    where context_policy = 'naive'
)

select
    rates.conversion_type,
    rates.conversion_rate,
    chains.channel,
    chains.conversion_probability
from rates
full outer join chains on rates.conversion_type = chains.conversion_type
where
    rates.conversion_rate is null
    or chains.conversion_probability is null
    or abs(rates.conversion_rate - chains.conversion_probability) > 1e-9
