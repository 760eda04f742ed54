-- The ten service levels of every date, and how fast each uses up what it may miss. What counts
-- against a budget is events where the indicator is a share of events, else whole days. Dates that
-- have not settled count for nothing; dates with too few events to be judged alone do count.
with units as (
    select
        verdicts.*,
        verdicts.budget_days - 1 as budget_days_before,
        thresholds.burn_days - 1 as burn_days_before,
        thresholds.page_burn_rate,
        thresholds.ticket_burn_rate,
        case
            when verdicts.day_objective is not null then 1 - verdicts.day_objective
            when verdicts.direction = 'at_least' then 1 - verdicts.target
            else verdicts.target
        end as allowed_rate,
        case
            when not verdicts.is_settled then 0
            when verdicts.day_objective is null then verdicts.total_count - verdicts.good_count
            when verdicts.status = 'missed' then 1
            else 0
        end as bad_units,
        case
            when not verdicts.is_settled then 0
            when verdicts.day_objective is null then verdicts.total_count
            when verdicts.status <> 'insufficient_data' then 1
            else 0
        end as all_units
    from {{ ref('service_level_verdicts') }} as verdicts
    cross join {{ ref('thresholds') }} as thresholds
),

summed as (
    select
        *,
        sum(bad_units) over recent as recent_bad_units,
        sum(all_units) over recent as recent_units,
        sum(bad_units) over budget as budget_bad_units,
        sum(all_units) over budget as budget_units
    from units
    window
        recent as (
            partition by sli order by date
            rows between burn_days_before preceding and current row
        ),
        budget as (
            partition by sli order by date
            rows between budget_days_before preceding and current row
        )
),

burnt as (
    select
        *,
        -- A target of one allows nothing: its budget is whole or gone, and nothing burns slowly.
        case
            when budget_units = 0 then null
            when budget_bad_units = 0 then 1
            when allowed_rate = 0 then 0
            else 1 - budget_bad_units / budget_units / allowed_rate
        end as error_budget_share,
        bad_units / nullif(all_units, 0) / nullif(allowed_rate, 0) as burn_rate_1d,
        recent_bad_units / nullif(recent_units, 0) / nullif(allowed_rate, 0) as burn_rate_7d
    from summed
)

select
    sli,
    date,
    direction,
    cast(value as double) as value,
    cast(target as double) as target,
    status,
    good_count,
    total_count,
    budget_days,
    cast(error_budget_share as double) as error_budget_share,
    cast(burn_rate_1d as double) as burn_rate_1d,
    cast(burn_rate_7d as double) as burn_rate_7d,
    case
        when status = 'missed' and allowed_rate = 0 then severity
        when
            status = 'missed'
            and burn_rate_1d >= page_burn_rate
            and burn_rate_7d >= ticket_burn_rate
            then severity
        -- A week of a handful of events burns by chance.
        when
            burn_rate_7d >= ticket_burn_rate
            and (day_objective is not null or recent_units >= minimum_count)
            then 'ticket'
    end as alert,
    severity,
    'docs/runbooks/' || sli || '.md' as runbook
from burnt
