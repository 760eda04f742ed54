-- What the checks of this build observe, each beside what it is compared with and the rule that
-- judges it: that of its own scope, or else that of its family.
with observations as (
    {% for model, suffix in observed_models() %}
    select
        check_family,
        scope,
        cast({{ suffix }} as {{ dbt.type_string() }}) as day_suffix,
        observed,
        usual,
        noise,
        sample_count,
        subject
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

named as (
    select
        *,
        check_family || case scope when 'all' then '' else '.' || scope end as base_name
    from observations
)

select
    named.base_name || coalesce(named.day_suffix, '') as check_name,
    named.base_name,
    named.check_family,
    named.scope,
    named.observed,
    case rules.baseline
        when 'usual' then named.usual
        when 'last_good' then last_good.observed
        when 'either' then coalesce(last_good.observed, named.usual)
    end as baseline,
    named.noise,
    named.sample_count,
    named.subject,
    rules.measure,
    rules.warn_at as warn_above,
    rules.trip_at as trip_above,
    cast(rules.minimum_sample as bigint) as minimum_sample,
    rules.severity,
    rules.may_be_overridden,
    'docs/runbooks/' || rules.runbook || '.md' as runbook
from named
left join {{ ref('breaker_checks') }} as own_rules
    on named.check_family = own_rules.check_family and named.scope = own_rules.scope
inner join {{ ref('breaker_checks') }} as rules
    on
        named.check_family = rules.check_family
        and rules.scope = coalesce(own_rules.scope, '*')
left join {{ ref('last_good_checks') }} as last_good on named.base_name = last_good.check_name
