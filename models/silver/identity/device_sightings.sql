-- Which identifiers a device was seen with, and from when to when: what identity is told of events.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}

select
    anonymous_id,
    user_id,
    email_hash,
    may_link,
    min(occurred_at) as first_seen_at,
    max(occurred_at) as last_seen_at
from {{ ref('consented_events') }}
where {{ is_stale('anonymous_id', 'stale_devices') }}
group by anonymous_id, user_id, email_hash, may_link
