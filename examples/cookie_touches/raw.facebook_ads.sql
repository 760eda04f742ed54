-- One row per day × campaign: the costs of the two Meta channels. The file has no clicks; the column is required, so it is 0.
-- A day is loaded when it is over.
select
    "day" as date,
    lower(channel) as campaign_id,
    channel as campaign_name,
    impressions,
    0 as clicks,
    cast("cost" as decimal(18, 6)) as spend,
    'USD' as currency,
    cast("day" + interval 1 day as timestamp) at time zone 'UTC' as loaded_at
from '{datasets}/cookie_touches/channel_costs_daily.csv'
where channel in ('Facebook', 'Instagram')
order by date, campaign_id
