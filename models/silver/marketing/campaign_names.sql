-- What a campaign may be called in a tag: its id, or a name that no other campaign has.
with names as (
    select lower(campaign_id) as campaign_name, campaign_id, 1 as preference
    from {{ ref('campaigns') }}
    union
    select lower(campaign_name) as campaign_name, campaign_id, 2 as preference
    from {{ ref('campaigns') }}
    where campaign_name is not null
    union
    select lower(campaign_name) as campaign_name, campaign_id, 2 as preference
    from {{ ref('ad_performance') }}
    where campaign_name is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by campaign_name order by preference, campaign_id
        ) as name_rank,
        count(case when preference = 2 then 1 end) over (
            partition by campaign_name
        ) as campaigns_of_that_name
    from names
)

select campaign_name, campaign_id
from ranked
where name_rank = 1 and (preference = 1 or campaigns_of_that_name = 1)
