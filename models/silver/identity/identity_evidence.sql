-- Every pair of identifiers that belongs together, and what was seen of it.
with pairs as (
    select * from {{ ref('event_evidence') }}
    union all
    select
        identifier_type_a,
        identifier_a,
        identifier_type_b,
        identifier_b,
        observed_at as first_observed_at,
        observed_at as last_observed_at,
        evidence_source
    from {{ ref('record_evidence') }}
    union all
    select
        'email_hash' as identifier_type_a,
        email_hash as identifier_a,
        'email_hash' as identifier_type_b,
        upstream_email_hash as identifier_b,
        null as first_observed_at,
        null as last_observed_at,
        'same_address' as evidence_source
    from {{ ref('email_hash_aliases') }}
),

users as (
    select user_id from {{ ref('device_sightings') }}
    where user_id is not null
    union
    select identifier_a from pairs
    where identifier_type_a = 'user_id'
    union
    select identifier_b from pairs
    where identifier_type_b = 'user_id'
),

customers as (
    select customer_id from {{ ref('customers') }}
    union
    select customer_id from {{ ref('orders') }}
    union
    select customer_id from {{ ref('offline_conversions') }}
    union
    select identifier_a from pairs
    where identifier_type_a = 'customer_id'
    union
    select identifier_b from pairs
    where identifier_type_b = 'customer_id'
),

-- user_id and customer_id are one key space: a value seen as both is one user.
with_one_key_space as (
    select * from pairs
    union all
    select
        'customer_id' as identifier_type_a,
        users.user_id as identifier_a,
        'user_id' as identifier_type_b,
        users.user_id as identifier_b,
        null as first_observed_at,
        null as last_observed_at,
        'same_key_space' as evidence_source
    from users
    inner join customers on users.user_id = customers.customer_id
)

select
    identifier_type_a,
    identifier_a,
    identifier_type_b,
    identifier_b,
    min(first_observed_at) as first_observed_at,
    max(last_observed_at) as last_observed_at,
    min(evidence_source) as evidence_source
from with_one_key_space
group by identifier_type_a, identifier_a, identifier_type_b, identifier_b
