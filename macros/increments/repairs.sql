{# How an increment repairs a table: the rows of all stale keys go, and what the model makes of these keys now comes.
   The model says which keys those are in its config: unique_key, and meta.stale, the model that lists them. #}
{% macro get_incremental_repair_sql(arguments) %}
    {% set key = config.get('unique_key') %}
    {% set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') %}
    delete from {{ arguments['target_relation'] }}
    where {{ key }} in (select {{ key }} from {{ ref(config.get('meta').stale) }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{% endmacro %}


{# How an increment fills a list of stale keys: it only grows until a load is completed, which empties it, so that what a
   build that was cut short has begun is done again. #}
{% macro get_incremental_gather_sql(arguments) %}
    {% set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') %}
    delete from {{ arguments['target_relation'] }} where load_number < {{ load_number() }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
    except
    select {{ columns }} from {{ arguments['target_relation'] }}
{% endmacro %}


{# For a where clause: in an increment, only rows of stale keys; otherwise all. #}
{% macro is_stale(key, stale) %}
    {%- do built_after(stale) -%}
    {%- if is_incremental() -%}
    {{ key }} in (select stale.{{ key.split('.')[-1] }} from {{ ref(stale) }} as stale)
    {%- else -%} true
    {%- endif -%}
{% endmacro %}


{# Says that a model is built after another, which it reads in an increment only: a unit test need not give it. #}
{% macro built_after(model) -%}
    {%- if not execute %}{% do ref(model) %}{% endif -%}
{%- endmacro %}


{# For a where clause of a list of stale keys: in a build from nothing, no key is stale. #}
{% macro is_increment() -%}
    {{ 'true' if is_incremental() else 'false' }}
{%- endmacro %}


{# For a from clause: what a table holds now and did not hold after the last load, or held then and does not now. Its
   remembered columns are those of its meta. #}
{% macro changes_of(model) %}
    {%- set now = ref(model) -%}
    {%- set found = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.name == model and node.resource_type == 'model' -%}
        {%- do found.append(node.config.meta.remembered | join(', ')) -%}
    {%- endfor -%}
    {%- set columns = found[0] if found else '*' -%}
    (
        {%- if is_incremental() %}
        (select {{ columns }} from {{ now }} except select {{ columns }} from {{ memory(model) }})
        union all
        (select {{ columns }} from {{ memory(model) }} except select {{ columns }} from {{ now }})
        {%- else %}
        select {{ columns }} from {{ now }} where 1 = 0
        {%- endif %}
    )
{%- endmacro %}
