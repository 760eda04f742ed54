-- Referring hosts and what they are: a search engine, a social network, a video site, or simply
-- another site.
with hosts as (
    select distinct referrer_host from {{ ref('visits') }}
    where referrer_host is not null
),

matched as (
    select
        hosts.referrer_host,
        rules.source,
        rules.medium,
        row_number() over (
            partition by hosts.referrer_host order by rules.priority asc nulls last
        ) as match_rank
    from hosts
    left join {{ ref('referrers') }} as rules
        on {{ matches('hosts.referrer_host', 'rules.host_pattern') }}
)

select
    referrer_host,
    coalesce(source, referrer_host) as source,
    coalesce(medium, 'referral') as medium
from matched
where match_rank = 1
