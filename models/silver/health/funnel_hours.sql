-- How many sessions of a source entered each step of the funnels in an hour, and how many of them
-- passed it. Machines do not count, and a session that may still pass is not counted yet.
with people as (
    select anonymous_id, session_number, source, started_at
    from {{ ref('sessions') }}
    where not is_bot and not is_phantom
),

reached as (
    select
        events.anonymous_id,
        events.session_number,
        roles.step,
        roles.role,
        min(events.occurred_at) as reached_at
    from {{ ref('session_events') }} as events
    inner join {{ ref('funnel_events') }} as roles on events.event_name = roles.event_name
    group by events.anonymous_id, events.session_number, roles.step, roles.role
),

entered as (
    select
        people.anonymous_id,
        people.session_number,
        people.source,
        reached.step,
        reached.reached_at as entered_at
    from reached
    inner join people
        on
            reached.anonymous_id = people.anonymous_id
            and reached.session_number = people.session_number
    where reached.role = 'entered'
    union all
    select
        people.anonymous_id,
        people.session_number,
        people.source,
        steps.step,
        people.started_at as entered_at
    from people
    inner join {{ ref('funnel_events') }} as steps on steps.event_name = '(session)'
)

select
    entered.source,
    entered.step,
    {{ dbt.date_trunc('hour', 'entered.entered_at') }} as hour_at,
    count(*) as entered_count,
    count(passed.reached_at) as passed_count
from entered
cross join {{ ref('thresholds') }} as thresholds
cross join {{ ref('as_of') }} as clock
left join reached as passed
    on
        entered.anonymous_id = passed.anonymous_id
        and entered.session_number = passed.session_number
        and entered.step = passed.step
        and passed.role = 'passed'
where
    {{ dbt.dateadd('minute', 'thresholds.mature_minutes', 'entered.entered_at') }}
    <= clock.as_of
group by entered.source, entered.step, {{ dbt.date_trunc('hour', 'entered.entered_at') }}
