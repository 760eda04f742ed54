-- What became of every row of crm.orders that was read: the version that counts, an earlier one, a
-- repeat, or quarantined.
with clock as (
    select * from {{ ref('clock') }}
),

read_rows as (
    select
        landed.row_key,
        landed.raw_row,
        landed.order_id,
        landed.status,
        landed.currency,
        landed.ordered_at,
        landed.updated_at,
        landed.revenue,
        landed.refund_amount,
        {{ quarantine_reason('crm', 'orders') }} as reason
    from {{ ref('landed_orders') }} as landed
    cross join clock
),

ranked as (
    select
        *,
        case when reason is null then 1 else 0 end as is_accepted,
        max(case when reason is null then 1 else 0 end) over (
            partition by row_key
        ) as has_accepted,
        row_number() over (
            partition by row_key, reason is null
            order by updated_at desc, raw_row asc
        ) as version_rank,
        row_number() over (
            partition by row_key, reason is null, updated_at
            order by raw_row asc
        ) as repeat_rank
    from read_rows
)

select
    order_id,
    status,
    currency,
    ordered_at,
    updated_at,
    revenue,
    coalesce(refund_amount, 0) as refund_amount,
    case
        when is_accepted = 0 and order_id is not null and has_accepted = 1
            then 'quarantined_version'
        when is_accepted = 0 then 'quarantined'
        when version_rank = 1 then 'latest'
        when repeat_rank = 1 then 'superseded'
        else 'duplicate'
    end as row_fate,
    reason
from ranked
