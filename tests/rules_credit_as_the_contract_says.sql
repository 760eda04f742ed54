-- The six rules of the contract, recomputed from order and time alone.
with touches as (
    select
        journeys.journey_id,
        touches.touchpoint_id,
        journeys.touch_count,
        touches.touch_index,
        max(case when touches.channel <> 'direct' then touches.touch_index end)
            over (partition by journeys.journey_id)
            as last_non_direct_index,
        exp(
            -ln(2)
            * {{ seconds_between('touches.touched_at', 'journeys.converted_at') }}
            / (7 * 86400)
        ) as decayed
    from {{ ref('journeys') }} as journeys
    inner join
        {{ ref('journey_touchpoints') }} as touches
        on journeys.journey_id = touches.journey_id
    where journeys.journey_status = 'converted'
),

expected as (
    select
        journey_id,
        touchpoint_id,
        'first_touch' as attribution_model,
        case when touch_index = 1 then 1.0 else 0.0 end as credit
    from touches
    union all
    select
        journey_id,
        touchpoint_id,
        'last_touch' as attribution_model,
        case when touch_index = touch_count then 1.0 else 0.0 end as credit
    from touches
    union all
    select
        journey_id,
        touchpoint_id,
        'last_non_direct' as attribution_model,
        case when touch_index = coalesce(last_non_direct_index, touch_count) then 1.0 else 0.0 end
            as credit
    from touches
    union all
    select
        journey_id,
        touchpoint_id,
        'linear' as attribution_model,
        1.0 / touch_count as credit
    from touches
    union all
    select
        journey_id,
        touchpoint_id,
        'position_based' as attribution_model,
        case
            when touch_count <= 2 then 1.0 / touch_count
            when touch_index in (1, touch_count) then 0.4
            else 0.2 / (touch_count - 2)
        end as credit
    from touches
    union all
    select
        journey_id,
        touchpoint_id,
        'time_decay' as attribution_model,
        decayed / sum(decayed) over (partition by journey_id) as credit
    from touches
),

policies as (
    select 'naive' as context_policy
    union all
    select 'context_aware' as context_policy
)

select
    expected.journey_id,
    expected.touchpoint_id,
    expected.attribution_model,
    policies.context_policy,
    expected.credit as expected_credit,
    credits.credit
from expected
cross join policies
inner join {{ ref('attribution_models') }} as models
    on expected.attribution_model = models.attribution_model and models.is_enabled
left join {{ ref('attribution_credits') }} as credits
    on
        expected.journey_id = credits.journey_id
        and expected.touchpoint_id = credits.touchpoint_id
        and expected.attribution_model = credits.attribution_model
        and policies.context_policy = credits.context_policy
where abs(coalesce(credits.credit, -1) - expected.credit) > 1e-9
