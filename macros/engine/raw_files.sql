{# The rows of a raw table that this build reads, in the types that all of its files together have, so that it makes no
   difference which files are read at once: as raw_relation, with the column source_file. #}
{% macro raw_rows_to_read(schema, table) %}
    {{ return(adapter.dispatch('raw_rows_to_read')(schema, table)) }}
{% endmacro %}

{% macro default__raw_rows_to_read(schema, table) %}
    {% set raw = raw_relation(schema, table) %}
    {{ return({'relation': "(select *, '' as source_file from " ~ raw.relation ~ ') as files', 'columns': raw.columns}
        if raw else none) }}
{% endmacro %}

{% macro duckdb__raw_rows_to_read(schema, table) %}
    {% set raw = raw_relation(schema, table) %}
    {% if not raw %}{{ return(none) }}{% endif %}
    {% set columns = {} %}
    {% for column in raw_table(schema, table).columns if column in raw.columns %}
        {% do columns.update({column: raw.columns[column]}) %}
    {% endfor %}
    {% set files = [] %}
    {% do find_raw_files(schema, table, files) %}
    {% if flags.WHICH in ('build', 'run') %}
        {% set files = run_query(
            'select source_file from ' ~ ledger('current_files') ~ ' where is_read order by 1'
        ).columns[0].values() | list %}
    {% endif %}
    {% if files | length == 0 %}{{ return(none) }}{% endif %}
    {{ return({'relation': file_reader(schema, table, files, columns) | trim, 'columns': columns}) }}
{% endmacro %}


{# Writes ledger.found_files: the files of a raw table, each with its size and time. #}
{% macro found_files_of(schema, table) %}
    {{ return(adapter.dispatch('found_files_of')(schema, table)) }}
{% endmacro %}

{% macro default__found_files_of(schema, table) %}
    {{ return('create or replace table ' ~ ledger('found_files') ~ ' as select * from ' ~ ledger('loaded_files')
        ~ ' where 1 = 0') }}
{% endmacro %}

{% macro duckdb__found_files_of(schema, table) %}
    {% set names = [] %}
    {% set files = [] %}
    {% do find_raw_files(schema, table, files) %}
    {% for file in files %}{% do names.append(text_literal(file)) %}{% endfor %}
    {% if names | length == 0 %}{{ return(default__found_files_of(schema, table)) }}{% endif %}
    {{ return('create or replace table ' ~ ledger('found_files') ~ ' as'
        ~ ' select filename as source_file, size as size_bytes,'
        ~ " timezone('UTC', last_modified) as modified_at from read_blob([" ~ names | join(', ') ~ '])') }}
{% endmacro %}


{# How many rows each of some files has, and since when: (source_file, row_count, first_at). `chosen` is SQL that gives
   their names. #}
{% macro rows_of_files(schema, table, chosen) %}
    {% set raw = raw_relation(schema, table) %}
    {% set time_column = raw_table(schema, table).config.meta.time_column %}
    {% set names = run_query(chosen).columns[0].values() | list %}
    {% if names | length == 0 or not raw %}
        {{ return("select '' as source_file, 0 as row_count, cast(null as timestamp) as first_at where 1 = 0") }}
    {% endif %}
    {{ return('select source_file, count(*) as row_count, min('
        ~ typed_timestamp('"' ~ time_column ~ '"', raw.columns[time_column]) ~ ') as first_at from '
        ~ file_reader(schema, table, names, {time_column: raw.columns[time_column]}) ~ ' group by source_file') }}
{% endmacro %}


{# Whether the raw tables are files, of which those that were read before can be told. #}
{% macro raw_tables_are_files() %}
    {{ return(adapter.dispatch('raw_tables_are_files')()) }}
{% endmacro %}

{% macro default__raw_tables_are_files() %}{{ return(false) }}{% endmacro %}

{% macro duckdb__raw_tables_are_files() %}{{ return(true) }}{% endmacro %}
