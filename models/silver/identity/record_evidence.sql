-- Identifiers that stand in one record: order, CRM customer, offline conversion, observed link. A
-- record counts unless one of its two identifiers had refused linking when it was written.
with order_devices as (
    select
        orders.order_id, orders.customer_id, orders.email_hash, orders.ordered_at,
        coalesce(orders.anonymous_id, events.anonymous_id) as anonymous_id
    from {{ ref('orders') }} as orders
    left join (
        select order_id, min(anonymous_id) as anonymous_id
        from {{ ref('consented_events') }}
        where event_name = 'purchase' and order_id is not null and may_link
        group by order_id
        having count(distinct anonymous_id) = 1
    ) as events on orders.order_id = events.order_id
),

pairs as (
    select
        'customer_id' as identifier_type_a, customer_id as identifier_a,
        'email_hash' as identifier_type_b, email_hash as identifier_b, ordered_at as observed_at, 'order' as evidence_source
    from order_devices
    union all
    select 'anonymous_id', anonymous_id, 'customer_id', customer_id, ordered_at, 'order' from order_devices
    union all
    select 'anonymous_id', anonymous_id, 'email_hash', email_hash, ordered_at, 'order' from order_devices
    union all
    select 'customer_id', customer_id, 'email_hash', email_hash, created_at, 'crm' from {{ ref('customers') }}
    union all
    select 'customer_id', customer_id, 'phone_hash', phone_hash, created_at, 'crm' from {{ ref('customers') }}
    union all
    select 'customer_id', customer_id, 'email_hash', email_hash, occurred_at, 'offline_conversion'
    from {{ ref('offline_conversions') }}
    union all
    select 'customer_id', customer_id, 'phone_hash', phone_hash, occurred_at, 'offline_conversion'
    from {{ ref('offline_conversions') }}
    union all
    select 'email_hash', email_hash, 'phone_hash', phone_hash, occurred_at, 'offline_conversion'
    from {{ ref('offline_conversions') }}
    union all
    select identifier_type_a, identifier_a, identifier_type_b, identifier_b, observed_at, 'observed_link'
    from {{ ref('identity_links') }}
),

-- A record without a time is judged by the decision that stands now.
judged as (
    select *, coalesce(observed_at, cast('9999-12-30' as {{ dbt.type_timestamp() }})) as judged_at
    from pairs
)

select
    pairs.identifier_type_a,
    pairs.identifier_a,
    pairs.identifier_type_b,
    pairs.identifier_b,
    pairs.observed_at,
    pairs.evidence_source
from judged as pairs
left join {{ ref('consent_periods') }} as refusal_a
    on
        refusal_a.purpose = 'identity_linking'
        and not refusal_a.is_granted
        and refusal_a.identifier_type = case pairs.identifier_type_a when 'customer_id' then 'user_id' else pairs.identifier_type_a end
        and refusal_a.identifier_value = pairs.identifier_a
        and pairs.judged_at >= refusal_a.valid_from
        and pairs.judged_at < refusal_a.valid_to
left join {{ ref('consent_periods') }} as refusal_b
    on
        refusal_b.purpose = 'identity_linking'
        and not refusal_b.is_granted
        and refusal_b.identifier_type = case pairs.identifier_type_b when 'customer_id' then 'user_id' else pairs.identifier_type_b end
        and refusal_b.identifier_value = pairs.identifier_b
        and pairs.judged_at >= refusal_b.valid_from
        and pairs.judged_at < refusal_b.valid_to
where
    pairs.identifier_a is not null
    and pairs.identifier_b is not null
    and refusal_a.identifier_value is null
    and refusal_b.identifier_value is null
