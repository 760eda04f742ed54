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
{% set raw_names = {
    'occurred_at': 'event_ts', 'collector_source': 'source', 'has_consent': 'consent',
} %}
{% set whole_row = [] %}
{% for column in columns %}
{% do whole_row.append((column, 'deliveries.' ~ column)) %}
{% endfor %}

{#- Written out where it is used: one table for all uses would be the whole clickstream at once. #}
{% set arrived %}
    select
        {% for column in columns %}
        landed.{{ raw_names.get(column, column) }} as {{ column }},
        {% endfor %}
        false as is_known,
        cast(null as {{ dbt.type_string() }}) as former_anonymous_id
    from {{ ref('landed_clickstream_events') }} as landed
    cross join {{ ref('clock') }} as clock
    where {{ quarantine_reason('raw', 'clickstream_events') }} is null
{% endset %}

with known as (
    {% if is_incremental() %}
    select
        {{ columns | join(', ') }},
        true as is_known,
        -- Whose it was after the last completed load, if this one has moved it before.
        case
            when load_number = {{ load_number() }}
                then coalesce(former_anonymous_id, anonymous_id)
            else anonymous_id
        end as former_anonymous_id
    from {{ this }}
    where event_id in (select landed.event_id from {{ ref('landed_clickstream_events') }} as landed)
    {% else %}
    select * from ({{ arrived }}) as arrived
    where 1 = 0
    {% endif %}
),

repeated_keys as (
    select event_id
    from (
        select event_id from ({{ arrived }}) as arrived
        union all
        select event_id from known
    ) as deliveries
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
    from ({{ arrived }} union all select * from known) as deliveries
    inner join repeated_keys on deliveries.event_id = repeated_keys.event_id
)

select
    arrived.{{ columns | join(', arrived.') }},
    arrived.former_anonymous_id,
    {{ load_number() }} as load_number
from ({{ arrived }}) as arrived
left join repeated_keys on arrived.event_id = repeated_keys.event_id
where repeated_keys.event_id is null
union all
select
    {{ columns | join(', ') }},
    known_anonymous_id as former_anonymous_id,
    {{ load_number() }} as load_number
from retried
where delivery_rank = 1 and not is_known
