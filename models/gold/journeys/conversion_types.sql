-- The kinds of conversion this shop has; purchases always.
select distinct conversion_type from {{ ref('conversions') }}
union
select 'purchase' as conversion_type
