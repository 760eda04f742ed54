-- "Now" for the whole build: no model asks the wall clock.
{% set given = "cast(null as " ~ dbt.type_timestamp() ~ ")" %}
{% if var('as_of') is not none %}
    {% set given = typed_timestamp("'" ~ var('as_of') ~ "'") %}
{% endif %}

with times as (
    select max(event_ts) as latest_at
    from {{ ref('landed_clickstream_events') }}
    where problem is null
    union all
    -- Files that are not read again.
    select max(last_event_at) as latest_at
    from {{ previously('bronze', 'event_file_days', {'last_event_at': 'timestamp'}) }} as files
    where {{ 'false' if current_load().is_fresh else 'true' }}
    union all
    select greatest(max(ordered_at), max(updated_at)) as latest_at
    from {{ ref('landed_orders') }}
    where problem is null
    union all
    select max(snapshot_at) as latest_at
    from {{ ref('landed_inventory_hourly_snapshot') }}
    where problem is null
)

select
    coalesce({{ given }}, max(latest_at)) as as_of,
    -- A given "now" also hides versions loaded later; without one, everything delivered is known.
    coalesce({{ given }}, cast('9999-12-31' as {{ dbt.type_timestamp() }})) as known_until
from times
