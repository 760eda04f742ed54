-- A campaign's clicks as its platform counts them, beside the sessions the shop saw arrive from it
-- in the platform's own day.
with clicked as (
    select date, campaign_id, min(account_id) as account_id, sum(clicks) as platform_clicks
    from {{ ref('ad_performance') }}
    group by date, campaign_id
),

visited as (
    select
        sessions.campaign_id,
        {{ business_date(
            dbt.dateadd('hour', 'coalesce(offsets.offset_hours, 0)', 'sessions.started_at')
        ) }} as date,
        count(*) as tracked_sessions
    from {{ ref('sessions') }} as sessions
    left join {{ ref('campaign_day_offsets') }} as offsets
        on sessions.campaign_id = offsets.campaign_id
    -- Whoever reloads a page that does not answer has arrived all the same.
    where
        sessions.campaign_id is not null
        and sessions.visitor_tag in ('PERSON', 'RELOAD_STORM')
    group by
        sessions.campaign_id,
        {{ business_date(
            dbt.dateadd('hour', 'coalesce(offsets.offset_hours, 0)', 'sessions.started_at')
        ) }}
),

days as (
    select date, campaign_id from clicked
    union
    select date, campaign_id from visited
),

span as (
    select min(sessions.started_at) as first_at, max(clock.as_of) as last_at
    from {{ ref('sessions') }} as sessions
    cross join {{ ref('as_of') }} as clock
)

select
    days.date,
    campaigns.platform,
    days.campaign_id,
    cast(clicked.platform_clicks as bigint) as platform_clicks,
    coalesce(visited.tracked_sessions, 0) as tracked_sessions,
    -- Of a shifted day at either end of the record only a part of the sessions is on record.
    coalesce(
        offsets.offset_hours <> 0
        and (
            days.date
            <= {{ business_date(dbt.dateadd('hour', 'offsets.offset_hours', 'span.first_at')) }}
            or days.date
            >= {{ business_date(dbt.dateadd('hour', 'offsets.offset_hours', 'span.last_at')) }}
        ),
        false
    ) as is_cut_off
from days
cross join span
inner join {{ ref('campaigns') }} as campaigns on days.campaign_id = campaigns.campaign_id
left join {{ ref('campaign_day_offsets') }} as offsets on days.campaign_id = offsets.campaign_id
left join clicked on days.date = clicked.date and days.campaign_id = clicked.campaign_id
left join visited on days.date = visited.date and days.campaign_id = visited.campaign_id
