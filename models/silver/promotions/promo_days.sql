-- Days on which a promotion was running, for some part of the day at least.
with days as (
    select
        days.date,
        max(case when periods.tier = 'major' then 1 else 0 end) = 1 as is_major_promo,
        max(case when periods.tier = 'minor' then 1 else 0 end) = 1 as is_minor_promo
    from {{ ref('calendar') }} as days
    left join {{ ref('promo_periods') }} as periods
        on
            days.date >= {{ business_date('periods.valid_from') }}
            and days.date <= {{ business_date(
                dbt.dateadd('second', -1, 'periods.valid_to')
            ) }}
    group by days.date
)

select date, is_major_promo, is_minor_promo
from days
