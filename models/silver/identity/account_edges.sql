-- Edges between accounts. An address or number that touches more users than its guard allows joins
-- nobody.
with edges as (
    select vertex_a, identifier_type_a, vertex_b, identifier_type_b
    from {{ ref('identity_edges') }}
    where not is_device_a and not is_device_b
    union all
    select vertex_b, identifier_type_b, vertex_a, identifier_type_a
    from {{ ref('identity_edges') }}
    where not is_device_a and not is_device_b
),

users_per_contact as (
    select
        edges.vertex_a as vertex,
        edges.identifier_type_a as identifier_type,
        count(distinct users.identifier_value) as users
    from edges
    inner join {{ ref('identifiers') }} as users on edges.vertex_b = users.vertex
    where
        edges.identifier_type_b in ('user_id', 'customer_id')
        and edges.identifier_type_a not in ('user_id', 'customer_id')
    group by edges.vertex_a, edges.identifier_type_a
),

crowded as (
    select users_per_contact.vertex
    from users_per_contact
    inner join {{ ref('identity_guards') }} as guards
        on users_per_contact.identifier_type = guards.identifier_type
    where users_per_contact.users > guards.max_users
)

select distinct edges.vertex_a, edges.vertex_b
from edges
left join crowded as crowded_a on edges.vertex_a = crowded_a.vertex
left join crowded as crowded_b on edges.vertex_b = crowded_b.vertex
where edges.vertex_a < edges.vertex_b and crowded_a.vertex is null and crowded_b.vertex is null
