-- Whose an order or an offline conversion is: its customer, else its e-mail address, else its phone
-- number, else its device. A record of an erased person, or one that nothing ties to anybody, stays
-- as a conversion of nobody known.
-- Without a device of its own, an order has that of its purchase event.
with records as (
    select
        'purchase' as record_kind,
        orders.order_id as record_id,
        orders.customer_id,
        orders.email_hash,
        cast(null as {{ dbt.type_string() }}) as phone_hash,
        coalesce(orders.anonymous_id, purchases.anonymous_id) as anonymous_id,
        orders.ordered_at as converted_at
    from {{ ref('standing_orders') }} as orders
    left join {{ ref('purchase_devices') }} as purchases on orders.order_id = purchases.order_id
    union all
    select
        'offline' as record_kind,
        conversion_id as record_id,
        customer_id,
        email_hash,
        phone_hash,
        cast(null as {{ dbt.type_string() }}) as anonymous_id,
        occurred_at as converted_at
    from {{ ref('offline_values') }}
),

identifiers as (
    {% for type in ['customer_id', 'email_hash', 'phone_hash', 'anonymous_id'] %}
    select
        record_kind,
        record_id,
        converted_at,
        {{ loop.index }} as preference,
        '{{ type }}' as identifier_type,
        {{ type }} as identifier_value
    from records
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

erased_people as (
    select distinct person_id from {{ ref('identity_members') }}
    where is_erased
),

candidates as (
    select
        identifiers.record_kind,
        identifiers.record_id,
        members.is_erased or erased_people.person_id is not null as is_erased,
        case
            when members.is_public then null
            when members.is_shared then episodes.person_id
            else members.person_id
        end as person_id,
        identifiers.preference
    from identifiers
    inner join {{ ref('identity_members') }} as members
        on
            identifiers.identifier_type = members.identifier_type
            and identifiers.identifier_value = members.identifier_value
    left join {{ ref('shared_device_owners') }} as episodes
        on
            -- A condition on one side alone would make this a comparison of each with each.
            case
                when identifiers.identifier_type = 'anonymous_id' then identifiers.identifier_value
            end = episodes.anonymous_id
            and identifiers.converted_at > episodes.owned_after
            and identifiers.converted_at <= episodes.owned_until
    left join erased_people on episodes.person_id = erased_people.person_id
),

ranked as (
    select
        *,
        max(case when is_erased then 1 else 0 end) over (
            partition by record_kind, record_id
        ) as touches_erased,
        row_number() over (
            partition by record_kind, record_id order by preference
        ) as preference_rank
    from candidates
    where person_id is not null
)

select
    records.record_kind,
    records.record_id,
    case
        when ranked.person_id is null or ranked.touches_erased = 1
            then {{ dbt_utils.generate_surrogate_key(
                ["'nobody'", 'records.record_kind', 'records.record_id']
            ) }}
        else ranked.person_id
    end as person_id
from records
left join ranked
    on
        records.record_kind = ranked.record_kind
        and records.record_id = ranked.record_id
        and ranked.preference_rank = 1
