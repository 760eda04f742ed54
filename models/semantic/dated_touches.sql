-- Touches with their business day.
select
    touchpoint_id,
    {{ business_date('touched_at') }} as date,
    interaction_type,
    channel,
    campaign_id,
    sku_id,
    is_out_of_stock,
    is_major_promo,
    system_health_tag,
    data_quality_flag
from {{ ref('touchpoints') }}
