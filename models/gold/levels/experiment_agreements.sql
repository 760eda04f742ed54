-- What Markov credits a channel with while an experiment runs on it, against what the experiment
-- says it caused. Less than half a conversion on either side counts as half a one, so that a lift
-- of nothing disagrees instead of dropping out.
with known as (
    select min(date) as first_date from {{ ref('calendar') }}
),

spans as (
    select lifts.*
    from {{ ref('experiment_lifts') }} as lifts
    inner join known on lifts.started_on >= known.first_date
    where lifts.lift_conversions is not null
),

credited as (
    select
        spans.experiment_id,
        spans.channel,
        {{ exact_sum('credits.credit') }} as credited_conversions
    from spans
    inner join {{ ref('attribution_credits') }} as credits
        on
            spans.channel = credits.channel
            and {{ business_date('credits.converted_at') }}
            between spans.started_on and spans.ended_on
    where
        credits.attribution_model = 'markov'
        and credits.context_policy = 'context_aware'
        and credits.conversion_type = 'purchase'
    group by spans.experiment_id, spans.channel
)

select
    spans.experiment_id,
    spans.channel,
    spans.started_on,
    spans.ended_on,
    spans.lift_conversions,
    coalesce(credited.credited_conversions, 0) as credited_conversions,
    ln(
        greatest(coalesce(credited.credited_conversions, 0), thresholds.drift_smoothing)
        / greatest(spans.lift_conversions, thresholds.drift_smoothing)
    ) as log_ratio
from spans
cross join {{ ref('thresholds') }} as thresholds
left join credited
    on spans.experiment_id = credited.experiment_id and spans.channel = credited.channel
