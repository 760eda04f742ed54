-- Identifiers seen together on one event: a login, or an e-mail hash. Only events that allow
-- linking.
with events as (
    select anonymous_id, user_id, email_hash, occurred_at
    from {{ ref('consented_events') }}
    where may_link and (user_id is not null or email_hash is not null)
),

pairs as (
    select
        'anonymous_id' as identifier_type_a, anonymous_id as identifier_a,
        'user_id' as identifier_type_b, user_id as identifier_b, occurred_at
    from events
    where user_id is not null
    union all
    select 'anonymous_id', anonymous_id, 'email_hash', email_hash, occurred_at
    from events
    where email_hash is not null
    union all
    select 'user_id', user_id, 'email_hash', email_hash, occurred_at
    from events
    where user_id is not null and email_hash is not null
)

select
    identifier_type_a,
    identifier_a,
    identifier_type_b,
    identifier_b,
    min(occurred_at) as first_observed_at,
    max(occurred_at) as last_observed_at,
    'clickstream' as evidence_source
from pairs
group by identifier_type_a, identifier_a, identifier_type_b, identifier_b
