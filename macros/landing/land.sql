{# One raw table as it arrived: every declared column typed, personal values hashed, nothing dropped. Three columns
   are added: row_key (the key as text), raw_row (what was read, personal values hashed) and problem (why the row
   cannot be used, first reason wins; null: it can). The declaration in models/bronze/_sources.yml is the only place
   that is read. `reads_on` leaves out the files that an earlier load has read, and adds source_file. #}
{% macro land(schema, table, reads_on=false) %}
{% do source(schema, table) %}
{% if execute %}
{% set node = raw_table(schema, table) %}
{% set raw = raw_rows_to_read(schema, table) if reads_on else raw_relation(schema, table) %}
{% set raw = raw or {'relation': none, 'columns': {}} %}
{% set columns = node.columns.values() | list %}
with raw_rows as (
    select
        {% for column in columns %}
        {% if column.name in raw.columns %}
        {{ present('"' ~ column.name ~ '"', raw.columns[column.name]) }} as {{ column.name }}{{ ',' if not loop.last }}
        {% else %}
        cast(null as {{ dbt.type_string() }}) as {{ column.name }}{{ ',' if not loop.last }}
        {% endif %}
        {% endfor %}
        {% if reads_on %}
        , {{ 'source_file' if raw.relation else "cast(null as " ~ dbt.type_string() ~ ") as source_file" }}
        {% endif %}
    {% if raw.relation %}
    from {{ raw.relation }}
    {% else %}
    from (select 1 as nothing) as absent_table
    where 1 = 0
    {% endif %}
)

select
    {% for column in columns %}
    {{ landed_value(column, raw.columns) }} as {{ column.name }},
    {% if column.data_type in ('email', 'identifier') %}
    {{ landed_sha256(column) }} as {{ column.name }}_sha256,
    {% endif %}
    {% endfor %}
    {% if reads_on %}
    raw_rows.source_file,
    {% endif %}
    {{ landed_key(columns, node.config.meta.key, raw.columns) }} as row_key,
    {{ landed_row(columns, raw.columns) }} as raw_row,
    {{ landed_problem(columns, raw.columns) }} as problem
from raw_rows
{% else %}
select 1 as not_compiled_yet
{% endif %}
{% endmacro %}


{# A column of raw_rows in its declared type; `arrived_as` says in which types the columns came. #}
{% macro landed_value(column, arrived_as) %}
    {%- set text = 'cast(raw_rows.' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- set value = 'raw_rows.' ~ column.name -%}
    {%- if column.data_type == 'timestamp' -%} {{ typed_timestamp(value, arrived_as.get(column.name)) }}
    {%- elif column.data_type == 'date' -%} {{ typed_date(value) }}
    {%- elif column.data_type == 'number' -%} {{ typed_number(value) }}
    {%- elif column.data_type == 'integer' -%} {{ typed_integer(value) }}
    {%- elif column.data_type == 'boolean' -%} {{ typed_boolean(value) }}
    {%- elif column.data_type == 'email' -%} {{ keyed_hash(normalised_email(text)) }}
    {%- elif column.data_type == 'phone' -%} {{ keyed_hash(normalised_phone(text)) }}
    {%- elif column.data_type == 'identifier' -%}
        {{ hashed_identifier(text, 'raw_rows.' ~ column.config.meta.type_column) }}
    {%- elif column.data_type == 'identifier_type' -%}
        {{ hashed_identifier_type(text) }}
    {%- elif column.data_type == 'word' -%} lower({{ text }})
    {%- elif column.data_type == 'currency' -%} upper({{ text }})
    {%- else -%} {{ text }}
    {%- endif -%}
{% endmacro %}


{# The plain SHA-256 of an address, to recognise hashes that others made; no table keeps it. #}
{% macro landed_sha256(column) %}
    {%- set text = 'cast(raw_rows.' ~ column.name ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- set address = sha256_hex(normalised_email(text)) -%}
    {%- if column.data_type == 'email' -%} {{ address }}
    {%- else -%} case when lower(raw_rows.{{ column.config.meta.type_column }}) = 'email' then {{ address }} end
    {%- endif -%}
{% endmacro %}


{# The key as text: typed values, so that two spellings of one key are one key, escaped so that no two keys look
   alike. #}
{% macro landed_key(columns, key, arrived_as) %}
    {%- for column in columns if column.name in key -%}
        {%- set part = 'coalesce(cast(' ~ landed_value(column, arrived_as) ~ ' as ' ~ dbt.type_string() ~ "), '')" -%}
        replace(replace({{ part }}, '~', '~~'), '|', '~|') {{- " || '|' || " if not loop.last }}
    {%- endfor -%}
{% endmacro %}


{# What was read, for the quarantine. #}
{% macro landed_row(columns, arrived_as) %}
    {%- set pairs = [] -%}
    {%- for column in columns -%}
        {%- do pairs.append((column.name, readable_value(column, arrived_as))) -%}
    {%- endfor -%}
    {{- row_as_struct(pairs) -}}
{% endmacro %}


{# A value as it was read; the hash of a personal one. #}
{% macro readable_value(column, arrived_as) %}
    {%- if column.data_type in ('email', 'phone', 'identifier') -%} {{ landed_value(column, arrived_as) }}
    {%- else -%} raw_rows.{{ column.name }}
    {%- endif -%}
{% endmacro %}


{# First reason wins: a required value that is missing, then a value that is there and cannot be read. #}
{% macro landed_problem(columns, arrived_as) %}
    {% set typed = ['timestamp', 'date', 'number', 'integer', 'boolean', 'identifier_type', 'identifier'] %}
    case
        {% for column in columns if column.config.meta.required %}
        when raw_rows.{{ column.name }} is null then '{{ column.name }} is missing'
        {% endfor %}
        {% for column in columns if column.data_type in typed %}
        when raw_rows.{{ column.name }} is not null and ({{ landed_value(column, arrived_as) }}) is null
            then '{{ column.name }} is not {{ 'an' if column.data_type[0] == 'i' else 'a' }} {{ column.data_type }}'
        {% endfor %}
    end
{% endmacro %}
