-- When a promotion of each tier was running; those that overlap or touch are one period.
with ordered as (
    select
        tier,
        starts_at,
        ends_at,
        max(ends_at) over (
            partition by tier order by starts_at, ends_at
            rows between unbounded preceding and 1 preceding
        ) as running_until
    from {{ ref('promo_calendar') }}
    where ends_at > starts_at
),

numbered as (
    select
        *,
        sum(case when starts_at <= running_until then 0 else 1 end) over (
            partition by tier order by starts_at, ends_at
            rows between unbounded preceding and current row
        ) as period_number
    from ordered
)

select
    tier,
    min(starts_at) as valid_from,
    max(ends_at) as valid_to
from numbered
group by tier, period_number
