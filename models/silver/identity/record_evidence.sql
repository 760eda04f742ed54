-- Identifiers that stand in one record: order, CRM customer, offline conversion, observed link. A
-- record counts unless one of its two identifiers had refused linking when it was written.
-- Without a device of its own, an order has that of its purchase event.
with order_devices as (
    select
        orders.order_id,
        orders.customer_id,
        orders.email_hash,
        orders.ordered_at,
        coalesce(orders.anonymous_id, purchases.anonymous_id) as anonymous_id
    from {{ ref('orders') }} as orders
    left join {{ ref('purchase_devices') }} as purchases on orders.order_id = purchases.order_id
),

pairs as (
    {% set offline = ref('offline_conversions') %}
    {% for type_a, type_b, records, written_at, source in [
        ('customer_id', 'email_hash', 'order_devices', 'ordered_at', 'order'),
        ('anonymous_id', 'customer_id', 'order_devices', 'ordered_at', 'order'),
        ('anonymous_id', 'email_hash', 'order_devices', 'ordered_at', 'order'),
        ('customer_id', 'email_hash', ref('customers'), 'created_at', 'crm'),
        ('customer_id', 'phone_hash', ref('customers'), 'created_at', 'crm'),
        ('customer_id', 'email_hash', offline, 'occurred_at', 'offline_conversion'),
        ('customer_id', 'phone_hash', offline, 'occurred_at', 'offline_conversion'),
        ('email_hash', 'phone_hash', offline, 'occurred_at', 'offline_conversion'),
    ] %}
    select
        '{{ type_a }}' as identifier_type_a,
        {{ type_a }} as identifier_a,
        '{{ type_b }}' as identifier_type_b,
        {{ type_b }} as identifier_b,
        {{ written_at }} as observed_at,
        '{{ source }}' as evidence_source
    from {{ records }}
    union all
    {% endfor %}
    select
        identifier_type_a,
        identifier_a,
        identifier_type_b,
        identifier_b,
        observed_at,
        'observed_link' as evidence_source
    from {{ ref('identity_links') }}
),

-- A record without a time is judged by the decision that stands now. consent_periods knows a
-- customer as the user of that id.
judged as (
    select
        *,
        coalesce(observed_at, cast('9999-12-30' as {{ dbt.type_timestamp() }})) as judged_at,
        case identifier_type_a when 'customer_id' then 'user_id' else identifier_type_a end
            as consent_type_a,
        case identifier_type_b when 'customer_id' then 'user_id' else identifier_type_b end
            as consent_type_b
    from pairs
),

refusals as (
    select identifier_type, identifier_value, valid_from, valid_to
    from {{ ref('consent_periods') }}
    where purpose = 'identity_linking' and not is_granted
)

select
    pairs.identifier_type_a,
    pairs.identifier_a,
    pairs.identifier_type_b,
    pairs.identifier_b,
    pairs.observed_at,
    pairs.evidence_source
from judged as pairs
left join refusals as refusal_a
    on
        pairs.consent_type_a = refusal_a.identifier_type
        and pairs.identifier_a = refusal_a.identifier_value
        and pairs.judged_at >= refusal_a.valid_from
        and pairs.judged_at < refusal_a.valid_to
left join refusals as refusal_b
    on
        pairs.consent_type_b = refusal_b.identifier_type
        and pairs.identifier_b = refusal_b.identifier_value
        and pairs.judged_at >= refusal_b.valid_from
        and pairs.judged_at < refusal_b.valid_to
where
    pairs.identifier_a is not null
    and pairs.identifier_b is not null
    and refusal_a.identifier_value is null
    and refusal_b.identifier_value is null
