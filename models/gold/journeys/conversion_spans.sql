-- Each conversion with the moment after which touches are its own: the person's previous conversion
-- of the same type, or the beginning of time when journeys never reset.
select
    conversion_id,
    person_id,
    conversion_type,
    converted_at,
    net_revenue,
    {% if var('journey_reset') == 'on_conversion' %}
    coalesce(
        lag(converted_at) over (
            partition by person_id, conversion_type order by converted_at, conversion_id
        ),
        cast('0001-01-01' as {{ dbt.type_timestamp() }})
    ) as touches_after,
    {% else %}
    cast('0001-01-01' as {{ dbt.type_timestamp() }}) as touches_after,
    {% endif %}
    {{ dbt_utils.generate_surrogate_key(["'converted'", 'conversion_type', 'conversion_id']) }}
        as journey_id
from {{ ref('conversions') }}
