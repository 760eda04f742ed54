-- Hours touched by a major promotion or by the lull that follows it.
select distinct hours.hour_at
from {{ ref('scope_hours') }} as hours
cross join {{ ref('thresholds') }} as thresholds
inner join {{ ref('promo_periods') }} as promos
    on
        promos.tier = 'major'
        and {{ dbt.dateadd('hour', 1, 'hours.hour_at') }} > promos.valid_from
        and hours.hour_at
        < {{ dbt.dateadd('hour', 'thresholds.dip_hours', 'promos.valid_to') }}
where hours.scope = 'all'
