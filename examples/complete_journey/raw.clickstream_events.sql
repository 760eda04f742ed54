-- One row per mailing (campaign × household): a paper advertisement that was delivered, hence an impression, on the morning
-- its coupons become valid. Nobody browses here, so the household stands in for the cookie.
-- Coupon redemptions are left out on purpose: they happen at the till, inside the basket they would explain.
select
    'mailing-' || mailings.campaign_id || '-' || mailings.household_id as event_id,
    cast(campaigns.start_date as timestamp) at time zone 'America/New_York' as event_ts,
    'ad_impression' as event_name,
    'household-' || mailings.household_id as anonymous_id,
    mailings.household_id as user_id,
    'retailer' as utm_source,
    'direct_mail' as utm_medium,
    mailings.campaign_id as utm_campaign
from '{datasets}/complete_journey/campaigns.parquet' as mailings
inner join '{datasets}/complete_journey/campaign_descriptions.parquet' as campaigns using (campaign_id)
order by event_id
