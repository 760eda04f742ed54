-- What an experiment says a channel caused among the people who could meet it.
select
    experiment_id,
    channel,
    started_on,
    ended_on,
    treated_conversions
    - control_conversions * treated_users / nullif(control_users, 0) as lift_conversions
from {{ ref('holdout_results') }}
