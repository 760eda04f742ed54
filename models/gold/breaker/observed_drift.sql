-- What the checks of drift observe: how far the channels' shares moved since the week before, by
-- two measures, and since the last good version. Chance moves them too, the more the fewer
-- conversions: that is the noise.
with latest as (
    select drift.*
    from {{ ref('channel_share_drift') }} as drift
    inner join {{ ref('as_of') }} as clock on drift.date = {{ business_date('clock.as_of') }}
),

counted as (
    select
        conversion_type,
        count(*) as conversion_count
    from {{ ref('conversions') }}
    group by conversion_type
)

{% for measure, name in [
    ('psi', 'population stability index'), ('jsd', 'Jensen-Shannon divergence')
] %}
select
    'share_drift' as check_family,
    '{{ measure }}' as scope,
    latest.{{ measure }} as observed,
    cast(null as double) as usual,
    -- Nothing to compare: null.
    coalesce(latest.{{ measure }}_noise, 0) as noise,
    coalesce(case
        when latest.conversion_count < latest.conversion_count_before then latest.conversion_count
        else latest.conversion_count_before
    end, 0) as sample_count,
    '{{ name }} between the channels'' shares of two weeks' || coalesce(
        ' (largest move ' || {{ as_short_text('100 * latest.largest_move') }} || ' points)', ''
    ) as subject
from latest
union all
{% endfor %}
select
    'credit_move' as check_family,
    canary.conversion_type as scope,
    max(abs(canary.moved_share)) as observed,
    null as usual,
    0 as noise,
    max(counted.conversion_count) as sample_count,
    'largest move of a channel''s share of ' || canary.conversion_type
    || ' credit since the last good version' as subject
from {{ ref('credit_canary') }} as canary
inner join counted on canary.conversion_type = counted.conversion_type
where canary.moved_share is not null
group by canary.conversion_type
