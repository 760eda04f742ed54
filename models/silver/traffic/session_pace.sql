-- How a session moved from event to event: how long it paused, and how often it asked for the page
-- it had just been given, alone or with the event that always comes with that page.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}

select
    anonymous_id,
    session_number,
    count(*) as event_count,
    count(case when is_reload then 1 end) as reload_count,
    avg({{ exact_amount('pause_seconds') }}) as mean_pause_seconds,
    {{ exact_spread('pause_seconds') }} as spread_pause_seconds
from {{ ref('session_events') }}
where {{ is_stale('anonymous_id', 'stale_devices') }}
group by anonymous_id, session_number
