-- Do a platform's clicks and the shop's sessions tell the same story of a campaign's day? Judged
-- against the campaign's usual gap, in both directions, and only where chance does not explain it.
select
    clicks.date,
    clicks.platform,
    clicks.campaign_id,
    clicks.platform_clicks,
    clicks.tracked_sessions,
    1 - clicks.tracked_sessions / cast(nullif(clicks.platform_clicks, 0) as double)
        as discrepancy_rate,
    1 - scores.usual_ratio as usual_gap_rate,
    scores.unusual_loss_rate,
    scores.z_score,
    case
        -- Nothing to compare with: no report, or not a platform that counts clicks.
        when clicks.platform_clicks is null or clicks.is_cut_off then 'INSUFFICIENT_DATA'
        when clicks.platform_clicks >= thresholds.silent_clicks and clicks.tracked_sessions = 0
            then 'LOW_CONFIDENCE'
        when clicks.platform_clicks = 0 and clicks.tracked_sessions >= thresholds.minimum_clicks
            then 'LOW_CONFIDENCE'
        when
            clicks.platform_clicks < thresholds.minimum_clicks
            and clicks.tracked_sessions < thresholds.minimum_clicks
            then 'INSUFFICIENT_DATA'
        when
            abs(scores.unusual_loss_rate) > case
                when scores.own_days >= thresholds.gap_prior_days then thresholds.unusual_rate
                else thresholds.discrepancy_rate
            end
            and abs(scores.z_score) > thresholds.discrepancy_z_score
            then 'LOW_CONFIDENCE'
        else 'HIGH_CONFIDENCE'
    end as data_quality_flag
from {{ ref('campaign_clicks') }} as clicks
cross join {{ ref('thresholds') }} as thresholds
left join {{ ref('gap_scores') }} as scores
    on clicks.date = scores.date and clicks.campaign_id = scores.campaign_id
