-- Everything found that privacy forbids, row by row; there should be nothing. Tests, service level
-- and circuit breaker read it, so that no rule is written twice. A row is named by its key: what
-- must not be readable is not written down once more.
with erased_people as (
    select distinct person_id
    from {{ ref('identity_members') }}
    where is_erased
)

select check_name, found_in, found_key, date
from {{ ref('refused_uses') }}
union all
select check_name, found_in, found_key, cast(null as date) as date
from {{ ref('erased_identifiers_found') }}
{% for relation, column, key in searched_columns()['erased_people'] %}
union all
select
    'erased_people' as check_name,
    '{{ relation }}.{{ column }}' as found_in,
    found.{{ key }} as found_key,
    cast(null as date) as date
from {{ ref(relation) }} as found
inner join erased_people on found.{{ column }} = erased_people.person_id
{% endfor %}
{% for relation, column, key in searched_columns()['raw_addresses'] %}
union all
select distinct
    'raw_addresses' as check_name,
    '{{ relation }}.{{ column }}' as found_in,
    {{ key }} as found_key,
    cast(null as date) as date
from {{ ref(relation) }}
where {{ matches(column, "'[^@ ]+(@|%40)[^@ ]+[.][a-zA-Z]{2,}'") }}
{% endfor %}
