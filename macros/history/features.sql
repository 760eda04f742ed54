{# The tables of features whose history is kept, and what a row of each is about. #}
{% macro feature_keys(features) %}
    {% set keys = {'campaign_daily_features': ['date', 'campaign_id'], 'person_features': ['person_id']} %}
    {% if features not in keys %}
        {% do stop("there is no history of '" ~ features ~ "': it is kept of " ~ keys | join(', ')) %}
    {% endif %}
    {{ return(keys[features]) }}
{% endmacro %}


{# What a build adds to the history of a table of features: the rows that are not as they were last known, and for a row
   that is gone its key alone, marked is_removed. `known_from` is "now" in the data, not on the wall: what was built late
   was not known late.

   A build at a moment before one that the store has already been at adds nothing: history would be told out of order.
   The moment of the last one again is no such case, and its rows replace those of that moment: repeated, or done again
   after it was killed, a build leaves the same. #}
{% macro changes_of_features(features) %}
    {%- set columns = contracted_columns(features) -%}
    {%- set keys = feature_keys(features) -%}
    {%- set names = columns | join(', ') -%}
with recorded as (
    select *
    from {{ previously(
        'history', features ~ '_changes', dict(columns, known_from='timestamp', is_removed='boolean')
    ) }} as before_this_build
),

moments as (
    select max(as_of) as latest_at
    from (
        select known_from as as_of from recorded
        union all
        select as_of from {{ previously('ledger', 'load_log', {'as_of': 'timestamp'}) }} as loads
    ) as all_moments
),

numbered as (
    select
        *,
        row_number() over (partition by {{ keys | join(', ') }} order by known_from desc) as recency
    from recorded
),

last_known as (
    select {{ names }} from numbered
    where recency = 1 and not is_removed
),

-- Two nulls are the same to except.
told_anew as (
    select {{ names }} from {{ ref(features) }}
    except
    select {{ names }} from last_known
),

changes as (
    select {{ names }}, false as is_removed
    from told_anew
    union all
    select
        {%- for name, type in columns.items() %}
        {{ 'last_known.' ~ name if name in keys else 'cast(null as ' ~ type ~ ')' }} as {{ name }},
        {%- endfor %}
        true as is_removed
    from last_known
    left join {{ ref(features) }} as features
        on {% for key in keys %}last_known.{{ key }} = features.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where features.{{ keys[0] }} is null
)

select
    clock.as_of as known_from,
    {{ load_number() }} as load_number,
    changes.is_removed,
    {%- for name in columns %}
    changes.{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from changes
cross join moments
cross join {{ ref('as_of') }} as clock
where clock.as_of >= coalesce(moments.latest_at, clock.as_of)
{% endmacro %}


{# Takes erased people out of the history of people: under every key they had, were it before more was known of them. A
   key is made of an identifier, of a device that nobody linked, or of a visit (silver.identity_members, visit_people). #}
{% macro forget_erased_people() %}
    {%- if execute %}
    delete from {{ this }}
    where person_id in (
        select {{ dbt_utils.generate_surrogate_key(['identifier_type', 'identifier_value']) }}
        from {{ ref('identity_members') }}
        where is_erased
        union all
        select {{ dbt_utils.generate_surrogate_key(["'unlinked'", 'identifier_value']) }}
        from {{ ref('identity_members') }}
        where is_erased and identifier_type = 'anonymous_id'
        union all
        select {{ dbt_utils.generate_surrogate_key(["'visit'", 'visits.visit_key']) }}
        from {{ ref('visits') }} as visits
        inner join {{ ref('identity_members') }} as members
            on members.identifier_type = 'anonymous_id' and visits.anonymous_id = members.identifier_value
        where members.is_erased
    )
    {%- endif %}
{% endmacro %}


{# What was known at a time of one's own: for a from clause. Every row of `spine` (a relation, or the name of a step of
   the query) once, with the columns of the features as the last build that was no later than `asked_at` told them, and
   `known_from`, that build's "now". Nulls where nothing was known. The spine has the columns of feature_keys, and no
   other that the features have, too. #}
{% macro features_as_known(features, spine, asked_at='asked_at') -%}
    {%- set columns = contracted_columns(features) -%}
    {%- set keys = feature_keys(features) -%}
    {%- set history = ref(features ~ '_changes') -%}
    {%- set told = columns | reject('in', keys) | list -%}
    {{- as_of_join(spine, history, keys, asked_at, 'known_from', ['known_from'] + told) -}}
{%- endmacro %}
