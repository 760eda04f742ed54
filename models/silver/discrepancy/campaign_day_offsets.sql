-- When a campaign's day begins: that of its account, in hours against the reporting day.
select
    ads.campaign_id,
    min(offsets.offset_hours) as offset_hours
from {{ ref('ad_performance') }} as ads
inner join {{ ref('account_day_offsets') }} as offsets
    on
        ads.platform = offsets.platform
        and ads.account_id is not distinct from offsets.account_id
group by ads.campaign_id
