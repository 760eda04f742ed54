-- Rates as periods: the latest rate on or before a day rules it, the first one also every day
-- before it. The reporting currency is worth 1. A currency without any rate is not here, and its
-- amounts stay null rather than wrong.
with dated as (
    select
        currency,
        date,
        rate_to_reporting,
        lead(date) over (partition by currency order by date) as next_date,
        row_number() over (partition by currency order by date) as rate_number
    from {{ ref('fx_rates') }}
    where currency <> '{{ var("reporting_currency") | upper }}'
)

select
    currency,
    case when rate_number = 1 then cast('0001-01-01' as date) else date end as valid_from,
    coalesce(next_date, cast('9999-12-31' as date)) as valid_to,
    rate_to_reporting
from dated
union all
select
    '{{ var("reporting_currency") | upper }}' as currency,
    cast('0001-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    1 as rate_to_reporting
