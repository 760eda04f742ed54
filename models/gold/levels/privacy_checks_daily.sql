-- Checks of privacy that passed. A touch or a session has a date and is judged on it; whether
-- addresses or erased people can be read is the state of the store and is judged on the last date.
with ends as (
    select max(date) as last_date from {{ ref('calendar') }}
),

found as (
    select
        violations.check_name,
        coalesce(violations.date, ends.last_date) as date,
        count(*) as violation_count
    from {{ ref('privacy_violations') }} as violations
    cross join ends
    group by violations.check_name, coalesce(violations.date, ends.last_date)
)

select
    calendar.date,
    count(case when found.check_name is null then 1 end) as good_count,
    count(*) as total_count
from {{ ref('calendar') }} as calendar
cross join ends
inner join {{ ref('privacy_checks') }} as checks
    on checks.is_dated or calendar.date = ends.last_date
left join found on calendar.date = found.date and checks.check_name = found.check_name
group by calendar.date
