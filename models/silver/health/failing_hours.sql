-- Hours in which a step failed: evidence that ends in the hour and evidence that begins with it are
-- both positive, and a run of such hours adds up to more than chance makes in years. As much
-- evidence of health in between makes two failures of one.
with accumulated as (
    select
        *,
        sum(evidence) over so_far as total_evidence,
        sum(case when evidence > 0 then 1 else 0 end) over so_far as stretch_number
    from {{ ref('step_evidence') }}
    window so_far as (
        partition by scope, step order by hour_at
        rows between unbounded preceding and current row
    )
),

bounded as (
    select
        accumulated.*,
        case
            when accumulated.scope = 'all' then thresholds.shop_evidence
            else thresholds.source_evidence
        end as needed_evidence,
        -- Evidence of health: what the hours in a row without any of failure add up to.
        sum(case when accumulated.evidence < 0 then accumulated.evidence else 0 end) over (
            partition by accumulated.scope, accumulated.step, accumulated.stretch_number
        ) as stretch_evidence,
        accumulated.total_evidence - min(accumulated.total_evidence - accumulated.evidence) over (
            partition by accumulated.scope, accumulated.step order by accumulated.hour_at
            rows between thresholds.evidence_hours preceding and current row
        ) as evidence_ending,
        max(accumulated.total_evidence) over (
            partition by accumulated.scope, accumulated.step order by accumulated.hour_at
            rows between current row and thresholds.evidence_hours following
        ) - accumulated.total_evidence + accumulated.evidence as evidence_beginning
    from accumulated
    cross join {{ ref('thresholds') }} as thresholds
),

judged as (
    select
        *,
        evidence_ending > 0
        and evidence_beginning > 0
        and not (evidence <= 0 and stretch_evidence < -needed_evidence) as is_failing
    from bounded
),

runs as (
    select
        *,
        sum(case when is_failing then 0 else 1 end) over (
            partition by scope, step order by hour_at
            rows between unbounded preceding and current row
        ) as run_number
    from judged
),

gathered as (
    select
        *,
        sum(evidence) over (
            partition by scope, step, run_number order by hour_at
            rows between unbounded preceding and current row
        ) as evidence_so_far,
        sum(evidence) over (partition by scope, step, run_number) as run_evidence
    from runs
    where is_failing
)

select
    hour_at,
    scope,
    step,
    entered_count,
    passed_count,
    expected_passes,
    evidence_so_far,
    evidence_so_far >= needed_evidence as is_detected
from gathered
where run_evidence >= needed_evidence
