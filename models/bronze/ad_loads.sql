-- When a campaign's day was first reported by its platform: the tables of ads keep the last load.
{% set platforms = {'facebook': 'date', 'google': 'segments_date', 'tiktok': 'stat_time_day'} %}
with loads as (
    {% for platform, day in platforms.items() %}
    select
        '{{ platform }}' as platform,
        landed.{{ day ~ (' as date' if day != 'date') }},
        landed.campaign_id,
        landed.loaded_at
    from {{ ref('landed_' ~ platform ~ '_ads') }} as landed
    cross join {{ ref('clock') }} as clock
    where {{ quarantine_reason('raw', platform ~ '_ads') }} is null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    date,
    platform,
    campaign_id,
    min(loaded_at) as first_loaded_at
from loads
group by date, platform, campaign_id
