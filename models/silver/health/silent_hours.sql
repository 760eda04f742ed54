-- Hours with hardly a session although the same hour of earlier weeks had many: either nobody could
-- reach the shop, or its events did not arrive, which orders on the web give away.
with sessions as (
    select
        hour_at,
        entered_count as session_count,
        {{ hour_of_week('hour_at') }} as week_hour_number
    from {{ ref('step_hours') }}
    where scope = 'all' and step = 'purchase'
),

expected as (
    select
        sessions.*,
        {{ median_of('sessions.session_count') }} over same_hours as expected_sessions,
        count(*) over same_hours as same_hour_count,
        thresholds.silence_share,
        thresholds.silence_weeks,
        thresholds.shop_evidence
    from sessions
    cross join {{ ref('thresholds') }} as thresholds
    cross join {{ ref('as_of') }} as clock
    -- The hour that is not over yet may still bring somebody.
    where {{ dbt.dateadd('hour', 1, 'sessions.hour_at') }} <= clock.as_of
    window same_hours as (
        partition by sessions.week_hour_number order by sessions.hour_at
        rows between thresholds.shape_weeks preceding and 1 preceding
    )
),

silent as (
    select
        *,
        -- As for the steps: a Poisson count cut to the share against the expected one.
        expected_sessions * (1 - silence_share) + session_count * ln(silence_share) as evidence
    from expected
    where same_hour_count >= silence_weeks and session_count <= expected_sessions * silence_share
),

ordered as (
    select {{ dbt.date_trunc('hour', 'ordered_at') }} as hour_at, count(*) as order_count
    from {{ ref('standing_orders') }}
    where sales_channel is distinct from 'store'
    group by {{ dbt.date_trunc('hour', 'ordered_at') }}
)

select
    silent.hour_at,
    silent.session_count,
    silent.expected_sessions,
    silent.evidence,
    -- An order without a session of its own hour was placed by somebody whom nobody saw.
    case when ordered.order_count > silent.session_count then 'collection' else 'visit' end as step
from silent
left join ordered on silent.hour_at = ordered.hour_at
where silent.evidence >= silent.shop_evidence
