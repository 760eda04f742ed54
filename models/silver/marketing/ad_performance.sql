-- The three platforms in one shape and one currency, one row per row that stands.
with ads as (
    {% for platform in ['facebook', 'google', 'tiktok'] %}
    select
        '{{ platform }}' as platform,
        date,
        account_id,
        campaign_id,
        campaign_name,
        ad_id,
        currency,
        impressions,
        clicks,
        spend,
        platform_conversions,
        platform_conversion_value
    from {{ ref(platform ~ '_ads') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    ads.date,
    ads.platform,
    ads.account_id,
    ads.campaign_id,
    ads.campaign_name,
    ads.ad_id,
    ads.impressions,
    ads.clicks,
    ads.spend * rates.rate_to_reporting as spend,
    ads.platform_conversions,
    ads.platform_conversion_value * rates.rate_to_reporting as platform_conversion_value
from ads
left join {{ ref('exchange_rates') }} as rates
    on ads.currency = rates.currency and ads.date >= rates.valid_from and ads.date < rates.valid_to
