-- Accounts seen on more devices than one person has: call-centre agents, kiosk logins. They join no
-- device.
with account_devices as (
    select
        case when is_device_a then vertex_b else vertex_a end as vertex,
        case when is_device_a then identifier_type_b else identifier_type_a end as identifier_type,
        case when is_device_a then vertex_a else vertex_b end as device
    from {{ ref('identity_edges') }}
    where is_device_a <> is_device_b
)

select account_devices.vertex
from account_devices
inner join {{ ref('identity_guards') }} as guards
    on account_devices.identifier_type = guards.identifier_type
group by account_devices.vertex, guards.max_devices
having count(distinct account_devices.device) > guards.max_devices
