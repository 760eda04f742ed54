-- Under every model and policy each conversion gives away exactly one conversion's worth of credit,
-- and none is missing.
with models as (
    select attribution_model from {{ ref('attribution_models') }}
    where is_enabled
    union all
    select 'markov' as attribution_model
    union all
    select 'shapley' as attribution_model
),

policies as (
    select 'naive' as context_policy
    union all
    select 'context_aware' as context_policy
),

expected as (
    select
        conversions.conversion_id,
        conversions.conversion_type,
        models.attribution_model,
        policies.context_policy
    from {{ ref('conversions') }} as conversions
    cross join models
    cross join policies
),

credited as (
    select
        conversion_id,
        conversion_type,
        attribution_model,
        context_policy,
        sum(credit) as credit
    from {{ ref('attribution_credits') }}
    group by conversion_id, conversion_type, attribution_model, context_policy
)

select
    expected.*,
    credited.conversion_id as credited_conversion_id,
    credited.credit
from expected
full outer join credited
    on
        expected.conversion_id = credited.conversion_id
        and expected.conversion_type = credited.conversion_type
        and expected.attribution_model = credited.attribution_model
        and expected.context_policy = credited.context_policy
where expected.conversion_id is null or abs(coalesce(credited.credit, 0) - 1) > 1e-9
