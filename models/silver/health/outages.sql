-- Outages as intervals, each named after the step that shows it best. Known and planned incidents
-- raise no alarm, and neither does a source that only shares an outage of the whole shop: the
-- interval stays.
with by_step as (
    select
        scope,
        conversion_type,
        outage_number,
        step,
        min(min(hour_at)) over outage as first_hour_at,
        max(max(hour_at)) over outage as last_hour_at,
        min(min(case when is_detected then hour_at end)) over outage as detected_hour_at,
        {{ exact_sum('missing_sessions') }} as missing_sessions,
        row_number() over (
            partition by scope, conversion_type, outage_number
            order by max(evidence_so_far) desc, step
        ) as step_rank
    from {{ ref('outage_hours') }}
    group by scope, conversion_type, outage_number, step
    window outage as (partition by scope, conversion_type, outage_number)
),

intervals as (
    select
        scope,
        conversion_type,
        step,
        first_hour_at as started_at,
        {{ dbt.dateadd('hour', 1, 'last_hour_at') }} as ended_at,
        {{ dbt.dateadd('hour', 1, 'detected_hour_at') }} as detected_at,
        missing_sessions
    from by_step
    where step_rank = 1
),

explained as (
    select
        intervals.scope,
        intervals.conversion_type,
        intervals.started_at,
        count(incidents.incident_id) > 0 as is_known_incident,
        max(case when incidents.is_planned then 1 else 0 end) = 1 as is_planned,
        count(shop.started_at) > 0 as is_shared
    from intervals
    left join {{ ref('known_incidents') }} as incidents
        on
            intervals.started_at < incidents.ends_at
            and intervals.ended_at > incidents.starts_at
    left join intervals as shop
        on
            intervals.scope <> 'all' and shop.scope = 'all'
            and intervals.conversion_type = shop.conversion_type
            and intervals.started_at < shop.ended_at
            and intervals.ended_at > shop.started_at
    group by intervals.scope, intervals.conversion_type, intervals.started_at
)

select
    {{ dbt_utils.generate_surrogate_key(
        ['intervals.scope', 'intervals.conversion_type', 'intervals.started_at']
    ) }} as outage_id,
    intervals.scope,
    intervals.conversion_type,
    intervals.step,
    intervals.started_at,
    intervals.ended_at,
    intervals.detected_at,
    intervals.missing_sessions,
    explained.is_known_incident,
    explained.is_planned,
    not explained.is_known_incident and not explained.is_shared as is_alarm
from intervals
inner join explained
    on
        intervals.scope = explained.scope
        and intervals.conversion_type = explained.conversion_type
        and intervals.started_at = explained.started_at
