{# Where a raw table is and which columns it has: {relation: text for a from clause, columns: {name: type}}, or none
   when the table is absent. On a warehouse it is the source itself; on DuckDB a file or a folder of files below
   `raw_dir`. #}
{% macro raw_relation(schema, table) %}
    {{ return(adapter.dispatch('raw_relation')(schema, table)) }}
{% endmacro %}


{% macro default__raw_relation(schema, table) %}
    {% set node = raw_table(schema, table) %}
    {% set relation = adapter.get_relation(node.database, node.schema, node.identifier) %}
    {% if relation is none %}{{ return(none) }}{% endif %}
    {% set columns = {} %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do columns.update({column.name | lower: column.dtype | upper}) %}
    {% endfor %}
    {{ return({'relation': relation | string, 'columns': columns}) }}
{% endmacro %}


{% macro duckdb__raw_relation(schema, table) %}
    {% set files = [] %}
    {% do find_raw_files(schema, table, files) %}
    {% if files | length == 0 %}{{ return(none) }}{% endif %}
    {% set relation = file_reader(schema, table, files) | trim %}
    {% set columns = {} %}
    {% for row in run_query('describe select * from ' ~ relation).rows %}
        {% do columns.update({row['column_name'] | lower: row['column_type'] | upper}) %}
    {% endfor %}
    {# A file without a row or a header has no columns of its own: DuckDB makes one up. #}
    {% if columns | list in (['json'], ['column0']) %}{{ return(none) }}{% endif %}
    {{ return({'relation': relation, 'columns': columns}) }}
{% endmacro %}


{# Adds to a list the files of a raw table below `raw_dir`, in order. #}
{% macro find_raw_files(schema, table, files) %}
    {% set path = (var('raw_dir') ~ '/' ~ schema ~ '/' ~ table) | replace("'", "''") %}
    {% for row in run_query(
        "select file from (select file from glob('" ~ path ~ ".*')"
        ~ "   where regexp_matches(parse_filename(file), '^" ~ table ~ "\\.[a-z]+(\\.gz)?$')"
        ~ "   union all select file from glob('" ~ path ~ "/**/*.*')) as files"
        ~ " where regexp_matches(file, '\\.(parquet|csv|csv\\.gz|json|jsonl|json\\.gz|jsonl\\.gz)$') order by file"
    ).rows %}
        {% do files.append(row['file']) %}
    {% endfor %}
{% endmacro %}


{# What reads files, for a from clause. With `columns`, the type of each by name: exactly these, a column that the files
   lack is null, and source_file says in which file a row stands. #}
{% macro file_reader(schema, table, files, columns=none) %}
    {% set formats = [] %}
    {% set names = [] %}
    {% for file in files %}
        {% set format = (file | replace('.gz', '') | replace('jsonl', 'json')).split('.')[-1] %}
        {% if format not in formats %}{% do formats.append(format) %}{% endif %}
        {% do names.append(text_literal(file)) %}
    {% endfor %}
    {% if formats | length > 1 %}
        {% do stop("raw table " ~ schema ~ "." ~ table ~ " is there in several formats (" ~ formats | join(', ')
            ~ ") below " ~ var('raw_dir') ~ ": keep one") %}
    {% endif %}
    {% set json_columns = [] %}
    {% for name, type in (columns or {}).items() %}
        {% do json_columns.append(text_literal(name) ~ ': ' ~ text_literal(type)) %}
    {% endfor %}
    {% set json_types = 'columns = {' ~ json_columns | join(', ') ~ '}' if columns else 'sample_size = -1' %}
    {% set reader = {
        'parquet': "read_parquet($files, union_by_name = true)",
        'csv': "read_csv($files, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"',"
            ~ " null_padding = true, strict_mode = false, union_by_name = true)",
        'json': "read_json($files, format = 'auto', maximum_depth = 1, " ~ json_types ~ ", ignore_errors = true,"
            ~ " union_by_name = true)",
    }[formats[0]] | replace('$files', '[' ~ names | join(', ') ~ ']') %}
    {% if not columns %}
    {{ reader }}
    {% else %}
    {% set reader = (reader | string)[:-1] ~ ", filename = '_source_file')" %}
    {% set found = run_query('describe select * from ' ~ reader).rows | map(attribute='column_name') | map('lower') | list %}
    {% set typed = [] %}
    {% for name, type in columns.items() %}
        {% set value = '"' ~ name ~ '"' if name in found else 'null' %}
        {% do typed.append('cast(' ~ value ~ ' as ' ~ type ~ ') as "' ~ name ~ '"') %}
    {% endfor %}
    (select {{ typed | join(', ') }}, _source_file as source_file from {{ reader }}) as files
    {% endif %}
{% endmacro %}


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


{# A hash of the macros' texts; an engine that reads no files asks for --full-refresh after a macro has changed. #}
{% macro macros_fingerprint() %}
    {{ return(adapter.dispatch('macros_fingerprint')()) }}
{% endmacro %}

{% macro default__macros_fingerprint() %}{{ return('') }}{% endmacro %}

{% macro duckdb__macros_fingerprint() %}
    {{ return(run_query("select md5(string_agg(content order by filename)) from read_text('macros/**/*.sql')").rows[0][0]) }}
{% endmacro %}
