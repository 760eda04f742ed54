-- The evidence between vertices of the identity graph; blocked values have no edge. An account is a
-- user or customer id, an e-mail address or a phone number; a device is a cookie or a device id.
with vertices as (
    select
        identifiers.vertex,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.identifier_type in ('anonymous_id', 'device_id') as is_device
    from {{ ref('identifiers') }} as identifiers
    left join {{ ref('blocked_values') }} as blocked
        on
            identifiers.identifier_type = blocked.identifier_type
            and lower(identifiers.identifier_value) = blocked.identifier_value
    where blocked.identifier_value is null
)

select
    a.vertex as vertex_a,
    b.vertex as vertex_b,
    a.identifier_type as identifier_type_a,
    b.identifier_type as identifier_type_b,
    a.is_device as is_device_a,
    b.is_device as is_device_b
from {{ ref('identity_evidence') }} as evidence
inner join vertices as a
    on evidence.identifier_type_a = a.identifier_type and evidence.identifier_a = a.identifier_value
inner join vertices as b
    on evidence.identifier_type_b = b.identifier_type and evidence.identifier_b = b.identifier_value
where a.vertex <> b.vertex
