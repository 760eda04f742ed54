-- What each channel earned in the last good version: the champion that this build's credits are
-- held against.
select
    credits.channel,
    credits.attribution_model,
    credits.context_policy,
    credits.conversion_type,
    credits.credited_conversions,
    credits.credited_revenue,
    credits.credit_share
from {{ previously('published', 'channel_credits', {
    'channel': 'varchar', 'attribution_model': 'varchar', 'context_policy': 'varchar',
    'conversion_type': 'varchar', 'credited_conversions': 'double', 'credited_revenue': 'double',
    'credit_share': 'double',
}) }} as credits
