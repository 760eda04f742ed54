-- What the check of exchange rates observes: the rate of each currency that rules "now". Rates
-- upside down, or of another unit, change every amount a little and no count at all.
select
    'exchange_rate' as check_family,
    rates.currency as scope,
    cast(rates.rate_to_reporting as double) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    cast(1 as bigint) as sample_count,
    'rate of ' || rates.currency || ', beside the last good version' as subject
from {{ ref('exchange_rates') }} as rates
cross join {{ ref('as_of') }} as clock
where
    {{ business_date('clock.as_of') }} >= rates.valid_from
    and {{ business_date('clock.as_of') }} < rates.valid_to
