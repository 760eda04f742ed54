-- What the checks of shares observe on each new day, beside the days before: sessions that are
-- machines', product hours whose stock is known, orders whose purchase event came, and purchases
-- whose order came. Of orders there are few a day, so chance has a say.
{% set subjects = {
    'machine_share': 'sessions that are no visits of people',
    'inventory_observed': 'product hours whose stock is known',
    'order_events': 'orders whose purchase event arrived',
    'event_orders': 'purchase events whose order arrived',
} %}

with records as (
    select
        'machine_share' as check_family,
        started_at as happened_at,
        is_bot or is_phantom as is_met
    from {{ ref('sessions') }}
    union all
    select 'inventory_observed' as check_family, hour_at as happened_at, is_observed as is_met
    from {{ ref('sku_availability_hourly') }}
    union all
    select 'order_events' as check_family, ordered_at as happened_at, is_delivered as is_met
    from {{ ref('order_deliveries') }}
    union all
    select 'event_orders' as check_family, purchased_at as happened_at, is_ordered as is_met
    from {{ ref('purchase_orders') }}
),

aged as (
    select
        records.check_family,
        {{ days_before('records.happened_at', 'clock.as_of') }} as day_number,
        case when records.is_met then 1.0 else 0 end as is_met
    from records
    cross join {{ ref('as_of') }} as clock
),

usual as (
    select
        aged.check_family,
        avg(aged.is_met) as share,
        -- Never quite all or nothing: what always went well so far may still fail once.
        (sum(aged.is_met) + 1) / (count(*) + 1 + 1) as share_to_expect
    from aged
    inner join {{ ref('usual_days') }} as days on aged.day_number = days.day_number
    group by aged.check_family
)

{% for family, subject in subjects.items() %}
select
    '{{ family }}' as check_family,
    'all' as scope,
    days.day_suffix,
    avg(aged.is_met) as observed,
    max(usual.share) as usual,
    {% if family in ['order_events', 'event_orders'] %}
    coalesce(max(
        thresholds.breaker_z_score * sqrt(usual.share_to_expect * (1 - usual.share_to_expect))
    ) / nullif(sqrt(count(aged.is_met)), 0), 0) as noise,
    {% else %}
    cast(0 as double) as noise,
    {% endif %}
    count(aged.is_met) as sample_count,
    'share of a day''s {{ subject }}' as subject
from {{ ref('unaudited_days') }} as days
{% if family in ['order_events', 'event_orders'] %}
cross join {{ ref('thresholds') }} as thresholds
{% endif %}
left join aged on aged.check_family = '{{ family }}' and days.day_number = aged.day_number
left join usual on usual.check_family = '{{ family }}'
group by days.day_suffix
{{ 'union all' if not loop.last }}
{% endfor %}
