-- Leads and sign-ups: events that are conversions by themselves, in the reporting currency. Bots do
-- not convert. Those of erased people, whose sessions are gone, stay as conversions of nobody
-- known.
select
    events.event_id as conversion_id,
    coalesce(
        sessions.person_id,
        {{ dbt_utils.generate_surrogate_key(["'nobody'", "'event'", 'events.event_id']) }}
    ) as person_id,
    events.occurred_at as converted_at,
    kinds.conversion_type,
    coalesce(source_events.value, 0)
    * case
        when source_events.value is null or source_events.value = 0 then 1
        else rates.rate_to_reporting
    end as gross_revenue
from {{ ref('session_events') }} as events
inner join {{ ref('conversion_events') }} as kinds on events.event_name = kinds.event_name
inner join {{ ref('consented_events') }} as source_events
    on events.event_id = source_events.event_id
left join {{ ref('sessions') }} as sessions
    on
        events.anonymous_id = sessions.anonymous_id
        and events.session_number = sessions.session_number
left join {{ ref('exchange_rates') }} as rates
    on
        coalesce(source_events.currency, '{{ var("reporting_currency") | upper }}') = rates.currency
        and {{ business_date('events.occurred_at') }} >= rates.valid_from
        and {{ business_date('events.occurred_at') }} < rates.valid_to
where not coalesce(sessions.is_bot, false)
