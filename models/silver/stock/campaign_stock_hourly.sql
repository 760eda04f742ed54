-- How many of a campaign's products were known to be out of stock in an hour. A campaign for the
-- whole shop advertises every product, counted once for all such campaigns.
with shop as (
    select
        hour_at,
        date,
        count(*) as sku_count,
        count(known_stock_quantity) as known_sku_count,
        count(case when known_stock_quantity <= 0 then 1 end) as out_of_stock_sku_count
    from {{ ref('sku_availability_hourly') }}
    group by hour_at, date
),

advertised as (
    select
        campaigns.campaign_id,
        stock.hour_at,
        stock.date,
        count(*) as sku_count,
        count(stock.known_stock_quantity) as known_sku_count,
        count(case when stock.known_stock_quantity <= 0 then 1 end) as out_of_stock_sku_count
    from {{ ref('campaign_skus') }} as campaigns
    inner join {{ ref('sku_availability_hourly') }} as stock
        on
            campaigns.sku_id = stock.sku_id
            and stock.date between campaigns.starts_on and campaigns.ends_on
    group by campaigns.campaign_id, stock.hour_at, stock.date
)

select
    campaign_id,
    hour_at,
    date,
    sku_count,
    known_sku_count,
    out_of_stock_sku_count,
    false as is_whole_shop
from advertised
union all
select
    campaigns.campaign_id,
    shop.hour_at,
    shop.date,
    shop.sku_count,
    shop.known_sku_count,
    shop.out_of_stock_sku_count,
    true as is_whole_shop
from {{ ref('campaign_skus') }} as campaigns
inner join shop on shop.date between campaigns.starts_on and campaigns.ends_on
where campaigns.sku_id is null and campaigns.campaign_sku_count = 0
