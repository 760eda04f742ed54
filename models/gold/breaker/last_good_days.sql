-- A campaign's days in the last good version, as far as they were over when it was made.
select
    features.date,
    features.campaign_id,
    features.platform,
    features.clicks,
    features.spend,
    features.tracked_sessions,
    features.conversions,
    features.revenue
from {{ previously('published', 'campaign_daily_features', {
    'date': 'date', 'campaign_id': 'varchar', 'platform': 'varchar', 'clicks': 'bigint', 'spend': 'double',
    'tracked_sessions': 'bigint', 'conversions': 'bigint', 'revenue': 'double',
}) }} as features
inner join {{ ref('last_good_version') }} as version
    on features.date < {{ business_date('version.as_of') }}
