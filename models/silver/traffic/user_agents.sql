-- User agents that say they are not a person. Behaviour is judged elsewhere.
with agents as (
    select distinct user_agent from {{ ref('visits') }}
    where user_agent is not null
)

select
    agents.user_agent,
    count(patterns.pattern) > 0 as is_bot
from agents
left join {{ ref('bot_user_agents') }} as patterns
    on {{ matches('lower(agents.user_agent)', 'patterns.pattern') }}
group by agents.user_agent
