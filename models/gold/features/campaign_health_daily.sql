-- The state of the shop on a campaign's day: that of the whole shop, or worse, that which the
-- campaign's own touches met.
with touched as (
    select
        {{ business_date('touched_at') }} as date,
        campaign_id,
        avg({{ exact_amount('system_health_score') }}) as system_health_score,
        max(case when system_health_tag = 'POTENTIAL_OUTAGE' then 1 else 0 end) as met_outage
    from {{ ref('touchpoints') }}
    where campaign_id is not null
    group by {{ business_date('touched_at') }}, campaign_id
)

select
    days.date,
    days.campaign_id,
    -- The smaller of the two; one of them where the other is unknown.
    case
        when touched.system_health_score < shop.system_health_score
            then touched.system_health_score
        else coalesce(shop.system_health_score, touched.system_health_score)
    end as system_health_score,
    case
        when touched.met_outage = 1 then 'POTENTIAL_OUTAGE'
        else coalesce(shop.system_health_tag, 'INSUFFICIENT_HISTORY')
    end as system_health_tag
from {{ ref('marketing_performance') }} as days
left join touched on days.date = touched.date and days.campaign_id = touched.campaign_id
left join {{ ref('health_days') }} as shop on shop.scope = 'all' and days.date = shop.date
