-- Visits in which the shop itself stood in the way of a kind of conversion: the product was sold
-- out, or the visit met an outage of a step towards it. First match wins. An advertisement that was
-- only seen, or an e-mail only opened, meets no wall.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}
) }}

with clicks as (
    select
        touches.touchpoint_id,
        touches.person_id,
        touches.source,
        touches.is_out_of_stock,
        touches.touched_at,
        sessions.ended_at
    from {{ ref('touchpoints') }} as touches
    inner join {{ ref('sessions') }} as sessions on touches.touchpoint_id = sessions.session_key
    where {{ is_stale('touches.person_id', 'stale_people') }}
),

met as (
    select
        touchpoint_id,
        person_id,
        'purchase' as conversion_type,
        'out_of_stock' as blocked_reason,
        1 as preference
    from clicks
    where is_out_of_stock
    union all
    select
        clicks.touchpoint_id,
        clicks.person_id,
        outages.conversion_type,
        'outage' as blocked_reason,
        2 as preference
    from clicks
    inner join {{ ref('outages') }} as outages
        on
            clicks.touched_at < outages.ended_at
            and clicks.ended_at >= outages.started_at
            and outages.scope in ('all', clicks.source)
),

ranked as (
    select
        *,
        row_number() over (
            partition by touchpoint_id, conversion_type order by preference
        ) as preference_rank
    from met
)

select touchpoint_id, person_id, conversion_type, blocked_reason
from ranked
where preference_rank = 1
