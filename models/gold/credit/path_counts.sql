-- How often each path of channels was walked, and how it ended: the statistic that packages for
-- path data expect, and all that the models of channels are told.
with walked as (
    select
        conversion_type,
        channel_path,
        journey_status,
        is_blocked,
        count(*) as journey_count,
        sum({{ exact_amount('coalesce(net_revenue, 0)') }}) as net_revenue
    from {{ ref('journeys') }}
    where touch_count > 0
    group by conversion_type, channel_path, journey_status, is_blocked
)

select
    {{ dbt_utils.generate_surrogate_key(['walked.channel_path']) }} as path_id,
    walked.conversion_type,
    policies.context_policy,
    walked.channel_path,
    cast(sum(walked.journey_count) as bigint) as journey_count,
    cast(sum(case when policies.is_converted then walked.journey_count else 0 end) as bigint)
        as conversion_count,
    cast(sum(case when policies.is_loss then walked.journey_count else 0 end) as bigint)
        as loss_count,
    cast(sum(walked.net_revenue) as double) as net_revenue
from walked
inner join {{ ref('context_policies') }} as policies
    on
        walked.journey_status = policies.journey_status
        and walked.is_blocked = policies.is_blocked
group by walked.conversion_type, policies.context_policy, walked.channel_path
