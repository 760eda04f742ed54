-- People to whom touches belonged before an increment, on the devices whose touches it works on
-- anew: they may lose them to somebody else.
{{ config(materialized='incremental', incremental_strategy='gather') }}

select distinct
    touchpoints.person_id,
    {{ load_number() }} as load_number
from {{ previously(
    'silver', 'touchpoints', {'person_id': 'text', 'anonymous_id': 'text'}
) }} as touchpoints
inner join {{ ref('stale_contexts') }} as devices
    on touchpoints.anonymous_id = devices.anonymous_id
where {{ is_increment() }}
