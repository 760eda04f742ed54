-- Indicators that are no share of events: a value, what it rests on, and by how much chance alone
-- moves it.
with experiments as (
    select
        calendar.date,
        {{ median_of('abs(agreements.log_ratio)') }} as value,
        count(*) as total_count
    from {{ ref('calendar') }} as calendar
    inner join {{ ref('experiment_agreements') }} as agreements
        on calendar.date >= agreements.ended_on
    group by calendar.date
),

attributed as (
    select {{ business_date('converted_at') }} as date, count(*) as conversion_count
    from {{ ref('journeys') }}
    where journey_status = 'converted' and touch_count > 0
    group by {{ business_date('converted_at') }}
),

unit_costs as (
    select sum(cost_per_million_events) / 1000000 as cost_per_event
    from {{ ref('unit_costs') }}
)

select
    'model_stability' as sli,
    date,
    jsd as value,
    jsd_noise as noise,
    least(conversion_count, conversion_count_before) as total_count
from {{ ref('channel_share_drift') }}
union all
select
    'experiment_agreement' as sli,
    date,
    value,
    0 as noise,
    total_count
from experiments
union all
select
    'cost_per_attributed_conversion' as sli,
    days.date,
    days.delivery_count_so_far * unit_costs.cost_per_event
    / attributed.conversion_count as value,
    0 as noise,
    attributed.conversion_count as total_count
from {{ ref('delivery_days') }} as days
cross join unit_costs
inner join attributed on days.date = attributed.date
