-- Rules look at converted journeys alone, so that both policies give every touch the same credit.
with credits as (
    select *
    from {{ ref('attribution_credits') }}
    where attribution_model not in ('markov', 'shapley')
)

select
    journey_id,
    touchpoint_id,
    attribution_model,
    count(*) as policies,
    min(credit) as least,
    max(credit) as most
from credits
group by journey_id, touchpoint_id, attribution_model
having count(*) <> 2 or min(credit) <> max(credit)
