-- Orders that stand and offline conversions are conversions, each once, and no other purchase or
-- offline conversion is.
with expected as (
    select
        orders.order_id as conversion_id,
        'purchase' as conversion_type
    from {{ ref('orders') }} as orders
    inner join {{ ref('order_statuses') }} as statuses on orders.status = statuses.status
    where statuses.does_stand
    union all
    select
        conversion_id,
        conversion_type
    from {{ ref('offline_conversions') }}
),

counted as (
    select
        conversion_id,
        conversion_type,
        count(*) as conversions
    from {{ ref('conversions') }}
    where order_id is not null or sales_channel = 'offline'
    group by conversion_id, conversion_type
)

select
    expected.*,
    counted.conversion_id as counted_conversion_id,
    counted.conversions
from expected
full outer join counted
    on
        expected.conversion_id = counted.conversion_id
        and expected.conversion_type = counted.conversion_type
where expected.conversion_id is null or counted.conversions is distinct from 1
