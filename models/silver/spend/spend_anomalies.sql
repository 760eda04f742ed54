-- Is a campaign's cost of a day believable? Compared with what its clicks usually cost, so that a
-- busy day is not an anomaly; the kind is a guess at what went wrong, first match wins.
with priced as (
    select
        costs.*,
        prices.click_price,
        prices.impression_price,
        -- Ads that are always alike are no duplicates: the day must have more rows than usual.
        costs.is_copied
        and costs.impressions >= thresholds.duplicate_impressions
        and costs.row_count > prices.usual_rows as is_duplicate,
        coalesce(markets.market_ratio, 1) * case
            when prices.has_history and costs.clicks >= thresholds.sure_clicks
                then thresholds.cost_ratio
            else thresholds.cost_ratio_unsure
        end as largest_ratio
    from {{ ref('campaign_costs') }} as costs
    cross join {{ ref('thresholds') }} as thresholds
    inner join {{ ref('usual_prices') }} as prices
        on costs.date = prices.date and costs.campaign_id = prices.campaign_id
    left join {{ ref('market_prices') }} as markets
        on costs.date = markets.date and costs.platform = markets.platform
),

expected as (
    select
        *,
        case
            when is_duplicate then spend / 2
            when clicks > 0 then clicks * click_price
            else impressions * impression_price
        end as expected_spend
    from priced
),

compared as (
    select
        *,
        spend / nullif(expected_spend, 0) as spend_ratio,
        ln(nullif(spend, 0) / nullif(expected_spend, 0)) as log_ratio,
        log10(nullif(spend, 0) / nullif(expected_spend, 0)) as exponent
    from expected
),

-- How far the ratio lies from the exchange rate that would explain it best, either way round.
mistaken_rates as (
    select
        compared.date,
        compared.campaign_id,
        min(
            least(
                abs(compared.log_ratio - ln(rates.rate_to_reporting)),
                abs(compared.log_ratio + ln(rates.rate_to_reporting))
            )
        ) as distance
    from compared
    inner join {{ ref('exchange_rates') }} as rates
        on
            compared.date >= rates.valid_from
            and compared.date < rates.valid_to
            and rates.rate_to_reporting > 0
    where compared.log_ratio is not null
    group by compared.date, compared.campaign_id
),

judged as (
    select
        compared.*,
        case
            when compared.spend is null then 'no_exchange_rate'
            when compared.is_duplicate then 'duplicate_export'
            when
                compared.spend = 0 and compared.clicks >= thresholds.free_clicks
                and compared.expected_spend > 0
                then 'zero_spend'
            when compared.log_ratio is null then null
            when abs(compared.log_ratio) <= ln(compared.largest_ratio) then null
            when
                mistaken_rates.distance < thresholds.rate_tolerance
                and mistaken_rates.distance
                < abs(compared.exponent - round(compared.exponent)) * ln(10)
                then 'currency'
            when
                abs(compared.exponent - round(compared.exponent)) < thresholds.unit_tolerance
                or abs(compared.exponent) > thresholds.unit_exponent
                then 'unit'
            else 'unexplained'
        end as anomaly_kind
    from compared
    cross join {{ ref('thresholds') }} as thresholds
    left join mistaken_rates
        on
            compared.date = mistaken_rates.date
            and compared.campaign_id = mistaken_rates.campaign_id
)

select
    date,
    platform,
    campaign_id,
    clicks,
    spend,
    expected_spend,
    spend_ratio,
    anomaly_kind is not null as is_cost_anomaly,
    anomaly_kind
from judged
