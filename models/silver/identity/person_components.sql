-- People: accounts that belong together, and the devices that only they used. A shared device joins
-- nobody.
{{ config(materialized='edge_contraction') }}

with shared as (
    select device from {{ ref('device_accounts') }}
    where is_shared
)

select vertex_a, vertex_b from {{ ref('account_edges') }}
union all
select edges.vertex_a, edges.vertex_b
from {{ ref('identity_edges') }} as edges
left join shared as shared_a on edges.vertex_a = shared_a.device
left join shared as shared_b on edges.vertex_b = shared_b.device
left join {{ ref('busy_users') }} as busy_a on edges.vertex_a = busy_a.vertex
left join {{ ref('busy_users') }} as busy_b on edges.vertex_b = busy_b.vertex
where
    (edges.is_device_a or edges.is_device_b)
    and shared_a.device is null
    and shared_b.device is null
    and busy_a.vertex is null
    and busy_b.vertex is null
