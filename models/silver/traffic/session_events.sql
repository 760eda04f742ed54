-- Site events cut into sessions: more than the timeout without an event, another campaign, or
-- another logged-in user starts a new one. Ad impressions and e-mail opens happen elsewhere and
-- belong to no session.
with site_events as (
    select
        events.*,
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
    where elsewhere.event_name is null
),

-- At one instant a tagged event comes first: it is the arrival.
in_order as (
    select
        *,
        row_number() over (
            partition by anonymous_id
            order by occurred_at, case when campaign_tag is null then 1 else 0 end, event_id
        ) as position
    from site_events
),

after_silence as (
    select
        *,
        case
            when
                {{ seconds_between(
                    'lag(occurred_at) over (partition by anonymous_id order by position)',
                    'occurred_at'
                ) }} <= {{ var('session_timeout_minutes') }} * 60
                then 0
            else 1
        end as breaks_silence
    from in_order
),

numbered as (
    select
        *,
        sum(breaks_silence) over (
            partition by anonymous_id order by position
            rows between unbounded preceding and current row
        ) as visit_number
    from after_silence
),

remembered as (
    select
        *,
        last_value(campaign_tag ignore nulls) over before_event as campaign_before,
        last_value(user_id ignore nulls) over before_event as user_before
    from numbered
    window before_event as (
        partition by anonymous_id, visit_number order by position
        rows between unbounded preceding and 1 preceding
    )
),

cut as (
    select
        *,
        sum(case
            when breaks_silence = 1 then 1
            when campaign_tag <> coalesce(campaign_before, '') then 1
            when user_id <> user_before then 1
            else 0
        end) over (
            partition by anonymous_id order by position
            rows between unbounded preceding and current row
        ) as session_number
    from remembered
)

select
    event_id,
    anonymous_id,
    user_id,
    email_hash,
    order_id,
    sku_id,
    page_url,
    occurred_at,
    event_name,
    cast(session_number as bigint) as session_number,
    row_number() over (partition by anonymous_id, session_number order by position) as event_number,
    may_market,
    may_link
from cut
