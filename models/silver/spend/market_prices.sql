-- How much dearer clicks were on a platform's day than usual for everybody else: the calmest of the
-- other platforms, so that a rush of the whole market is no anomaly and one platform's bug is.
with ratios as (
    select
        costs.date,
        costs.platform,
        costs.spend / nullif(costs.clicks * prices.click_price, 0) as price_ratio
    from {{ ref('campaign_costs') }} as costs
    inner join {{ ref('usual_prices') }} as prices
        on costs.date = prices.date and costs.campaign_id = prices.campaign_id
    where costs.clicks > 0 and prices.has_history
),

platform_days as (
    select
        date,
        platform,
        count(price_ratio) as campaign_count,
        {{ median_of('price_ratio') }} as price_ratio
    from ratios
    group by date, platform
),

beside as (
    select
        days.date,
        days.platform,
        thresholds.market_ratio_cap,
        min(others.price_ratio) as market_ratio
    from platform_days as days
    cross join {{ ref('thresholds') }} as thresholds
    inner join platform_days as others
        on
            days.date = others.date
            and days.platform <> others.platform
            and thresholds.peer_campaigns <= others.campaign_count
    group by days.date, days.platform, thresholds.market_ratio_cap
)

select
    date,
    platform,
    case
        when market_ratio < 1 then 1
        when market_ratio > market_ratio_cap then market_ratio_cap
        else market_ratio
    end as market_ratio
from beside
