-- What the check of outages observes: the share of the usual business of each day since the last
-- good version that an outage took.
with hours as (
    select
        {{ days_before('hours.hour_at', 'clock.as_of') }} as day_number,
        -- One more, so that an hour in which nobody came at all counts too.
        coalesce(hours.expected_transactions, 0) + 1 as weight,
        hours.expected_transactions,
        case
            when
                hours.system_health_tag = 'POTENTIAL_OUTAGE'
                -- What somebody wrote down was looked at.
                and not exists (
                    select 1 from {{ ref('outages') }} as outages
                    where
                        outages.scope = hours.scope
                        and outages.is_known_incident
                        and hours.hour_at >= outages.started_at
                        and hours.hour_at < outages.ended_at
                )
                -- By what was not sold: the score says nothing of an hour in which nobody tried.
                then 1 - least(
                    coalesce(hours.transactions / nullif(hours.expected_transactions, 0), 0), 1
                )
            else 0
        end as lost_share
    from {{ ref('system_health_hourly') }} as hours
    cross join {{ ref('as_of') }} as clock
    where hours.scope = 'all'
)

select
    'outage_share' as check_family,
    'all' as scope,
    days.day_suffix,
    {{ exact_sum('hours.lost_share * hours.weight') }} / nullif({{ exact_sum('hours.weight') }}, 0)
        as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    count(hours.expected_transactions) as sample_count,
    'share of a day''s usual business that an outage took' as subject
from {{ ref('unaudited_days') }} as days
left join hours on days.day_number = hours.day_number
group by days.day_suffix
