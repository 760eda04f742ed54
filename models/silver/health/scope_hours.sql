-- Every hour from the first event to "now", for the whole shop and for its largest sources.
with ranked as (
    select
        source,
        row_number() over (order by count(*) desc, source) as source_rank
    from {{ ref('sessions') }}
    where not is_bot and not is_phantom
    group by source
),

scopes as (
    select 'all' as scope
    union all
    select ranked.source as scope
    from ranked
    cross join {{ ref('thresholds') }} as thresholds
    where ranked.source_rank <= thresholds.health_scopes and ranked.source <> 'all'
),

span as (
    select min(sessions.started_at) as first_at, max(clock.as_of) as last_at
    from {{ ref('sessions') }} as sessions
    cross join {{ ref('as_of') }} as clock
),

hours as (
    select {{ hours_from('first_at', 'last_at') }} as hour_at
    from span
)

select hours.hour_at, scopes.scope
from hours
cross join scopes
