-- One row per day × campaign: the costs of the three Google channels, in millionths of the currency. The file has no clicks;
-- the column is required, so it is 0. A day is loaded when it is over.
select
    "day" as segments_date,
    replace(lower(channel), ' ', '_') as campaign_id,
    channel as campaign_name,
    impressions,
    0 as clicks,
    cast(round("cost" * 1000000) as bigint) as cost_micros,
    'USD' as currency_code,
    cast("day" + interval 1 day as timestamp) at time zone 'UTC' as loaded_at
from '{datasets}/cookie_touches/channel_costs_daily.csv'
where channel in ('Online Display', 'Online Video', 'Paid Search')
order by segments_date, campaign_id
