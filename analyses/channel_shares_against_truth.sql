-- What each model says of a channel beside what the demo world knows: the share of orders that
-- would not have happened without it. Channels cause orders together, so the true shares are
-- of what the channels cause, and "unattributed" is left out. Show it with
--   dbt show --profiles-dir profiles --select channel_shares_against_truth --limit 100
with truth as (
    select
        channel,
        share as true_share
    from read_parquet('{{ var("raw_dir") }}/../truth/channel_contribution.parquet')
    where share is not null
),

credited as (
    select
        channel,
        attribution_model,
        context_policy,
        credited_conversions / sum(credited_conversions) over (
            partition by attribution_model, context_policy
        ) as credited_share
    from {{ ref('channel_credits') }}
    where conversion_type = 'purchase' and channel <> 'unattributed'
)

select
    credited.attribution_model,
    credited.context_policy,
    truth.channel,
    round(truth.true_share, 4) as true_share,
    round(credited.credited_share, 4) as credited_share,
    round(credited.credited_share - truth.true_share, 4) as error
from truth
inner join credited on truth.channel = credited.channel
order by credited.attribution_model, credited.context_policy, truth.channel
