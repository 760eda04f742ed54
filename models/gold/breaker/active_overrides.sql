-- Trips that somebody decided to let pass, by name of the check: until a time in the data, or, when
-- no time was given, for the next version that is published.
with acts as (
    select
        overrides.check_name,
        overrides.actor,
        overrides.reason,
        row_number() over (
            partition by overrides.check_name order by overrides.recorded_at desc
        ) as act_rank
    from {{ ref('interventions') }} as overrides
    cross join {{ ref('as_of') }} as clock
    cross join {{ ref('last_publication') }} as publication
    where
        overrides.kind = 'override'
        and case
            when overrides.valid_until is not null then clock.as_of <= overrides.valid_until
            else
                publication.last_published_at is null
                or overrides.recorded_at > publication.last_published_at
        end
)

select
    check_name,
    actor,
    reason
from acts
where act_rank = 1
