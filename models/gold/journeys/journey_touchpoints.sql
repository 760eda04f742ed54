-- Every touch of every journey, in order, with the context it happened in.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}, on_schema_change='fail'
) }}

with touches as (
    {% for touches, is_converted in [
        ('converted_touches', 'true'), ('unconverted_touches', 'false')
    ] %}
    select
        journey_id,
        touchpoint_id,
        person_id,
        conversion_type,
        touch_index,
        touches_to_end,
        touched_at,
        ended_at,
        {{ is_converted }} as is_converted
    from {{ ref(touches) }}
    where {{ is_stale('person_id', 'stale_people') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    touches.journey_id,
    touches.touchpoint_id,
    touches.person_id,
    touches.conversion_type,
    touches.touch_index,
    touches.touches_to_end,
    touches.touched_at,
    cast({{ seconds_between('touches.touched_at', 'touches.ended_at') }} / 3600 as double)
        as hours_to_end,
    touchpoints.channel,
    touchpoints.campaign_id,
    touchpoints.creative_id,
    touchpoints.sku_id,
    touchpoints.interaction_type,
    touches.is_converted,
    touchpoints.is_out_of_stock,
    touchpoints.is_major_promo,
    touchpoints.is_minor_promo,
    touchpoints.system_health_score,
    touchpoints.system_health_tag,
    touchpoints.data_quality_flag
from touches
inner join {{ ref('touchpoints') }} as touchpoints
    on touches.touchpoint_id = touchpoints.touchpoint_id
