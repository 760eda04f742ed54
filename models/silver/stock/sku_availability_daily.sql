-- How much of a day a product could be bought: of the hours that were observed, so that a gap in
-- the feed is neither stock nor its absence.
select
    date,
    sku_id,
    1 - sum(case when is_out_of_stock then 1 else 0 end)
    / nullif(cast(sum(case when is_observed then 1 else 0 end) as double), 0) as availability_rate,
    cast(sum(case when is_observed then 1 else 0 end) as bigint) as observed_hours,
    cast(sum(case when is_out_of_stock then 1 else 0 end) as bigint) as out_of_stock_hours
from {{ ref('sku_availability_hourly') }}
group by date, sku_id
