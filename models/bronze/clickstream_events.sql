-- Retries are the exception, so only repeated keys pay for the window that picks the first
-- delivery. An increment compares what it read with what it knows of the same events, and replaces
-- those of which it has an earlier delivery.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='event_id'
) }}
{% set columns = [
    'event_id', 'anonymous_id', 'user_id', 'email_hash', 'order_id', 'sku_id', 'occurred_at',
    'received_at', 'event_name', 'collector_source', 'utm_source', 'utm_medium', 'utm_campaign',
    'utm_content', 'utm_term', 'gclid', 'fbclid', 'ttclid', 'page_url', 'referrer', 'user_agent',
    'os', 'device_type', 'country', 'ip_hash', 'currency', 'value', 'has_consent',
] %}
{% set whole_row = [] %}
{% for column in columns %}
{% do whole_row.append((column, 'deliveries.' ~ column)) %}
{% endfor %}

with arrived as (
    select
        landed.event_ts as occurred_at,
        landed.source as collector_source,
        landed.consent as has_consent,
        landed.*,
        false as is_known,
        cast(null as {{ dbt.type_string() }}) as former_anonymous_id
    from {{ ref('landed_clickstream_events') }} as landed
    cross join {{ ref('clock') }} as clock
    where {{ quarantine_reason('raw', 'clickstream_events') }} is null
),

deliveries as (
    select {{ columns | join(', ') }}, is_known, former_anonymous_id
    from arrived
    {% if is_incremental() %}
    union all
    select
        {{ columns | join(', ') }},
        true as is_known,
        -- Whose it was after the last completed load, if this one has moved it before.
        case
            when load_number = {{ current_load().number }}
                then coalesce(former_anonymous_id, anonymous_id)
            else anonymous_id
        end as former_anonymous_id
    from {{ this }}
    where event_id in (select arrived.event_id from arrived)
    {% endif %}
),

repeated_keys as (
    select event_id
    from deliveries
    group by event_id
    having count(*) > 1
),

retried as (
    select
        deliveries.*,
        max(deliveries.former_anonymous_id) over (
            partition by deliveries.event_id
        ) as known_anonymous_id,
        row_number() over (
            partition by deliveries.event_id
            order by
                deliveries.received_at asc nulls last,
                deliveries.occurred_at asc,
                {{ row_as_struct(whole_row) }} asc,
                deliveries.is_known desc
        ) as delivery_rank
    from deliveries
    inner join repeated_keys on deliveries.event_id = repeated_keys.event_id
),

first_deliveries as (
    select deliveries.*
    from deliveries
    left join repeated_keys on deliveries.event_id = repeated_keys.event_id
    where repeated_keys.event_id is null
    union all
    select {{ columns | join(', ') }}, is_known, known_anonymous_id as former_anonymous_id
    from retried
    where delivery_rank = 1
)

select
    {{ columns | join(', ') }},
    former_anonymous_id,
    {{ current_load().number }} as load_number
from first_deliveries
where not is_known
