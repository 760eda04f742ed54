-- Champion and candidate side by side: what each channel earns in the version that consumers read,
-- and what it would earn in this build's, were it published.
with champion as (
    select
        shares.*,
        version.version_id
    from {{ ref('last_good_shares') }} as shares
    cross join {{ ref('last_good_version') }} as version
),

-- What the champion tells of: there a channel that is new earned nothing, while a model that is
-- new has no champion.
known as (
    select distinct
        attribution_model,
        context_policy,
        conversion_type
    from champion
)

select
    coalesce(candidate.channel, champion.channel) as channel,
    coalesce(candidate.attribution_model, champion.attribution_model) as attribution_model,
    coalesce(candidate.context_policy, champion.context_policy) as context_policy,
    coalesce(candidate.conversion_type, champion.conversion_type) as conversion_type,
    champion.version_id as champion_version_id,
    champion.credited_conversions as champion_conversions,
    candidate.credited_conversions as candidate_conversions,
    champion.credited_revenue as champion_revenue,
    candidate.credited_revenue as candidate_revenue,
    champion.credit_share as champion_credit_share,
    candidate.credit_share as candidate_credit_share,
    coalesce(candidate.credit_share, 0)
    - coalesce(champion.credit_share, case when known.attribution_model is not null then 0 end)
        as moved_share
from {{ ref('channel_credits') }} as candidate
full outer join champion
    on
        candidate.channel = champion.channel
        and candidate.attribution_model = champion.attribution_model
        and candidate.context_policy = champion.context_policy
        and candidate.conversion_type = champion.conversion_type
left join known
    on
        candidate.attribution_model = known.attribution_model
        and candidate.context_policy = known.context_policy
        and candidate.conversion_type = known.conversion_type
