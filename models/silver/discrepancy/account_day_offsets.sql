-- When an ad account's day begins, in hours against the reporting day. Of all offsets in use on
-- earth the one is taken under which clicks and sessions agree best from day to day, but only if it
-- explains much more than the reporting day does.
with accounts as (
    select platform, account_id, campaign_id
    from {{ ref('ad_performance') }}
    group by platform, account_id, campaign_id
),

visited as (
    select
        accounts.platform,
        accounts.account_id,
        {{ dbt.date_trunc('hour', 'sessions.started_at') }} as hour_at,
        count(*) as sessions
    from {{ ref('sessions') }} as sessions
    inner join accounts on sessions.campaign_id = accounts.campaign_id
    where sessions.visitor_tag in ('PERSON', 'RELOAD_STORM')
    group by
        accounts.platform,
        accounts.account_id,
        {{ dbt.date_trunc('hour', 'sessions.started_at') }}
),

shifted as (
    select
        visited.platform,
        visited.account_id,
        offsets.offset_hours,
        {{ business_date(dbt.dateadd('hour', 'offsets.offset_hours', 'visited.hour_at')) }} as date,
        sum(visited.sessions) as sessions
    from visited
    cross join {{ ref('utc_offsets') }} as offsets
    group by
        visited.platform,
        visited.account_id,
        offsets.offset_hours,
        {{ business_date(dbt.dateadd('hour', 'offsets.offset_hours', 'visited.hour_at')) }}
),

clicked as (
    select platform, account_id, date, sum(clicks) as clicks
    from {{ ref('ad_performance') }}
    group by platform, account_id, date
    having sum(clicks) > 0
),

compared as (
    select
        shifted.*,
        clicked.clicks,
        {{ median_of('shifted.sessions / cast(clicked.clicks as double)') }} over (
            partition by shifted.platform, shifted.account_id, shifted.offset_hours
        ) as usual_ratio
    from shifted
    inner join clicked
        on
            shifted.platform = clicked.platform
            and shifted.account_id is not distinct from clicked.account_id
            and shifted.date = clicked.date
),

rated as (
    select
        platform,
        account_id,
        offset_hours,
        count(*) as day_count,
        {{ median_of(
            'abs(sessions - usual_ratio * clicks) / nullif(sqrt(usual_ratio * clicks), 0)'
        ) }} as difference
    from compared
    group by platform, account_id, offset_hours
),

ranked as (
    select
        *,
        max(case when offset_hours = 0 then difference end) over account as difference_unshifted,
        row_number() over (
            partition by platform, account_id
            order by difference, abs(offset_hours), offset_hours
        ) as offset_rank
    from rated
    window account as (partition by platform, account_id)
)

select
    ranked.platform,
    ranked.account_id,
    ranked.day_count,
    ranked.difference,
    ranked.difference_unshifted,
    case
        when
            ranked.day_count >= thresholds.offset_days
            and ranked.difference < thresholds.offset_gain * ranked.difference_unshifted
            then cast(ranked.offset_hours as bigint)
        else 0
    end as offset_hours
from ranked
cross join {{ ref('thresholds') }} as thresholds
where ranked.offset_rank = 1
