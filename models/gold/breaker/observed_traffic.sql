-- What the checks of visits observe: machines on each day since the last good version, and in the
-- last week visitors nobody recognises and users whom the shop does not know.
with sessions as (
    select
        {{ days_before('sessions.started_at', 'clock.as_of') }} as day_number,
        case when sessions.is_bot or sessions.is_phantom then 1.0 else 0 end as is_machine
    from {{ ref('sessions') }} as sessions
    cross join {{ ref('as_of') }} as clock
),

unaudited as (
    select max(day_number) as last_day_number from {{ ref('unaudited_days') }}
),

usual as (
    select avg(sessions.is_machine) as machine_share
    from sessions
    cross join {{ ref('thresholds') }} as thresholds
    cross join unaudited
    where
        sessions.day_number <= thresholds.breaker_history_days
        and sessions.day_number > unaudited.last_day_number
),

matched as (
    select
        matched.good_count,
        matched.total_count
    from {{ ref('matched_sessions_daily') }} as matched
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('thresholds') }} as thresholds
    where
        {{ dbt.datediff('matched.date', business_date('clock.as_of'), 'day') }}
        < thresholds.breaker_days
)

select
    'machine_share' as check_family,
    'all' as scope,
    days.day_suffix,
    avg(sessions.is_machine) as observed,
    max(usual.machine_share) as usual,
    cast(0 as double) as noise,
    count(sessions.is_machine) as sample_count,
    'share of a day''s sessions that are no visits of people' as subject
from {{ ref('unaudited_days') }} as days
cross join usual
left join sessions on days.day_number = sessions.day_number
group by days.day_suffix
union all
select
    'match_rate' as check_family,
    'all' as scope,
    null as day_suffix,
    sum(good_count) / cast(nullif(sum(total_count), 0) as double) as observed,
    null as usual,
    0 as noise,
    cast(coalesce(sum(total_count), 0) as bigint) as sample_count,
    'share of the last week''s visits of somebody known by more than one identifier' as subject
from matched
union all
select
    'known_users' as check_family,
    'all' as scope,
    null as day_suffix,
    cast(known_count as double) / nullif(user_count, 0) as observed,
    null as usual,
    0 as noise,
    user_count as sample_count,
    'share of the last week''s users whom the shop knows as customers' as subject
from {{ ref('known_users') }}
