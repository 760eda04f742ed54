-- The share of clicks that usually become a session: the campaign's own over the weeks before,
-- drawn to that of the other campaigns of its platform. In the first days the middle one of several
-- campaigns stands for the platform; without them, every click should.
with clean as (
    select
        gaps.date,
        gaps.platform,
        gaps.campaign_id,
        case
            when gaps.platform_clicks >= thresholds.minimum_clicks
                then gaps.tracked_sessions / cast(gaps.platform_clicks as double)
        end as ratio,
        case when gaps.is_suspect then 0 else 1 end as clean_days,
        case when gaps.is_suspect then 0 else gaps.platform_clicks end as clean_clicks,
        case when gaps.is_suspect then 0 else gaps.tracked_sessions end as clean_sessions
    from {{ ref('suspect_gaps') }} as gaps
    cross join {{ ref('thresholds') }} as thresholds
),

own as (
    select
        clean.*,
        thresholds.gap_prior_days,
        thresholds.usual_gap_cap,
        thresholds.peer_campaigns,
        coalesce(sum(clean.clean_days) over weeks_before, 0) as own_days,
        coalesce(sum(clean.clean_clicks) over weeks_before, 0) as own_clicks,
        coalesce(sum(clean.clean_sessions) over weeks_before, 0) as own_sessions
    from clean
    cross join {{ ref('thresholds') }} as thresholds
    window weeks_before as (
        partition by clean.campaign_id order by clean.date
        rows between thresholds.usual_gap_days preceding and 1 preceding
    )
),

beside as (
    select
        *,
        sum(own_clicks) over platform_day - own_clicks as other_clicks,
        sum(own_sessions) over platform_day - own_sessions as other_sessions,
        case
            when count(ratio) over platform_day >= peer_campaigns
                then {{ median_of('ratio') }} over platform_day
        end as peer_ratio
    from own
    window platform_day as (partition by platform, date)
),

drawn as (
    select
        date,
        platform,
        campaign_id,
        own_days,
        usual_gap_cap,
        (
            own_days * coalesce(own_sessions / nullif(cast(own_clicks as double), 0), 0)
            + gap_prior_days
            * coalesce(other_sessions / nullif(cast(other_clicks as double), 0), peer_ratio, 1)
        ) / (own_days + gap_prior_days) as usual_ratio
    from beside
)

select
    date,
    platform,
    campaign_id,
    cast(own_days as bigint) as own_days,
    case when usual_ratio < 1 - usual_gap_cap then 1 - usual_gap_cap else usual_ratio end
        as usual_ratio
from drawn
