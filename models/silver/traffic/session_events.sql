-- Site events cut into sessions: more than the timeout without an event, another campaign, or
-- another logged-in user starts a new one. Ad impressions and e-mail opens happen elsewhere and
-- belong to no session. What an event repeats of the two before it is told here, where they are in
-- order.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}
{% set carried = [
    'event_id', 'anonymous_id', 'user_id', 'email_hash', 'order_id', 'sku_id', 'occurred_at',
    'event_name', 'may_market', 'may_link',
] %}
{% set timeout = (var('session_timeout_minutes') | int) * 60 %}

with site_events as (
    select
        events.{{ carried | join(', events.') }},
        events.page_url,
        thresholds.reload_seconds,
        nullif(
            concat_ws(
                '|',
                coalesce(lower(events.utm_source), ''),
                coalesce(lower(events.utm_medium), ''),
                coalesce(events.utm_campaign, ''),
                case when events.gclid is not null then 'gclid' else '' end,
                case when events.fbclid is not null then 'fbclid' else '' end,
                case when events.ttclid is not null then 'ttclid' else '' end
            ),
            '|||||'
        ) as campaign_tag
    from {{ ref('consented_events') }} as events
    cross join {{ ref('thresholds') }} as thresholds
    left join {{ ref('marketing_events') }} as elsewhere on events.event_name = elsewhere.event_name
    where elsewhere.event_name is null and {{ is_stale('events.anonymous_id', 'stale_devices') }}
),

-- At one instant a tagged event comes first: it is the arrival.
in_order as (
    select
        {{ carried | join(', ') }},
        campaign_tag,
        {% for back in [1, 2] %}
        event_name in ('page_view', 'product_view')
        and event_name = lag(event_name, {{ back }}) over arrivals
        and coalesce(page_url, '') = coalesce(lag(page_url, {{ back }}) over arrivals, '')
        and {{ seconds_between('lag(occurred_at, ' ~ back ~ ') over arrivals', 'occurred_at') }}
        <= reload_seconds as repeats_{{ back }}_before,
        {% endfor %}
        row_number() over arrivals as position,
        {{ seconds_between('lag(occurred_at) over arrivals', 'occurred_at') }} as pause_seconds
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
        max(case when pause_seconds <= {{ timeout }} then null else position end) over so_far
            as silence_position,
        last_value(campaign_tag ignore nulls) over before_event as campaign_before,
        max(case when campaign_tag is not null then position end) over before_event
            as campaign_position,
        last_value(user_id ignore nulls) over before_event as user_before,
        max(case when user_id is not null then position end) over before_event as user_position
    from in_order
    window
        so_far as (partition by anonymous_id order by position rows unbounded preceding),
        before_event as (
            partition by anonymous_id order by position
            rows between unbounded preceding and 1 preceding
        )
),

marked as (
    select
        *,
        case
            when silence_position = position then 1
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
    window so_far as (partition by anonymous_id order by position rows unbounded preceding)
)

select
    {{ carried | join(', ') }},
    cast(session_number as bigint) as session_number,
    position - session_position + 1 as event_number,
    case when position > session_position then pause_seconds end as pause_seconds,
    coalesce(repeats_1_before and position > session_position, false)
    or coalesce(repeats_2_before and position > session_position + 1, false) as is_reload
from cut
