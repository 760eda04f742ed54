-- Availability of a campaign's products on a day: the plain average over products, and the average
-- over the sessions it brought, each with the product that session was about.
with hours as (
    select
        campaign_id,
        date,
        count(
            case
                when is_whole_shop and out_of_stock_sku_count = sku_count then 1
                when not is_whole_shop and out_of_stock_sku_count > 0 then 1
            end
        ) as out_of_stock_hours,
        count(case when known_sku_count > 0 then 1 end) as known_hours
    from {{ ref('campaign_stock_hourly') }}
    group by campaign_id, date
),

shop as (
    select date, avg({{ exact_amount('availability_rate') }}) as avg_sku_availability
    from {{ ref('sku_availability_daily') }}
    group by date
),

plain as (
    select
        campaigns.campaign_id,
        daily.date,
        avg({{ exact_amount('daily.availability_rate') }}) as avg_sku_availability
    from {{ ref('campaign_skus') }} as campaigns
    inner join {{ ref('sku_availability_daily') }} as daily
        on
            campaigns.sku_id = daily.sku_id
            and daily.date between campaigns.starts_on and campaigns.ends_on
    group by campaigns.campaign_id, daily.date
),

visited as (
    select
        sessions.campaign_id,
        sessions.date,
        avg({{ exact_amount('daily.availability_rate') }}) as traffic_weighted_availability
    from {{ ref('sessions') }} as sessions
    inner join {{ ref('sku_availability_daily') }} as daily
        on sessions.date = daily.date and sessions.sku_id = daily.sku_id
    left join {{ ref('campaign_skus') }} as campaigns
        on
            sessions.campaign_id = campaigns.campaign_id
            and sessions.sku_id = campaigns.sku_id
            and sessions.date between campaigns.starts_on and campaigns.ends_on
    left join {{ ref('campaign_skus') }} as whole_shop
        on
            sessions.campaign_id = whole_shop.campaign_id
            and whole_shop.campaign_sku_count = 0
            and sessions.date between whole_shop.starts_on and whole_shop.ends_on
    where
        not sessions.is_bot and not sessions.is_phantom
        and (campaigns.campaign_id is not null or whole_shop.campaign_id is not null)
    group by sessions.campaign_id, sessions.date
)

select
    hours.campaign_id,
    hours.date,
    coalesce(plain.avg_sku_availability, shop.avg_sku_availability) as avg_sku_availability,
    coalesce(
        visited.traffic_weighted_availability,
        plain.avg_sku_availability,
        shop.avg_sku_availability
    ) as traffic_weighted_availability,
    case when hours.known_hours > 0 then hours.out_of_stock_hours > 0 end as is_out_of_stock,
    case when hours.known_hours > 0 then hours.out_of_stock_hours end as out_of_stock_hours
from hours
left join plain on hours.campaign_id = plain.campaign_id and hours.date = plain.date
left join shop on hours.date = shop.date
left join visited on hours.campaign_id = visited.campaign_id and hours.date = visited.date
