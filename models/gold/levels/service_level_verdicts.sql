-- Each indicator on every date of the calendar against its target. A date is judged when it has
-- settled and holds enough to judge by. The target of an indicator that chance moves is its
-- allowance on top of the noise.
with measured as (
    select sli, date, cast(null as double) as value, 0 as noise, good_count, total_count
    from {{ ref('service_level_counts') }}
    union all
    select sli, date, value, noise, cast(null as bigint) as good_count, total_count
    from {{ ref('service_level_measures') }}
),

valued as (
    select
        calendar.date,
        targets.*,
        measured.good_count,
        coalesce(measured.total_count, 0) as total_count,
        targets.target + coalesce(measured.noise, 0) as target_now,
        case
            when measured.good_count is null then measured.value
            when targets.direction = 'at_least'
                then measured.good_count / nullif(measured.total_count, 0)
            else 1 - measured.good_count / nullif(measured.total_count, 0)
        end as value,
        targets.settle_hours = 0
        or calendar.date < {{ business_date(
            dbt.dateadd('hour', '-targets.settle_hours', 'clock.as_of')
        ) }} as is_settled
    from {{ ref('calendar') }} as calendar
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('service_level_targets') }} as targets
    left join measured on calendar.date = measured.date and targets.sli = measured.sli
)

select
    sli,
    date,
    direction,
    value,
    target_now as target,
    case
        when not is_settled or value is null or total_count < minimum_count
            then 'insufficient_data'
        when direction = 'at_least' and value >= target_now then 'met'
        when direction = 'at_most' and value <= target_now then 'met'
        else 'missed'
    end as status,
    good_count,
    total_count,
    is_settled,
    cast(minimum_count as bigint) as minimum_count,
    day_objective,
    cast(budget_days as bigint) as budget_days,
    severity
from valued
