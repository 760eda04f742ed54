-- Sessions and transactions per day and source, with the rolling z-score of the conversion rate. A
-- source has a row for every day from its first to "now"; the days before, not the day itself, are
-- the history it is judged by.
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
        count(dense.cvr) over history as history_periods,
        thresholds.history_periods as needed_periods,
        thresholds.outage_z_score
    from dense
    cross join {{ ref('traffic_thresholds') }} as thresholds
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
    date,
    source,
    cast(sessions as bigint) as sessions,
    cast(transactions as bigint) as transactions,
    cvr,
    moving_avg_cvr,
    moving_std_cvr,
    z_score,
    case
        when history_periods < needed_periods or z_score is null then 'INSUFFICIENT_HISTORY'
        when z_score < outage_z_score then 'POTENTIAL_OUTAGE'
        else 'NORMAL'
    end as system_health_tag
from scored
