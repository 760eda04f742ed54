-- One row per conversion type, attribution model and context policy.
select
    conversion_type, attribution_model, context_policy, exact_sum(booked_revenue) as booked_revenue,
    exact_sum(order_revenue) as order_revenue, sum(conversion_count)::bigint as conversion_count,
    sum(unpriced_count)::bigint as unpriced_count, exact_sum(gross_revenue) as gross_revenue,
    exact_sum(refund_amount) as refund_amount, exact_sum(net_revenue) as net_revenue,
    exact_sum(attributed_conversions) as attributed_conversions, exact_sum(unattributed_conversions) as unattributed_conversions,
    exact_sum(attributed_revenue) as attributed_revenue, exact_sum(unattributed_revenue) as unattributed_revenue,
    sum(unknown_person_count)::bigint as unknown_person_count, exact_sum(unknown_person_revenue) as unknown_person_revenue,
    exact_sum(booking_difference) as booking_difference, exact_sum(credit_difference) as credit_difference
from gold.revenue_reconciliation
where {month}
group by all
order by all
