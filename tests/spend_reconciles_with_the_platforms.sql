-- What the campaigns of a platform cost in gold is what the platform reported in bronze, in the
-- reporting currency.
with reported as (
    select
        'facebook' as platform,
        date,
        currency,
        spend
    from {{ ref('facebook_ads') }}
    union all
    select
        'google' as platform,
        date,
        currency,
        spend
    from {{ ref('google_ads') }}
    union all
    select
        'tiktok' as platform,
        date,
        currency,
        spend
    from {{ ref('tiktok_ads') }}
),

converted as (
    select
        reported.platform,
        sum(reported.spend * rates.rate_to_reporting) as spend
    from reported
    left join {{ ref('exchange_rates') }} as rates
        on
            reported.currency = rates.currency
            and reported.date >= rates.valid_from
            and reported.date < rates.valid_to
    group by reported.platform
),

published as (
    select
        platform,
        sum(spend) as spend
    from {{ ref('campaign_daily_features') }}
    group by platform
    having sum(spend) is not null
)

select
    converted.platform,
    converted.spend,
    published.platform as published_platform,
    published.spend as published_spend
from converted
full outer join published on converted.platform = published.platform
where
    abs(coalesce(converted.spend, 0) - coalesce(published.spend, 0))
    > 1e-9 * greatest(1, converted.spend)
