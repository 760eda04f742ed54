-- How far a campaign's sessions lie from what its clicks usually become, against what counting and
-- the platform's own unrest explain.
with measured as (
    select
        clicks.date,
        clicks.platform,
        clicks.campaign_id,
        clicks.platform_clicks,
        clicks.tracked_sessions,
        clicks.is_suspect,
        gaps.own_days,
        gaps.usual_ratio,
        thresholds.gap_spread,
        -- While days of its own are few, the campaign may differ from its platform.
        thresholds.usual_gap_spread * thresholds.gap_prior_days
        / (gaps.own_days + thresholds.gap_prior_days) as baseline_spread,
        thresholds.dispersion_cap,
        thresholds.usual_gap_days,
        ln(
            (clicks.tracked_sessions + 0.5) / ((clicks.platform_clicks + 0.5) * gaps.usual_ratio)
        ) as log_ratio,
        (
            case when gaps.usual_ratio < 1 then 1 - gaps.usual_ratio else 0 end
            + thresholds.gap_slack
        ) / (clicks.platform_clicks * gaps.usual_ratio) as counting_variance
    from {{ ref('suspect_gaps') }} as clicks
    cross join {{ ref('thresholds') }} as thresholds
    inner join {{ ref('usual_gaps') }} as gaps
        on clicks.date = gaps.date and clicks.campaign_id = gaps.campaign_id
),

squared as (
    select
        *,
        case
            when is_suspect then null
            when log_ratio * log_ratio > dispersion_cap * counting_variance then dispersion_cap
            else log_ratio * log_ratio / counting_variance
        end as square
    from measured
),

platform_days as (
    select
        platform,
        date,
        usual_gap_days,
        {{ exact_sum('square') }} as squares,
        count(square) as square_count
    from squared
    group by platform, date, usual_gap_days
),

unrest as (
    select
        platform,
        date,
        sum(squares) over weeks_before
        / nullif(sum(square_count) over weeks_before, 0) as dispersion
    from platform_days
    window weeks_before as (
        partition by platform order by date
        rows between usual_gap_days preceding and 1 preceding
    )
),

spread as (
    select
        squared.*,
        squared.counting_variance * greatest(coalesce(unrest.dispersion, 1), 1)
        + squared.gap_spread * squared.gap_spread
        + squared.baseline_spread * squared.baseline_spread as log_variance
    from squared
    left join unrest on squared.platform = unrest.platform and squared.date = unrest.date
)

select
    date,
    platform,
    campaign_id,
    platform_clicks,
    tracked_sessions,
    own_days,
    usual_ratio,
    platform_clicks * usual_ratio as expected_sessions,
    1 - exp(log_ratio) as unusual_loss_rate,
    log_variance,
    log_ratio / sqrt(log_variance) as z_score
from spread
