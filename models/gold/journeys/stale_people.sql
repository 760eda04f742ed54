-- People whose journeys are to be told anew in an increment: they gained or lost a touch, or one of
-- their touches a flag; a conversion came, changed or went; an outage stood in their way, or no
-- longer does; or time ran out for an open journey.
{{ config(materialized='incremental', incremental_strategy='gather') }}

with people as (
    select person_id from {{ ref('former_people') }}
    union all
    select touchpoints.person_id
    from {{ ref('touchpoints') }} as touchpoints
    inner join {{ ref('stale_contexts') }} as devices
        on touchpoints.anonymous_id = devices.anonymous_id
    union all
    select person_id from {{ changes_of('conversions') }} as changes
    union all
    select sessions.person_id
    from {{ ref('sessions') }} as sessions
    inner join {{ changes_of('outages') }} as outages
        on
            sessions.started_at < outages.ended_at
            and sessions.ended_at >= outages.started_at
            and outages.scope in ('all', sessions.source)
    union all
    select touchpoints.person_id
    from {{ ref('touchpoints') }} as touchpoints
    inner join {{ changes_of('touch_windows') }} as windows
        on touchpoints.channel = windows.channel
    union all
    select touchpoints.person_id
    from {{ previously('gold', 'unconverted_touches', {
        'touchpoint_id': 'text', 'conversion_type': 'text', 'is_claimable': 'boolean'
    }) }} as unconverted
    inner join {{ ref('touchpoints') }} as touchpoints
        on unconverted.touchpoint_id = touchpoints.touchpoint_id
    inner join {{ ref('touch_windows') }} as windows
        on
            unconverted.conversion_type = windows.conversion_type
            and touchpoints.channel = windows.channel
    cross join {{ ref('as_of') }} as clock
    where
        unconverted.is_claimable
        <> ({{ dbt.dateadd('day', 'windows.window_days', 'touchpoints.touched_at') }} > clock.as_of)
)

select distinct
    person_id,
    {{ load_number() }} as load_number
from people
where {{ is_increment() }}
