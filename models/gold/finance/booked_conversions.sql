-- What conversions of a day are worth, and whether the books say the same of the orders among them.
with known_people as (
    select distinct person_id from {{ ref('identity_map') }}
),

valued as (
    select
        conversions.*,
        conversions.order_id is not null as is_order,
        people.person_id is null and journeys.touch_count = 0 as is_nobodys
    from {{ ref('conversions') }} as conversions
    left join known_people as people on conversions.person_id = people.person_id
    left join {{ ref('journeys') }} as journeys
        on
            conversions.conversion_id = journeys.conversion_id
            and conversions.conversion_type = journeys.conversion_type
),

converted as (
    select
        date,
        conversion_type,
        count(*) as conversion_count,
        count(case when net_revenue is null then 1 end) as unpriced_count,
        {{ exact_sum('gross_revenue') }} as gross_revenue,
        {{ exact_sum('refund_amount') }} as refund_amount,
        {{ exact_sum('coalesce(net_revenue, 0)') }} as net_revenue,
        {{ exact_sum('case when is_order then coalesce(net_revenue, 0) else 0 end') }}
            as order_revenue,
        count(case when is_nobodys then 1 end) as unknown_person_count,
        {{ exact_sum('case when is_nobodys then coalesce(net_revenue, 0) else 0 end') }}
            as unknown_person_revenue
    from valued
    group by date, conversion_type
),

booked as (
    select
        date,
        'purchase' as conversion_type,
        {{ exact_sum('net_revenue') }} as booked_revenue
    from {{ ref('booked_revenue') }}
    where line = 'stands'
    group by date
)

select
    coalesce(converted.date, booked.date) as date,
    coalesce(converted.conversion_type, booked.conversion_type) as conversion_type,
    coalesce(booked.booked_revenue, 0) as booked_revenue,
    coalesce(converted.order_revenue, 0) as order_revenue,
    coalesce(converted.conversion_count, 0) as conversion_count,
    coalesce(converted.unpriced_count, 0) as unpriced_count,
    coalesce(converted.gross_revenue, 0) as gross_revenue,
    coalesce(converted.refund_amount, 0) as refund_amount,
    coalesce(converted.net_revenue, 0) as net_revenue,
    coalesce(converted.unknown_person_count, 0) as unknown_person_count,
    coalesce(converted.unknown_person_revenue, 0) as unknown_person_revenue
from converted
full outer join booked
    on converted.date = booked.date and converted.conversion_type = booked.conversion_type
