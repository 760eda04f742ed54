-- A check without a rule would be silent: every family that something is observed of has one.
{% for model, suffix in observed_models() %}
select
    observations.check_family,
    observations.scope
from {{ ref(model) }} as observations
left join {{ ref('circuit_breaker') }} as checks
    on
        observations.check_family = checks.check_family
        and observations.scope = checks.scope
where checks.check_family is null
{{ 'union all' if not loop.last }}
{% endfor %}
