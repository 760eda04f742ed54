-- The checks of this build and what each of them says. One trip keeps the build from being
-- published.
with measured as (
    select
        *,
        case measure
            when 'value' then observed
            when 'rise' then observed - baseline
            when 'drop' then baseline - observed
            when 'change' then abs(observed - baseline)
            when 'relative' then abs(observed / nullif(baseline, 0) - 1)
            when 'shrink' then 1 - observed / nullif(baseline, 0)
            when 'factor' then case
                when observed < baseline then baseline / nullif(observed, 0)
                else observed / nullif(baseline, 0)
            end
        end as deviation,
        case
            when measure = 'value' then trip_above + noise
            when measure = 'shrink' or (measure = 'relative' and observed < baseline)
                then baseline * (1 - trip_above - noise)
            when measure = 'relative' then baseline * (1 + trip_above + noise)
            when measure = 'factor' and observed < baseline
                then baseline / (trip_above + noise)
            when measure = 'factor' then baseline * (trip_above + noise)
            when measure = 'drop' or (measure = 'change' and observed < baseline)
                then baseline - trip_above - noise
            else baseline + trip_above + noise
        end as threshold
    from {{ ref('check_observations') }}
),

overrides as (
    select
        measured.check_name,
        overrides.actor,
        overrides.reason,
        -- The narrower word goes first: on a day, on the check of all days, on the family.
        row_number() over (
            partition by measured.check_name
            order by length(overrides.check_name) desc
        ) as override_rank
    from measured
    inner join {{ ref('active_overrides') }} as overrides
        on overrides.check_name in (
            measured.check_name, measured.base_name, measured.check_family
        )
    where measured.may_be_overridden
),

judged as (
    select
        measured.*,
        overrides.actor,
        overrides.reason as override_reason,
        measured.sample_count < measured.minimum_sample as is_too_small,
        measured.deviation > measured.trip_above + measured.noise as is_beyond,
        measured.deviation > measured.warn_above + measured.noise as is_notable
    from measured
    left join overrides
        on measured.check_name = overrides.check_name and overrides.override_rank = 1
),

decided as (
    select
        *,
        case
            when is_too_small or deviation is null then 'insufficient_data'
            when is_beyond and actor is not null then 'warn'
            when is_beyond then 'trip'
            when is_notable then 'warn'
            else 'pass'
        end as status,
        not is_too_small and coalesce(is_beyond, false) and actor is not null as is_overridden
    from judged
)

select
    check_name,
    check_family,
    scope,
    observed,
    baseline,
    threshold,
    sample_count,
    status,
    subject || case
        when observed is null then ': nothing to look at'
        when is_too_small
            then ': ' || sample_count || ' are too few to tell, ' || minimum_sample || ' are needed'
        when deviation is null then ': nothing to compare with yet'
        else
            ': ' || {{ as_short_text('observed') }}
            || coalesce(' instead of ' || {{ as_short_text('baseline') }}, '')
            || case status
                when 'pass' then ''
                else ', trips at ' || {{ as_short_text('threshold') }}
            end
    end
    || case
        when is_overridden then '; overridden by ' || actor || ': ' || override_reason
        else ''
    end as reason,
    severity,
    is_overridden,
    runbook
from decided
