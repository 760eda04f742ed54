-- One row per campaign × advertised product. A product can carry several coupons of one campaign, and the source repeats
-- 4,872 coupon rows: distinct comes before the join, so neither multiplies anything.
with advertised as (
    select distinct campaign_id, product_id
    from '{datasets}/complete_journey/coupons.parquet'
)

select
    campaign_id,
    'mail' as platform,
    campaigns.campaign_type || ' mailing ' || campaign_id as campaign_name,
    'mail_' || replace(lower(campaigns.campaign_type), ' ', '_') as channel,
    advertised.product_id as sku_id,
    campaigns.start_date as starts_on,
    campaigns.end_date as ends_on
from advertised
inner join '{datasets}/complete_journey/campaign_descriptions.parquet' as campaigns using (campaign_id)
order by campaign_id, sku_id
