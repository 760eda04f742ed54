-- Every identifier silver may use, numbered oldest first: the number is the vertex of the identity
-- graph, and the smallest number of a person gives the person its id, so that evidence that comes
-- later does not change it.
with sightings as (
    select 'anonymous_id' as identifier_type, anonymous_id as identifier_value, occurred_at as seen_at
    from {{ ref('consented_events') }}
    union all
    select 'user_id', user_id, occurred_at from {{ ref('consented_events') }}
    where user_id is not null
    union all
    select 'email_hash', email_hash, occurred_at from {{ ref('consented_events') }}
    where email_hash is not null
    union all
    select 'customer_id', customer_id, ordered_at from {{ ref('orders') }}
    where customer_id is not null
    union all
    select 'email_hash', email_hash, ordered_at from {{ ref('orders') }}
    where email_hash is not null
    union all
    select 'anonymous_id', anonymous_id, ordered_at from {{ ref('orders') }}
    where anonymous_id is not null
    union all
    select 'customer_id', customer_id, created_at from {{ ref('customers') }}
    union all
    select 'email_hash', email_hash, created_at from {{ ref('customers') }}
    where email_hash is not null
    union all
    select 'phone_hash', phone_hash, created_at from {{ ref('customers') }}
    where phone_hash is not null
    union all
    select 'customer_id', customer_id, occurred_at from {{ ref('offline_conversions') }}
    where customer_id is not null
    union all
    select 'email_hash', email_hash, occurred_at from {{ ref('offline_conversions') }}
    where email_hash is not null
    union all
    select 'phone_hash', phone_hash, occurred_at from {{ ref('offline_conversions') }}
    where phone_hash is not null
    union all
    select identifier_type_a, identifier_a, first_observed_at from {{ ref('identity_evidence') }}
    union all
    select identifier_type_b, identifier_b, first_observed_at from {{ ref('identity_evidence') }}
),

seen as (
    select identifier_type, identifier_value, min(seen_at) as first_seen_at, max(seen_at) as last_seen_at
    from sightings
    group by identifier_type, identifier_value
)

select
    row_number() over (order by first_seen_at asc nulls last, identifier_type ASC, identifier_value ASC) as vertex,
    identifier_type,
    identifier_value,
    first_seen_at,
    last_seen_at
from seen
