-- One row per basket. The source keeps till times as UTC without a zone; revenue is what the retailer received for the
-- lines of the sample. Nothing is cancelled or returned in the file, so every basket is a paid order of one version.
select
    basket_id as order_id,
    household_id as customer_id,
    transaction_timestamp at time zone 'UTC' as ordered_at,
    transaction_timestamp at time zone 'UTC' as updated_at,
    'paid' as status,
    sum(cast(sales_value as decimal(18, 2))) as revenue,
    'USD' as currency,
    'store' as sales_channel
from '{datasets}/complete_journey/transactions_sample.parquet'
group by basket_id, household_id, transaction_timestamp
order by basket_id
