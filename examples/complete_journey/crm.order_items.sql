-- One row per basket line (basket × product is unique). The 416 lines of quantity zero, half of them coupon slips, carry no
-- money: they stay, at a unit price of zero, so that lines and revenue both add up to the source.
select
    basket_id as order_id,
    product_id as sku_id,
    quantity,
    coalesce(sales_value / nullif(quantity, 0), 0) as unit_price
from '{datasets}/complete_journey/transactions_sample.parquet'
order by basket_id, product_id
