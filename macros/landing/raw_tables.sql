{# The declaration of a raw table in models/bronze/_sources.yml. #}
{% macro raw_table(schema, table) %}
    {{ return(graph.sources['source.' ~ project_name ~ '.' ~ schema ~ '.' ~ table]) }}
{% endmacro %}


{# Ends the run with one line that says what to do. #}
{% macro stop(message) %}
    {% do exceptions.raise_compiler_error(message) %}
{% endmacro %}


{# Before anything is built: every required table and column is there, and the switches can be read. #}
{% macro stop_if_raw_tables_are_missing() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% for node in graph.sources.values() | sort(attribute='unique_id') if node.package_name == project_name %}
            {% set name = node.source_name ~ '.' ~ node.name %}
            {% set raw = raw_relation(node.source_name, node.name) %}
            {% if raw is none and node.config.meta.required %}
                {% do stop("required raw table " ~ name ~ " was not found below " ~ var('raw_dir')
                    ~ " (as .parquet, .csv, .csv.gz, .json, .jsonl or a folder of them)") %}
            {% endif %}
            {% for column in node.columns.values() if raw and column.config.meta.required %}
                {% if column.name not in raw.columns %}
                    {% do stop("raw table " ~ name ~ " lacks the required column " ~ column.name) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}
