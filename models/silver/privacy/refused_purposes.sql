-- Events that a logged decision refuses: the latest decision over the identifiers of the event
-- rules, refusal wins a tie.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}

with event_identifiers as (
    {% for type in ['anonymous_id', 'user_id', 'email_hash'] %}
    select
        event_id,
        anonymous_id,
        occurred_at,
        '{{ type }}' as identifier_type,
        {{ type }} as identifier_value
    from {{ ref('clickstream_events') }}
    where {{ type }} is not null and {{ is_stale('anonymous_id', 'stale_devices') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rulings as (
    select
        event_identifiers.event_id,
        event_identifiers.anonymous_id,
        periods.purpose,
        periods.is_granted,
        row_number() over (
            partition by event_identifiers.event_id, periods.purpose
            order by periods.valid_from desc, periods.is_granted asc
        ) as ruling_rank
    from event_identifiers
    inner join {{ ref('consent_periods') }} as periods
        on
            event_identifiers.identifier_type = periods.identifier_type
            and event_identifiers.identifier_value = periods.identifier_value
            and event_identifiers.occurred_at >= periods.valid_from
            and event_identifiers.occurred_at < periods.valid_to
)

select
    event_id,
    anonymous_id,
    max(case when purpose = 'analytics' then 1 else 0 end) = 1 as refuses_analytics,
    max(case when purpose = 'marketing' then 1 else 0 end) = 1 as refuses_marketing,
    max(case when purpose = 'identity_linking' then 1 else 0 end) = 1 as refuses_linking
from rulings
where ruling_rank = 1 and not is_granted
group by event_id, anonymous_id
