-- Identifiers seen together on one event: a login, or an e-mail hash. Only events that allow
-- linking.
with sightings as (
    select *
    from {{ ref('device_sightings') }}
    where may_link and (user_id is not null or email_hash is not null)
),

pairs as (
    {% for type_a, type_b in [
        ('anonymous_id', 'user_id'), ('anonymous_id', 'email_hash'), ('user_id', 'email_hash')
    ] %}
    select
        '{{ type_a }}' as identifier_type_a,
        {{ type_a }} as identifier_a,
        '{{ type_b }}' as identifier_type_b,
        {{ type_b }} as identifier_b,
        first_seen_at,
        last_seen_at
    from sightings
    where {{ type_a }} is not null and {{ type_b }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    identifier_type_a,
    identifier_a,
    identifier_type_b,
    identifier_b,
    min(first_seen_at) as first_observed_at,
    max(last_seen_at) as last_observed_at,
    'clickstream' as evidence_source
from pairs
group by identifier_type_a, identifier_a, identifier_type_b, identifier_b
