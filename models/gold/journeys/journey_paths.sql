-- What the touches of a journey add up to, and the channels it went through. Arrays stay in memory
-- while they grow: so they grow in a statement of their own, as numbers, named at the end.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}
) }}

with channels as (
    select channel, row_number() over (order by channel) as channel_number
    from (select distinct channel from {{ ref('touch_windows') }}) as used
),

all_channels as (
    select {{ ordered_array('channel', 'channel_number') }} as channel_names from channels
),

paths as (
    select
        touches.journey_id,
        touches.person_id,
        touches.conversion_type,
        min(touches.touched_at) as started_at,
        max(touches.touched_at) as last_touched_at,
        count(*) as touch_count,
        max(case when touches.interaction_type = 'click' then touches.touch_index end)
            as last_click_index,
        {{ ordered_numbers('channels.channel_number', 'touches.touch_index') }} as channel_numbers
    from {{ ref('journey_touchpoints') }} as touches
    inner join channels on touches.channel = channels.channel
    where {{ is_stale('touches.person_id', 'stale_people') }}
    group by touches.journey_id, touches.person_id, touches.conversion_type
)

select
    paths.journey_id,
    paths.person_id,
    paths.conversion_type,
    paths.started_at,
    paths.last_touched_at,
    paths.touch_count,
    paths.last_click_index,
    {{ elements_at('all_channels.channel_names', 'paths.channel_numbers') }} as channel_path
from paths
cross join all_channels
