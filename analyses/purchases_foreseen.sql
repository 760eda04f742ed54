-- A training set: every purchase with what was known of its buyer a day before. Nothing of the
-- purchase itself is in it, and nothing that the store learnt later. Show it with
--   dbt show --profiles-dir profiles --select purchases_foreseen --limit 20
with spine as (
    select
        conversion_id,
        person_id,
        net_revenue as label,
        {{ dbt.dateadd('day', -1, 'converted_at') }} as asked_at
    from {{ ref('conversions') }}
    where conversion_type = 'purchase'
)

select * from {{ features_as_known('person_features', 'spine') }} as known
order by asked_at, conversion_id
