-- What a campaign advertises and when; no product means the whole shop.
select
    config.campaign_id,
    config.sku_id,
    min(coalesce(config.starts_on, cast('0001-01-01' as date))) as starts_on,
    max(coalesce(config.ends_on, cast('9999-12-31' as date))) as ends_on,
    count(config.sku_id) over (partition by config.campaign_id) as campaign_sku_count
from {{ ref('campaign_config') }} as config
group by config.campaign_id, config.sku_id
