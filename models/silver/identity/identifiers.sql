-- Every identifier silver may use, numbered oldest first: the number is the vertex of the identity
-- graph, and the smallest number of a person gives the person its id, so that evidence that comes
-- later does not change it.
with sightings as (
    {% for type in ['anonymous_id', 'user_id', 'email_hash'] %}
    select
        '{{ type }}' as identifier_type,
        {{ type }} as identifier_value,
        first_seen_at,
        last_seen_at
    from {{ ref('device_sightings') }}
    where {{ type }} is not null
    union all
    {% endfor %}
    {% for type, relation, seen_at in [
        ('customer_id', ref('orders'), 'ordered_at'),
        ('email_hash', ref('orders'), 'ordered_at'),
        ('anonymous_id', ref('orders'), 'ordered_at'),
        ('customer_id', ref('customers'), 'created_at'),
        ('email_hash', ref('customers'), 'created_at'),
        ('phone_hash', ref('customers'), 'created_at'),
        ('customer_id', ref('offline_conversions'), 'occurred_at'),
        ('email_hash', ref('offline_conversions'), 'occurred_at'),
        ('phone_hash', ref('offline_conversions'), 'occurred_at'),
    ] %}
    select
        '{{ type }}' as identifier_type,
        {{ type }} as identifier_value,
        {{ seen_at }} as first_seen_at,
        {{ seen_at }} as last_seen_at
    from {{ relation }}
    where {{ type }} is not null
    union all
    {% endfor %}
    {% for side in ['a', 'b'] %}
    select
        identifier_type_{{ side }} as identifier_type,
        identifier_{{ side }} as identifier_value,
        first_observed_at as first_seen_at,
        first_observed_at as last_seen_at
    from {{ ref('identity_evidence') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

seen as (
    select
        identifier_type,
        identifier_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from sightings
    group by identifier_type, identifier_value
)

select
    row_number() over (
        order by first_seen_at asc nulls last, identifier_type asc, identifier_value asc
    ) as vertex,
    identifier_type,
    identifier_value,
    first_seen_at,
    last_seen_at
from seen
