-- Whose a shared device was, and when: the next login within the guard's days owns the visits
-- before it, otherwise the last login does. A device that more people used than its guard allows
-- has no owner; only a visit's own login says whose it is.
with logins as (
    select distinct events.anonymous_id, events.occurred_at, users.person_id
    from {{ ref('consented_events') }} as events
    inner join {{ ref('identity_members') }} as devices
        on
            devices.identifier_type = 'anonymous_id'
            and events.anonymous_id = devices.identifier_value
    inner join {{ ref('identity_members') }} as users
        on users.identifier_type = 'user_id' and events.user_id = users.identifier_value
    where devices.is_shared and not devices.is_public and not users.is_public and events.may_link
),

in_order as (
    select
        anonymous_id,
        occurred_at,
        person_id,
        lag(occurred_at) over device_logins as previous_login_at,
        lag(person_id) over device_logins as previous_person_id,
        lead(occurred_at) over device_logins as next_login_at
    from logins
    window device_logins as (partition by anonymous_id order by occurred_at, person_id)
),

reached_back as (
    select
        in_order.*,
        greatest(
            coalesce(in_order.previous_login_at, cast('0001-01-01' as {{ dbt.type_timestamp() }})),
            {{ dbt.dateadd('day', '-guards.episode_days', 'in_order.occurred_at') }}
        ) as owned_since
    from in_order
    inner join {{ ref('identity_guards') }} as guards on guards.identifier_type = 'anonymous_id'
)

-- Visits before a login, as far back as the guard allows.
select anonymous_id, person_id, owned_since as owned_after, occurred_at as owned_until
from reached_back
where owned_since < occurred_at
union all
-- Visits too long before it stay with whoever logged in last.
select
    anonymous_id,
    previous_person_id as person_id,
    previous_login_at as owned_after,
    owned_since as owned_until
from reached_back
where previous_person_id is not null and previous_login_at < owned_since
union all
-- After the last login.
select
    anonymous_id,
    person_id,
    occurred_at as owned_after,
    cast('9999-12-31' as {{ dbt.type_timestamp() }}) as owned_until
from reached_back
where next_login_at is null
