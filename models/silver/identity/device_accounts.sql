-- Which accounts used a device, directly or through another device it is linked to, and whether
-- that makes it a shared one.
with device_edges as (
    select vertex_a as device, vertex_b as other, is_device_b as other_is_device
    from {{ ref('identity_edges') }}
    where is_device_a
    union all
    select vertex_b, vertex_a, is_device_a
    from {{ ref('identity_edges') }}
    where is_device_b
),

direct as (
    select
        device_edges.device,
        device_edges.other as account_vertex,
        coalesce(components.component, device_edges.other) as account
    from device_edges
    left join {{ ref('account_components') }} as components
        on device_edges.other = components.vertex
    left join {{ ref('busy_users') }} as busy_users on device_edges.other = busy_users.vertex
    where not device_edges.other_is_device and busy_users.vertex is null
),

reached as (
    select device, account from direct
    union
    select device_edges.device, direct.account
    from device_edges
    inner join direct on device_edges.other = direct.device
    where device_edges.other_is_device
),

user_accounts as (
    select distinct coalesce(components.component, identifiers.vertex) as account
    from {{ ref('identifiers') }} as identifiers
    left join {{ ref('account_components') }} as components
        on identifiers.vertex = components.vertex
    where identifiers.identifier_type in ('user_id', 'customer_id')
),

counted as (
    select
        reached.device,
        count(*) as account_count,
        count(user_accounts.account) as user_count
    from reached
    left join user_accounts on reached.account = user_accounts.account
    group by reached.device
)

select
    identifiers.vertex as device,
    identifiers.identifier_type,
    identifiers.identifier_value,
    counted.account_count,
    counted.user_count,
    counted.user_count > guards.max_users
    or counted.account_count > guards.max_accounts as is_shared,
    counted.account_count > guards.max_episode_accounts as is_public
from counted
inner join {{ ref('identifiers') }} as identifiers on counted.device = identifiers.vertex
inner join {{ ref('identity_guards') }} as guards
    on identifiers.identifier_type = guards.identifier_type
