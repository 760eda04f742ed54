-- Decisions of people as periods: the latest decision before an event rules it. Two decisions at
-- one instant: refusal wins.
with logged as (
    select
        case identifier_type when 'customer_id' then 'user_id' else identifier_type end
            as identifier_type,
        identifier as identifier_value,
        purpose,
        recorded_at,
        is_granted
    from {{ ref('consent_log') }}
),

logged_in_both_spellings as (
    select * from logged
    union all
    select
        logged.identifier_type,
        aliases.upstream_email_hash as identifier_value,
        logged.purpose,
        logged.recorded_at,
        logged.is_granted
    from logged
    inner join {{ ref('email_hash_aliases') }} as aliases
        on logged.identifier_type = 'email_hash' and logged.identifier_value = aliases.email_hash
),

decisions as (
    select
        identifier_type,
        identifier_value,
        purpose,
        recorded_at,
        min(case when is_granted then 1 else 0 end) = 1 as is_granted
    from logged_in_both_spellings
    group by identifier_type, identifier_value, purpose, recorded_at
)

select
    identifier_type,
    identifier_value,
    purpose,
    recorded_at as valid_from,
    coalesce(
        lead(recorded_at) over (
            partition by identifier_type, identifier_value, purpose order by recorded_at
        ),
        cast('9999-12-31' as {{ dbt.type_timestamp() }})
    ) as valid_to,
    is_granted
from decisions
