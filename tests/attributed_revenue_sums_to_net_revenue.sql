-- Within conversion, model and policy the attributed revenue is the conversion's net revenue, or
-- unknown where that is.
with attributed as (
    select
        conversion_id,
        conversion_type,
        attribution_model,
        context_policy,
        sum(attributed_revenue) as attributed_revenue,
        count(*) - count(attributed_revenue) as unknown_rows
    from {{ ref('attribution_credits') }}
    group by conversion_id, conversion_type, attribution_model, context_policy
)

select
    attributed.*,
    conversions.net_revenue
from attributed
inner join {{ ref('conversions') }} as conversions
    on
        attributed.conversion_id = conversions.conversion_id
        and attributed.conversion_type = conversions.conversion_type
where
    (conversions.net_revenue is null and attributed.attributed_revenue is not null)
    or (conversions.net_revenue is not null and attributed.unknown_rows > 0)
    or abs(attributed.attributed_revenue - conversions.net_revenue)
    > 1e-9 * greatest(1, abs(conversions.net_revenue))
