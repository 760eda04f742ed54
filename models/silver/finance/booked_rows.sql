-- Every row of crm.orders that was read with the line of the books it falls in, and its amounts in
-- its own currency and in the reporting currency. On purpose not made from standing_orders: the two
-- are held against each other.
with dated as (
    select
        *,
        {{ business_date('coalesce(ordered_at, updated_at)') }} as date
    from {{ ref('order_rows') }}
)

select
    dated.order_id,
    dated.status,
    dated.ordered_at,
    dated.updated_at,
    dated.date,
    case
        when dated.row_fate <> 'latest' then dated.row_fate
        when statuses.status is null then 'status_unknown'
        when not statuses.does_stand then 'taken_back'
        when rates.rate_to_reporting is null then 'without_rate'
        else 'stands'
    end as line,
    coalesce(dated.reason, dated.status) as reason,
    dated.currency,
    dated.revenue as original_revenue,
    dated.refund_amount as original_refund_amount,
    cast(rates.rate_to_reporting as double) as rate_to_reporting,
    dated.revenue * rates.rate_to_reporting as gross_revenue,
    dated.refund_amount * rates.rate_to_reporting as refund_amount
from dated
left join {{ ref('order_statuses') }} as statuses on dated.status = statuses.status
left join {{ ref('exchange_rates') }} as rates
    on
        dated.currency = rates.currency
        and dated.date >= rates.valid_from
        and dated.date < rates.valid_to
