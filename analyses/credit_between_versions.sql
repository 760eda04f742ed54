-- How channels' shares of the credit differ between two published versions: var from_version is an
-- id of published.versions, var to_version another or `current`.
select
    coalesce(later.channel, earlier.channel) as channel,
    coalesce(later.attribution_model, earlier.attribution_model) as attribution_model,
    coalesce(later.context_policy, earlier.context_policy) as context_policy,
    coalesce(later.conversion_type, earlier.conversion_type) as conversion_type,
    earlier.credit_share as earlier_credit_share,
    later.credit_share as later_credit_share,
    coalesce(later.credit_share, 0) - coalesce(earlier.credit_share, 0) as moved_share
from {{ published_version('channel_credits', var('from_version', 'current')) }} as earlier
full outer join
    {{ published_version('channel_credits', var('to_version', 'current')) }} as later
    on
        earlier.channel = later.channel
        and earlier.attribution_model = later.attribution_model
        and earlier.context_policy = later.context_policy
        and earlier.conversion_type = later.conversion_type
order by abs(coalesce(later.credit_share, 0) - coalesce(earlier.credit_share, 0)) desc
