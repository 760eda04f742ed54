-- Whether what a visit was about could be bought at that second: the product it arrived at, else
-- the only one its campaign advertises, else the first it looked at. Of a campaign with several, it
-- is certain only where all or none are out.
with only_skus as (
    select campaign_id, sku_id, starts_on, ends_on
    from {{ ref('campaign_skus') }}
    where campaign_sku_count = 1 and sku_id is not null
),

concerned as (
    select
        visits.visit_key,
        visits.visited_at,
        sources.campaign_id,
        coalesce(visits.landing_sku_id, only_skus.sku_id, visits.sku_id) as sku_id
    from {{ ref('visits') }} as visits
    inner join {{ ref('visit_sources') }} as sources on visits.visit_key = sources.visit_key
    left join only_skus
        on
            sources.campaign_id = only_skus.campaign_id
            and {{ business_date('visits.visited_at') }}
            between only_skus.starts_on and only_skus.ends_on
)

select
    concerned.visit_key,
    concerned.sku_id,
    case
        when concerned.sku_id is not null then periods.is_out_of_stock
        when advertised.out_of_stock_sku_count = advertised.sku_count then true
        when
            advertised.out_of_stock_sku_count = 0
            and advertised.known_sku_count = advertised.sku_count
            then false
    end as is_out_of_stock
from concerned
left join {{ ref('stock_periods') }} as periods
    on
        concerned.sku_id = periods.sku_id
        and concerned.visited_at >= periods.valid_from
        and concerned.visited_at < periods.valid_to
left join {{ ref('campaign_stock_hourly') }} as advertised
    on
        -- A condition on one side alone would make this a comparison of each with each.
        case when concerned.sku_id is null then concerned.campaign_id end = advertised.campaign_id
        and {{ dbt.date_trunc('hour', 'concerned.visited_at') }} = advertised.hour_at
where concerned.sku_id is not null or concerned.campaign_id is not null
