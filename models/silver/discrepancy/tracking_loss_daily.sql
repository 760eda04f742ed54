-- The share of a platform's expected sessions that did not arrive on a day, estimated from all its
-- campaigns, with a 95 % interval: what a model may correct for.
with summed as (
    select
        date,
        platform,
        sum(platform_clicks) as platform_clicks,
        sum(tracked_sessions) as tracked_sessions,
        {{ exact_sum('expected_sessions') }} as expected_sessions,
        {{ exact_sum('expected_sessions * expected_sessions * log_variance') }} as variance
    from {{ ref('gap_scores') }}
    group by date, platform
),

estimated as (
    select
        *,
        (tracked_sessions + 0.5) / (expected_sessions + 0.5) as kept_share,
        sqrt(variance) / (expected_sessions + 0.5) as kept_error
    from summed
)

select
    estimated.date,
    estimated.platform,
    cast(estimated.platform_clicks as bigint) as platform_clicks,
    cast(estimated.tracked_sessions as bigint) as tracked_sessions,
    estimated.expected_sessions,
    1 - estimated.kept_share as loss_rate,
    1 - estimated.kept_share * exp(thresholds.interval_z_score * estimated.kept_error)
        as loss_rate_low,
    1 - estimated.kept_share * exp(-thresholds.interval_z_score * estimated.kept_error)
        as loss_rate_high
from estimated
cross join {{ ref('thresholds') }} as thresholds
