-- What each model says of a channel beside what the demo world knows: the share of orders that
-- would not have happened without it. Channels cause orders together, so the true shares are
-- of what the channels cause, and "unattributed" is left out. Error: above zero, the channel is
-- given more than it caused; misplaced share: credit of the model and policy that stands with the
-- wrong channel. Rules and set-based Shapley do not know a policy: their difference is nothing.
-- Show it with
--   dbt show --profiles-dir profiles --select channel_shares_against_truth --limit 200
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
),

compared as (
    select
        credited.attribution_model,
        credited.context_policy,
        truth.channel,
        truth.true_share,
        credited.credited_share,
        naive.credited_share as naive_share
    from truth
    inner join credited on truth.channel = credited.channel
    inner join credited as naive
        on
            credited.attribution_model = naive.attribution_model
            and credited.channel = naive.channel
            and naive.context_policy = 'naive'
)

select
    attribution_model,
    context_policy,
    channel,
    round(true_share, 4) as true_share,
    round(credited_share, 4) as credited_share,
    round(credited_share - true_share, 4) as error,
    round(credited_share - naive_share, 4) as difference_to_naive,
    round(
        sum(abs(credited_share - true_share)) over (
            partition by attribution_model, context_policy
        ) / 2, 4
    ) as misplaced_share
from compared
order by attribution_model, context_policy, channel
