-- Devices whose events are to be worked on anew in an increment: something of them arrived, what
-- their owner allows has changed, or somebody asks for it.
{{ config(materialized='incremental', incremental_strategy='gather') }}

with changed_consent as (
    select distinct identifier_type, identifier_value
    from {{ changes_of('consent_periods') }} as changes
),

devices as (
    select anonymous_id
    from {{ ref('clickstream_events') }}
    where load_number = {{ load_number() }}
    union all
    select former_anonymous_id as anonymous_id
    from {{ ref('clickstream_events') }}
    where load_number = {{ load_number() }} and former_anonymous_id is not null
    {% for type in ['anonymous_id', 'user_id', 'email_hash'] %}
    union all
    select events.anonymous_id
    from {{ ref('clickstream_events') }} as events
    inner join changed_consent
        on
            changed_consent.identifier_type = '{{ type }}'
            and events.{{ type }} = changed_consent.identifier_value
    {% endfor %}
    {% if var('rework_from') is not none %}
    union all
    select anonymous_id
    from {{ ref('clickstream_events') }}
    where
        occurred_at >= {{ typed_timestamp(text_literal(var('rework_from'))) }}
        and occurred_at < {{ typed_timestamp(text_literal(var('rework_until'))) }}
    {% endif %}
)

select distinct
    anonymous_id,
    {{ load_number() }} as load_number
from devices
where {{ is_increment() }}
