-- How long a touch may wait for its conversion, per conversion type and channel: the most specific
-- row of the seed, or the default of the project.
with channels as (
    select distinct channel from {{ ref('touchpoints') }}
),

pairs as (
    select conversion_types.conversion_type, channels.channel
    from {{ ref('conversion_types') }} as conversion_types
    cross join channels
),

matched as (
    select
        pairs.conversion_type,
        pairs.channel,
        windows.window_days,
        row_number() over (
            partition by pairs.conversion_type, pairs.channel
            order by
                case when windows.conversion_type = '*' then 1 else 0 end
                + case when windows.channel = '*' then 1 else 0 end,
                case when windows.conversion_type = '*' then 1 else 0 end
        ) as match_rank
    from pairs
    left join {{ ref('attribution_windows') }} as windows
        on
            windows.conversion_type in (pairs.conversion_type, '*')
            and windows.channel in (pairs.channel, '*')
)

select
    conversion_type,
    channel,
    cast(coalesce(window_days, {{ var('attribution_window_days') }}) as integer) as window_days
from matched
where match_rank = 1
