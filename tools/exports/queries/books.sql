-- One row per line of the books, reason and currency.
select
    line_number, line, lines.reason as why, books.reason, currency, sum(row_count)::bigint as row_count,
    sum(order_count)::bigint as order_count, exact_sum(original_revenue) as original_revenue,
    exact_sum(original_refund_amount) as original_refund_amount, exact_sum(gross_revenue) as gross_revenue,
    exact_sum(refund_amount) as refund_amount, exact_sum(net_revenue) as net_revenue
from gold.booked_revenue as books
inner join reference.booking_lines as lines using (line)
where {month}
group by all
order by all
