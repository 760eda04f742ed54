-- Sessions and transactions per day and source, with the rolling z-score of the conversion rate as
-- everybody writes it, and beside it the verdict of the hourly detector. A source has a row for
-- every day from its first to "now"; the days before, not the day itself, are its history.
with counted as (
    select
        date,
        source,
        count(*) as sessions,
        sum(case when has_transaction then 1 else 0 end) as transactions
    from {{ ref('sessions') }}
    where not is_bot and not is_phantom
    group by date, source
),

sources as (
    select source, min(date) as first_date
    from counted
    group by source
),

dense as (
    select
        days.date,
        sources.source,
        coalesce(counted.sessions, 0) as sessions,
        coalesce(counted.transactions, 0) as transactions,
        cast(counted.transactions as double) / counted.sessions as cvr
    from {{ ref('calendar') }} as days
    inner join sources on days.date >= sources.first_date
    left join counted on days.date = counted.date and sources.source = counted.source
),

rolled as (
    select
        dense.*,
        avg(dense.cvr) over history as moving_avg_cvr,
        stddev_samp(dense.cvr) over history as moving_std_cvr,
        count(dense.cvr) over history as history_count,
        thresholds.history_periods,
        thresholds.outage_z_score
    from dense
    cross join {{ ref('thresholds') }} as thresholds
    window history as (
        partition by dense.source order by dense.date
        rows between thresholds.history_periods preceding and 1 preceding
    )
),

scored as (
    select
        *,
        (cvr - moving_avg_cvr) / nullif(moving_std_cvr, 0) as z_score
    from rolled
)

select
    scored.date,
    scored.source,
    cast(scored.sessions as bigint) as sessions,
    cast(scored.transactions as bigint) as transactions,
    scored.cvr,
    scored.moving_avg_cvr,
    scored.moving_std_cvr,
    scored.z_score,
    case
        when scored.history_count < scored.history_periods then 'INSUFFICIENT_HISTORY'
        when scored.cvr is null then 'INSUFFICIENT_HISTORY'
        when scored.z_score < scored.outage_z_score then 'POTENTIAL_OUTAGE'
        -- A history without spread has no z-score, but whoever falls below it has fallen.
        when scored.moving_std_cvr = 0 and scored.cvr < scored.moving_avg_cvr
            then 'POTENTIAL_OUTAGE'
        else 'NORMAL'
    end as system_health_tag,
    health.expected_transactions,
    health.outage_hours,
    health.system_health_tag as hardened_health_tag
from scored
left join {{ ref('health_days') }} as health
    on scored.date = health.date and scored.source = health.scope
