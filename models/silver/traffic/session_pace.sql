-- How a session moved from event to event: how long it paused, and how often it asked for the page
-- it had just been given, alone or with the event that always comes with that page.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}

with paced as (
    select
        anonymous_id,
        session_number,
        event_name,
        page_url,
        event_name in ('page_view', 'product_view') as is_view,
        {{ seconds_between('lag(occurred_at) over in_session', 'occurred_at') }} as pause_seconds,
        {{ seconds_between('lag(occurred_at, 2) over in_session', 'occurred_at') }}
            as two_pauses_seconds,
        lag(event_name) over in_session as name_before,
        lag(page_url) over in_session as page_before,
        lag(event_name, 2) over in_session as name_two_before,
        lag(page_url, 2) over in_session as page_two_before
    from {{ ref('session_events') }}
    where {{ is_stale('anonymous_id', 'stale_devices') }}
    window in_session as (partition by anonymous_id, session_number order by event_number)
)

select
    paced.anonymous_id,
    paced.session_number,
    count(*) as event_count,
    count(
        case
            when
                paced.is_view
                and paced.event_name = paced.name_before
                and paced.page_url is not distinct from paced.page_before
                and paced.pause_seconds <= thresholds.reload_seconds
                then 1
            when
                paced.is_view
                and paced.event_name = paced.name_two_before
                and paced.page_url is not distinct from paced.page_two_before
                and paced.two_pauses_seconds <= thresholds.reload_seconds
                then 1
        end
    ) as reload_count,
    avg({{ exact_amount('paced.pause_seconds') }}) as mean_pause_seconds,
    {{ exact_spread('paced.pause_seconds') }} as spread_pause_seconds
from paced
cross join {{ ref('thresholds') }} as thresholds
group by paced.anonymous_id, paced.session_number
