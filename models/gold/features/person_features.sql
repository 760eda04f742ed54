-- A person as a model should see them: only what changes when something happens, and nothing that
-- changes by waiting. Of two touches at one instant the one with the smaller id is the earlier.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}, on_schema_change='fail'
) }}

with ordered as (
    select
        person_id,
        touched_at,
        channel,
        interaction_type,
        row_number() over (partition by person_id order by touched_at, touchpoint_id)
            as touch_index,
        count(*) over (partition by person_id) as touch_count
    from {{ ref('touchpoints') }}
    where {{ is_stale('person_id', 'stale_people') }}
),

touches as (
    select
        person_id,
        min(touched_at) as first_touched_at,
        max(touched_at) as last_touched_at,
        count(*) as touch_count,
        count(case when interaction_type = 'click' then 1 end) as visit_count,
        max(case when touch_index = 1 then channel end) as first_channel,
        max(case when touch_index = touch_count then channel end) as last_channel
    from ordered
    group by person_id
),

conversions as (
    select
        person_id,
        count(*) as conversion_count,
        count(case when conversion_type = 'purchase' then 1 end) as purchase_count,
        max(converted_at) as last_converted_at,
        {{ exact_sum('net_revenue') }} as net_revenue
    from {{ ref('conversions') }}
    where {{ is_stale('person_id', 'stale_people') }}
    group by person_id
)

select
    coalesce(touches.person_id, conversions.person_id) as person_id,
    touches.first_touched_at,
    touches.last_touched_at,
    coalesce(touches.touch_count, 0) as touch_count,
    coalesce(touches.visit_count, 0) as visit_count,
    touches.first_channel,
    touches.last_channel,
    coalesce(conversions.conversion_count, 0) as conversion_count,
    coalesce(conversions.purchase_count, 0) as purchase_count,
    conversions.last_converted_at,
    conversions.net_revenue
from touches
full outer join conversions on touches.person_id = conversions.person_id
