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
    {% set path = (var('raw_dir') ~ '/' ~ schema ~ '/' ~ table) | replace("'", "''") %}
    {% set readers = {
        'parquet': "read_parquet($files, union_by_name = true)",
        'csv': "read_csv($files, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"',"
            ~ " null_padding = true, strict_mode = false, union_by_name = true)",
        'json': "read_json($files, format = 'auto', maximum_depth = 1, sample_size = -1, ignore_errors = true,"
            ~ " union_by_name = true)",
    } %}
    {% set found = run_query(
        "select replace(replace(parse_filename(file), '.gz', ''), 'jsonl', 'json') as name, file"
        ~ " from (select file from glob('" ~ path ~ ".*')"
        ~ "   where regexp_matches(parse_filename(file), '^" ~ table ~ "\\.[a-z]+(\\.gz)?$')"
        ~ "   union all select file from glob('" ~ path ~ "/**/*.*')) as files"
        ~ " where regexp_matches(file, '\\.(parquet|csv|csv\\.gz|json|jsonl|json\\.gz|jsonl\\.gz)$') order by file"
    ).rows %}
    {% if found | length == 0 %}{{ return(none) }}{% endif %}
    {% set formats = [] %}
    {% set files = [] %}
    {% for row in found %}
        {% do files.append("'" ~ (row['file'] | replace("'", "''")) ~ "'") %}
        {% set format = row['name'].split('.')[-1] %}
        {% if format not in formats %}{% do formats.append(format) %}{% endif %}
    {% endfor %}
    {% if formats | length > 1 %}
        {% do stop("raw table " ~ schema ~ "." ~ table ~ " is there in several formats (" ~ formats | join(', ')
            ~ ") below " ~ var('raw_dir') ~ ": keep one") %}
    {% endif %}
    {% set relation = readers[formats[0]] | replace('$files', '[' ~ files | join(', ') ~ ']') %}
    {% set columns = {} %}
    {% for row in run_query('describe select * from ' ~ relation).rows %}
        {% do columns.update({row['column_name'] | lower: row['column_type'] | upper}) %}
    {% endfor %}
    {# A file without a row or a header has no columns of its own: DuckDB makes one up. #}
    {% if columns | list in (['json'], ['column0']) %}{{ return(none) }}{% endif %}
    {{ return({'relation': relation, 'columns': columns}) }}
{% endmacro %}
