-- One row per conversion type, attribution model, context policy and channel.
select
    conversion_type, attribution_model, context_policy, channel, exact_sum(credit) as credit,
    exact_sum(attributed_revenue) as attributed_revenue
from gold.credit_trail
where {month}
group by all
order by all
