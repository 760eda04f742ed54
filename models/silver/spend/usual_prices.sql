-- What a click, or an impression, of a campaign usually costs: the median of the days before, else
-- that of its platform. A median does not move for one wrong day.
with priced as (
    select
        date,
        platform,
        campaign_id,
        row_count,
        case when spend > 0 then spend / nullif(clicks, 0) end as click_price,
        case when spend > 0 then spend / nullif(impressions, 0) end as impression_price
    from {{ ref('campaign_costs') }}
),

own as (
    select
        priced.*,
        thresholds.price_history_days,
        count(priced.click_price) over days_before as priced_days,
        {{ median_of('priced.row_count') }} over days_before as usual_row_count,
        {{ median_of('priced.click_price') }} over days_before as own_click_price,
        {{ median_of('priced.impression_price') }} over days_before as own_impression_price
    from priced
    cross join {{ ref('thresholds') }} as thresholds
    window days_before as (
        partition by priced.campaign_id order by priced.date
        rows between thresholds.price_days preceding and 1 preceding
    )
),

platform_days as (
    select platform, date, {{ median_of('click_price') }} as click_price
    from priced
    group by platform, date
),

platforms as (
    select
        days.platform,
        days.date,
        {{ median_of('days.click_price') }} over (
            partition by days.platform order by days.date
            rows between thresholds.price_days preceding and 1 preceding
        ) as click_price
    from platform_days as days
    cross join {{ ref('thresholds') }} as thresholds
)

select
    own.date,
    own.campaign_id,
    own.priced_days >= own.price_history_days as has_history,
    own.usual_row_count as usual_rows,
    case
        when own.priced_days >= own.price_history_days then own.own_click_price
        else platforms.click_price
    end as click_price,
    case when own.priced_days >= own.price_history_days then own.own_impression_price end
        as impression_price
from own
left join platforms on own.platform = platforms.platform and own.date = platforms.date
