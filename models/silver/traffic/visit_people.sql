-- Whose visit it was. Visits of erased people are not here, and so nowhere later.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_visitors'}
) }}

with owners as (
    select
        visits.visit_key,
        visits.anonymous_id,
        visits.may_link,
        devices.person_id as device_person_id,
        devices.identifier_count as device_identifier_count,
        devices.is_shared as device_is_shared,
        devices.is_public as device_is_public,
        users.person_id as user_person_id,
        episodes.person_id as episode_person_id,
        {{ dbt_utils.generate_surrogate_key(["'visit'", 'visits.visit_key']) }} as visit_person_id,
        {{ dbt_utils.generate_surrogate_key(["'unlinked'", 'visits.anonymous_id']) }}
            as unlinked_person_id,
        coalesce(devices.is_erased, false) or coalesce(users.is_erased, false) as is_erased
    from {{ ref('visits') }} as visits
    left join {{ ref('identity_members') }} as devices
        on
            devices.identifier_type = 'anonymous_id'
            and visits.anonymous_id = devices.identifier_value
    left join {{ ref('identity_members') }} as users
        on
            users.identifier_type = 'user_id'
            and visits.user_id = users.identifier_value
            and not users.is_public
    left join {{ ref('shared_device_owners') }} as episodes
        on
            visits.anonymous_id = episodes.anonymous_id
            and visits.visited_at > episodes.owned_after
            and visits.visited_at <= episodes.owned_until
    where {{ is_stale('visits.anonymous_id', 'stale_visitors') }}
),

resolved as (
    select
        visit_key,
        anonymous_id,
        is_erased,
        case
            when not may_link and device_identifier_count = 1 then device_person_id
            when not may_link then unlinked_person_id
            when user_person_id is not null then user_person_id
            when device_is_public then visit_person_id
            when device_is_shared then coalesce(episode_person_id, visit_person_id)
            else device_person_id
        end as person_id
    from owners
),

erased as (
    select distinct person_id
    from {{ ref('identity_members') }}
    where is_erased
)

select resolved.visit_key, resolved.anonymous_id, resolved.person_id
from resolved
left join erased on resolved.person_id = erased.person_id
where not resolved.is_erased and erased.person_id is null
