{# The id of the version that this build may publish: when it began, and a part of dbt's own id of the run. #}
{% macro new_version_id() -%}
    {{ run_started_at.replace(microsecond=0, tzinfo=none).isoformat() | replace('-', '') | replace(':', '') }}-{{ invocation_id[:8] }}
{%- endmacro %}


{# Whether this build makes every check anew and everything that is served: only then is what it made audited. #}
{% macro all_checks_are_built() %}
    {% for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' %}
        {% set belongs = 'breaker' in node.fqn or 'published' in node.fqn or node.name == 'version_log' %}
        {% if belongs and node.unique_id not in selected_resources %}{{ return(false) }}{% endif %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}


{# The columns of a model's contract, of its latest version, in their order: {name: type}. #}
{% macro contracted_columns(model) %}
    {% set columns = {} %}
    {% for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model'
        and node.name == model and node.version == node.latest_version %}
        {% for column in node.columns.values() %}{% do columns.update({column.name: column.data_type}) %}{% endfor %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{# The same for a select list. #}
{% macro columns_of(model, alias) %}
    {%- for name, type in contracted_columns(model).items() %}
    cast({{ alias }}.{{ name }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- else %} *
    {%- endfor %}
{% endmacro %}


{# Makes room when this build published: keeps the rows of the latest versions, the newest of which is now read. #}
{% macro prune_versions() %}
    {% if execute %}
    {% for table in ['campaign_daily_features_versions', 'channel_credits_versions'] %}
    delete from {{ ref(table) }}
    where
        version_id not in (
            select version_id from (
                select version_id, row_number() over (order by published_at desc) as age
                from {{ this }}
            ) as aged
            where age <= {{ var('kept_versions') }}
        )
        and exists (select 1 from {{ this }} where build_id = '{{ invocation_id }}');
    {% endfor %}
    {% endif %}
{% endmacro %}


{# One hash of all models and seeds, as they stand in the files: the same code has the same. #}
{% macro code_fingerprint() %}
    {% set checksums = [] %}
    {% for node in (graph.nodes.values() if execute else []) if node.resource_type in ('model', 'seed') %}
        {% do checksums.append(node.unique_id ~ ' ' ~ node.checksum.checksum) %}
    {% endfor %}
    {{ return(local_md5(checksums | sort | join(' '))) }}
{% endmacro %}


{# A published table in one of its versions, for a from clause: `current`, which moves with every publication and
   rollback, or the id of a version, which stays the same as long as it is kept. For models built on the store:
   {{ published_version('channel_credits', var('store_version', 'current')) }}. #}
{% macro published_version(table, version='current') -%}
    {%- if version == 'current' -%} {{ ref('published_' ~ table) }}
    {%- else -%}
    {%- if execute and run_query(
        "select 1 from " ~ ref(table ~ '_versions') ~ " where version_id = " ~ text_literal(version) ~ " limit 1"
    ).rows | length == 0 -%}
        {%- do stop("no rows of version '" ~ version ~ "' are kept: published.versions lists the versions") -%}
    {%- endif -%}
    (
        select {{ columns_of(table, 'rows_kept') }}
        from {{ ref(table ~ '_versions') }} as rows_kept
        where rows_kept.version_id = {{ text_literal(version) }}
    )
    {%- endif -%}
{%- endmacro %}
