-- From the books to the credits: what a day's conversions are worth, what of it channels got, what
-- nobody got, and what is left over, which is nothing.
with credited as (
    select
        {{ business_date('converted_at') }} as date,
        conversion_type,
        attribution_model,
        context_policy,
        {{ exact_sum("case when channel <> 'unattributed' then credit else 0 end") }}
            as attributed_conversions,
        {{ exact_sum("case when channel = 'unattributed' then credit else 0 end") }}
            as unattributed_conversions,
        {{ exact_sum(
            "case when channel <> 'unattributed' then coalesce(attributed_revenue, 0) else 0 end"
        ) }} as attributed_revenue,
        {{ exact_sum(
            "case when channel = 'unattributed' then coalesce(attributed_revenue, 0) else 0 end"
        ) }} as unattributed_revenue
    from {{ ref('attribution_credits') }}
    group by {{ business_date('converted_at') }}, conversion_type, attribution_model, context_policy
),

credit_models as (
    select distinct attribution_model, context_policy from credited
),

statements as (
    select
        days.*,
        credit_models.attribution_model,
        credit_models.context_policy
    from {{ ref('booked_conversions') }} as days
    cross join credit_models
)

select
    statements.date,
    statements.conversion_type,
    statements.attribution_model,
    statements.context_policy,
    statements.booked_revenue,
    statements.order_revenue,
    statements.conversion_count,
    statements.unpriced_count,
    statements.gross_revenue,
    statements.refund_amount,
    statements.net_revenue,
    coalesce(credited.attributed_conversions, 0) as attributed_conversions,
    coalesce(credited.unattributed_conversions, 0) as unattributed_conversions,
    coalesce(credited.attributed_revenue, 0) as attributed_revenue,
    coalesce(credited.unattributed_revenue, 0) as unattributed_revenue,
    statements.unknown_person_count,
    statements.unknown_person_revenue,
    statements.booked_revenue - statements.order_revenue as booking_difference,
    statements.net_revenue - coalesce(credited.attributed_revenue, 0)
    - coalesce(credited.unattributed_revenue, 0) as credit_difference
from statements
left join credited
    on
        statements.date = credited.date
        and statements.conversion_type = credited.conversion_type
        and statements.attribution_model = credited.attribution_model
        and statements.context_policy = credited.context_policy
