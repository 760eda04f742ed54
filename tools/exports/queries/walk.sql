-- One row per step from what was read to what was credited, in the reporting currency. What is taken off is negative; an amount
-- that is missing, or has no exchange rate, counts 0.
with books as (
    select line, sum(row_count) as row_count, exact_sum(coalesce(gross_revenue, 0)) as gross, exact_sum(net_revenue) as net
    from gold.booked_revenue
    where {month}
    group by line
),

standing as (
    select
        coalesce(sum(row_count), 0) as order_count,
        coalesce(exact_sum(gross), 0) as gross,
        coalesce(exact_sum(net), 0) as net
    from books
    where line in ('stands', 'without_rate')
),

stated as (
    select
        sum(conversion_count) as conversion_count,
        exact_sum(net_revenue) as net_revenue,
        exact_sum(net_revenue - order_revenue) as other_revenue,
        exact_sum(unattributed_conversions) as unattributed_conversions,
        exact_sum(unattributed_revenue) as unattributed_revenue,
        sum(unknown_person_count) as unknown_person_count,
        exact_sum(unknown_person_revenue) as unknown_person_revenue
    from gold.revenue_reconciliation
    where {month} and {credits}
),

channels as (
    select channel, exact_sum(credit) as conversions, exact_sum(coalesce(attributed_revenue, 0)) as amount
    from gold.credit_trail
    where {month} and {credits} and channel <> 'unattributed'
    group by channel
),

steps as (
    select 100 as step, 'rows of crm.orders, gross' as what, null as why, sum(row_count) as number, exact_sum(gross) as amount
    from books
    union all
    select 200 + line_number, 'less ' || line, reason, 0 - coalesce(row_count, 0), 0 - coalesce(gross, 0)
    from reference.booking_lines
    left join books using (line)
    where line not in ('stands', 'without_rate')
    union all
    select 300, 'orders that stand, gross', null, order_count, gross from standing
    union all
    select 310, 'less partial refunds', null, 0, net - gross from standing
    union all
    select 400, 'orders that stand, net', null, order_count, net from standing
    union all
    select 410, 'plus other conversions', 'Offline conversions, leads, sign-ups', conversion_count - order_count, other_revenue
    from stated, standing
    union all
    select 500, 'conversions, net', null, conversion_count, net_revenue from stated
    union all
    select 600, 'credited to ' || channel, null, conversions, amount from channels
    union all
    select 700, 'nobody known', 'Erased people, and records that nothing ties to anybody', unknown_person_count, unknown_person_revenue
    from stated
    union all
    select 710, 'no touch in the window', 'Of people who are known', unattributed_conversions - unknown_person_count,
        unattributed_revenue - unknown_person_revenue
    from stated
    union all
    select 900, 'difference', 'Conversions less all credits: 0 but for the last digits',
        conversion_count - unattributed_conversions - coalesce((select exact_sum(conversions) from channels), 0),
        net_revenue - unattributed_revenue - coalesce((select exact_sum(amount) from channels), 0)
    from stated
)

select step, what, why, cast(number as double) as number, amount from steps order by step, what
