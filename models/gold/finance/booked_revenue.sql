-- The books, line by line: all revenue of crm.orders as it was read, and what of it is revenue of a
-- conversion. The lines add up to what was read.
select
    date,
    currency,
    line,
    reason,
    count(*) as row_count,
    count(distinct order_id) as order_count,
    {{ exact_sum('original_revenue') }} as original_revenue,
    {{ exact_sum('original_refund_amount') }} as original_refund_amount,
    {{ exact_sum('gross_revenue') }} as gross_revenue,
    {{ exact_sum('refund_amount') }} as refund_amount,
    {{ exact_sum("case when line = 'stands' then gross_revenue - refund_amount else 0 end") }}
        as net_revenue
from {{ ref('booked_rows') }}
group by date, currency, line, reason
