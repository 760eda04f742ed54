with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_holdout_results') }} as landed
    cross join clock
    where {{ quarantine_reason('experiments', 'holdout_results') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    experiment_id,
    channel,
    started_on,
    ended_on,
    treated_users,
    treated_conversions,
    control_users,
    control_conversions
from ranked
where version_rank = 1
