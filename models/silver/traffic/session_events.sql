-- Site events cut into sessions: more than the timeout without an event, another campaign, or
-- another logged-in user starts a new one. Ad impressions and e-mail opens happen elsewhere and
-- belong to no session.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}
{% set carried = [
    'event_id', 'anonymous_id', 'user_id', 'email_hash', 'order_id', 'sku_id', 'page_url',
    'occurred_at', 'event_name', 'may_market', 'may_link',
] %}

with site_events as (
    select
        events.{{ carried | join(', events.') }},
        case
            when
                coalesce(
                    events.utm_source, events.utm_medium, events.utm_campaign,
                    events.gclid, events.fbclid, events.ttclid
                ) is not null
                then concat_ws(
                    '|',
                    coalesce(lower(events.utm_source), '-'),
                    coalesce(lower(events.utm_medium), '-'),
                    coalesce(events.utm_campaign, '-'),
                    case when events.gclid is not null then 'gclid' else '-' end,
                    case when events.fbclid is not null then 'fbclid' else '-' end,
                    case when events.ttclid is not null then 'ttclid' else '-' end
                )
        end as campaign_tag
    from {{ ref('consented_events') }} as events
    left join {{ ref('marketing_events') }} as elsewhere on events.event_name = elsewhere.event_name
    where elsewhere.event_name is null and {{ is_stale('events.anonymous_id', 'stale_devices') }}
),

-- At one instant a tagged event comes first: it is the arrival.
in_order as (
    select
        *,
        row_number() over arrivals as position,
        case
            when
                {{ seconds_between('lag(occurred_at) over arrivals', 'occurred_at') }}
                <= {{ var('session_timeout_minutes') }} * 60
                then 0
            else 1
        end as breaks_silence
    from site_events
    window arrivals as (
        partition by anonymous_id
        order by occurred_at, case when campaign_tag is null then 1 else 0 end, event_id
    )
),

-- The last tag and user before an event, and where they stood: what was before a silence is over.
remembered as (
    select
        *,
        max(case when breaks_silence = 1 then position end) over (
            partition by anonymous_id order by position
            rows between unbounded preceding and current row
        ) as silence_position,
        last_value(campaign_tag ignore nulls) over before_event as campaign_before,
        max(case when campaign_tag is not null then position end) over before_event
            as campaign_position,
        last_value(user_id ignore nulls) over before_event as user_before,
        max(case when user_id is not null then position end) over before_event as user_position
    from in_order
    window before_event as (
        partition by anonymous_id order by position
        rows between unbounded preceding and 1 preceding
    )
),

marked as (
    select
        *,
        case
            when breaks_silence = 1 then 1
            when
                campaign_tag
                <> case when campaign_position >= silence_position then campaign_before else '' end
                then 1
            when user_id <> user_before and user_position >= silence_position then 1
            else 0
        end as starts_session
    from remembered
),

cut as (
    select
        *,
        sum(starts_session) over so_far as session_number,
        max(case when starts_session = 1 then position end) over so_far as session_position
    from marked
    window so_far as (
        partition by anonymous_id order by position
        rows between unbounded preceding and current row
    )
)

select
    {{ carried | join(', ') }},
    cast(session_number as bigint) as session_number,
    position - session_position + 1 as event_number
from cut
