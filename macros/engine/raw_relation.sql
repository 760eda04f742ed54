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
