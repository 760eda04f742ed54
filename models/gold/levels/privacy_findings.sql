-- What the checks of privacy found, and among how many rows. A check without a finding has a row
-- too.
with found as (
    select check_name, count(*) as violation_count
    from {{ ref('privacy_violations') }}
    group by check_name
),

looked_at as (
    select 'refused_touches' as check_name, count(*) as row_count
    from {{ ref('touchpoints') }}
    union all
    select 'refused_sessions' as check_name, count(*) as row_count
    from {{ ref('session_events') }}
    union all
    select 'erased_identifiers' as check_name, count(*) as row_count
    from {{ ref('identity_map') }}
    union all
    select 'erased_identifiers' as check_name, count(*) as row_count
    from {{ ref('sessions') }}
    {% for check_name, places in searched_columns().items() %}
    {% for relation, column, key in places %}
    union all
    select '{{ check_name }}' as check_name, count({{ column }}) as row_count
    from {{ ref(relation) }}
    {% endfor %}
    {% endfor %}
),

counted as (
    select check_name, cast(sum(row_count) as bigint) as checked_count
    from looked_at
    group by check_name
)

select
    checks.check_name,
    checks.is_dated,
    coalesce(found.violation_count, 0) as violation_count,
    counted.checked_count
from {{ ref('privacy_checks') }} as checks
inner join counted on checks.check_name = counted.check_name
left join found on checks.check_name = found.check_name
