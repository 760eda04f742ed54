-- Offline conversions in the reporting currency.
select
    offline.conversion_id,
    offline.customer_id,
    offline.email_hash,
    offline.phone_hash,
    offline.occurred_at,
    offline.conversion_type,
    coalesce(offline.value, 0)
    * case
        when offline.value is null or offline.value = 0 then 1
        else rates.rate_to_reporting
    end as gross_revenue
from {{ ref('offline_conversions') }} as offline
left join {{ ref('exchange_rates') }} as rates
    on
        coalesce(offline.currency, '{{ var("reporting_currency") | upper }}') = rates.currency
        and {{ business_date('offline.occurred_at') }} >= rates.valid_from
        and {{ business_date('offline.occurred_at') }} < rates.valid_to
