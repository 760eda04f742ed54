-- Every touch of every journey, in order, with the context it happened in. Ties in time are broken
-- by touchpoint_id.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}, on_schema_change='fail'
) }}

with touches as (
    select journey_id, person_id, conversion_type, touchpoint_id, touched_at
    from {{ ref('converted_touches') }}
    where {{ is_stale('person_id', 'stale_people') }}
    union all
    select journey_id, person_id, conversion_type, touchpoint_id, touched_at
    from {{ ref('unconverted_touches') }}
    where {{ is_stale('person_id', 'stale_people') }}
),

totals as (
    select
        journey_id,
        count(*) as touch_count,
        max(touched_at) as last_touched_at
    from touches
    group by journey_id
),

numbered as (
    select
        touches.*,
        totals.touch_count,
        totals.last_touched_at,
        row_number() over (
            partition by touches.journey_id order by touches.touched_at, touches.touchpoint_id
        ) as touch_index
    from touches
    inner join totals on touches.journey_id = totals.journey_id
)

select
    numbered.journey_id,
    numbered.touchpoint_id,
    numbered.person_id,
    numbered.conversion_type,
    numbered.touch_index,
    numbered.touch_count - numbered.touch_index as touches_to_end,
    numbered.touched_at,
    cast(
        {{ seconds_between(
            'numbered.touched_at', 'coalesce(spans.converted_at, numbered.last_touched_at)'
        ) }} / 3600 as double
    ) as hours_to_end,
    touchpoints.channel,
    touchpoints.campaign_id,
    touchpoints.creative_id,
    touchpoints.sku_id,
    touchpoints.interaction_type,
    spans.journey_id is not null as is_converted,
    touchpoints.is_out_of_stock,
    touchpoints.is_major_promo,
    touchpoints.is_minor_promo,
    touchpoints.system_health_score,
    touchpoints.system_health_tag,
    touchpoints.data_quality_flag
from numbered
inner join {{ ref('touchpoints') }} as touchpoints
    on numbered.touchpoint_id = touchpoints.touchpoint_id
left join {{ ref('conversion_spans') }} as spans on numbered.journey_id = spans.journey_id
