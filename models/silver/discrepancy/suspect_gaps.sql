-- First look at a campaign's day: does its share of clicks with a session lie so far from the
-- median of the weeks before that no later baseline should learn from it?
with compared as (
    select
        clicks.*,
        thresholds.discrepancy_z_score,
        thresholds.unusual_rate,
        thresholds.gap_slack,
        {{ median_of('clicks.tracked_sessions / cast(clicks.platform_clicks as double)') }} over (
            partition by clicks.campaign_id order by clicks.date
            rows between thresholds.suspect_gap_days preceding and 1 preceding
        ) as median_ratio
    from {{ ref('campaign_clicks') }} as clicks
    cross join {{ ref('thresholds') }} as thresholds
    where clicks.platform_clicks > 0 and not clicks.is_cut_off
),

deviating as (
    select
        *,
        abs(tracked_sessions - platform_clicks * median_ratio) as deviation,
        platform_clicks * median_ratio * (
            case when median_ratio < 1 then 1 - median_ratio else 0 end + gap_slack
        ) as counting_variance
    from compared
)

select
    date,
    platform,
    campaign_id,
    platform_clicks,
    tracked_sessions,
    tracked_sessions = 0
    or coalesce(
        deviation > unusual_rate * platform_clicks * median_ratio
        and deviation > discrepancy_z_score * sqrt(counting_variance),
        false
    ) as is_suspect
from deviating
