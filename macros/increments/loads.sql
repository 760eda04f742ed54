{# A build is an increment of the last one when that is sure to give what a build from nothing would give: the same
   models, seeds, macros and settings, and no file gone or changed that was read before. Otherwise it starts afresh.

   ledger.current_load   the build that is going on, or was cut short: its number, and why it starts afresh
   ledger.current_files  the files of the clickstream as it found them; which of them were read before, and which it reads
   ledger.load_log       the loads that were completed; the number of a load is one more than that of the last of these
   ledger.loaded_files   the files that need not be read again
   memory.*              what the last completed load made of the tables that later rows depend on

   A build that was cut short leaves the last three as they were: the next one has the same number, and does again what
   was begun. #}
{% macro begin_load() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set timestamp = dbt.type_timestamp() %}
        {% set text = dbt.type_string() %}
        {% for name, columns in {
            'load_log': 'load_number bigint, build_id ' ~ text ~ ', as_of ' ~ timestamp ~ ', settings ' ~ text,
            'current_load': 'load_number bigint, fresh_reason ' ~ text ~ ', settings ' ~ text,
            'loaded_files': 'source_file ' ~ text ~ ', size_bytes bigint, modified_at ' ~ timestamp,
            'current_files': 'source_file ' ~ text ~ ', size_bytes bigint, modified_at ' ~ timestamp
                ~ ', row_count bigint, is_known boolean, is_read boolean',
        }.items() %}
            {% do run_query('create table if not exists ' ~ ledger(name) ~ ' (' ~ columns ~ ')') %}
        {% endfor %}
        {% set last = run_query(
            'select load_number, settings, as_of from ' ~ ledger('load_log') ~ ' order by load_number desc limit 1'
        ).rows %}
        {% set last_number = last[0][0] if last else 0 %}
        {% do run_query(found_files_of('raw', 'clickstream_events')) %}
        {% set load = {'number': last_number + 1, 'settings': load_settings()} %}
        {% set reason = fresh_reason(last[0] if last else none, load.settings) %}
        {# The reason first: killed before the files are written down, the next build still knows that it starts afresh. #}
        {% do run_query(
            'create or replace table ' ~ ledger('current_load') ~ ' as select cast(' ~ load.number
            ~ ' as bigint) as load_number, cast(' ~ text_literal(reason) ~ ' as ' ~ text ~ ') as fresh_reason, '
            ~ text_literal(load.settings) ~ ' as settings'
        ) %}
        {% do run_query(files_to_read('raw', 'clickstream_events', is_fresh=reason is not none)) %}
        {% do log('Load ' ~ load.number ~ ': ' ~ ('all rows anew, because ' ~ reason if reason else
            'what is new, and what it changes'), info=true) %}
    {% endif %}
{% endmacro %}


{# What the build reads of the files it found: what no completed load has read, or after a fresh start all; of these no
   more than var load_max_rows, the oldest first, and at least one. The rest is for later loads. #}
{% macro files_to_read(schema, table, is_fresh) %}
    {% set limit = var('load_max_rows') %}
    {% set unread = ledger('found_files') ~ ' as files left join ' ~ ledger('loaded_files') ~ ' as loaded'
        ~ ' on files.source_file = loaded.source_file and files.size_bytes = loaded.size_bytes'
        ~ ' and files.modified_at = loaded.modified_at and ' ~ ('false' if is_fresh else 'true') %}
    {% set rows_so_far = 'sum(rows.row_count) over (order by rows.first_at nulls first, files.source_file'
        ~ ' rows between unbounded preceding and current row)' %}
    {{ return(
        'create or replace table ' ~ ledger('current_files') ~ ' as select files.*, '
        ~ ('rows.row_count' if limit else 'cast(null as bigint) as row_count')
        ~ ', loaded.source_file is not null as is_known, loaded.source_file is null'
        ~ (' and coalesce(' ~ rows_so_far ~ ' - rows.row_count = 0 or ' ~ rows_so_far ~ ' <= ' ~ limit ~ ', true)' if limit)
        ~ ' as is_read from ' ~ unread
        ~ (' left join (' ~ rows_of_files(schema, table, 'select files.source_file from ' ~ unread
            ~ ' where loaded.source_file is null') ~ ') as rows on files.source_file = rows.source_file' if limit)
    ) }}
{% endmacro %}


{# The load that is going on: {number, is_fresh}. Outside of a build, a fresh one. #}
{% macro current_load() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set row = run_query('select load_number, fresh_reason is not null from ' ~ ledger('current_load')).rows[0] %}
        {{ return({'number': row[0], 'is_fresh': row[1]}) }}
    {% endif %}
    {{ return({'number': 1, 'is_fresh': true}) }}
{% endmacro %}


{# Its number, for a select list. #}
{% macro load_number() -%}
    cast({{ current_load().number }} as bigint)
{%- endmacro %}


{# dbt asks this of each incremental model. #}
{% macro should_full_refresh() %}
    {% set wanted = config.get('full_refresh') %}
    {{ return(wanted if wanted is not none else current_load().is_fresh) }}
{% endmacro %}


{# When everything that increments depend on was built: remembers it and empties the lists of stale keys, all at once or
   not at all. #}
{% macro complete_load(results) %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set built = [] %}
        {% for result in results if result.status == 'success' %}{% do built.append(result.node.unique_id) %}{% endfor %}
        {% set missing = [] %}
        {% set kept = [] %}
        {% set relations = {} %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' %}
            {% do relations.update({node.name: node.relation_name}) %}
            {% if node.config.meta.remembered %}{% do kept.append(node) %}{% endif %}
            {% if (node.config.meta.remembered or node.config.incremental_strategy in ('repair', 'gather', 'delete+insert'))
                and node.unique_id not in built %}
                {% do missing.append(node.name) %}
            {% endif %}
        {% endfor %}
        {% if not missing %}
            {% do adapter.create_schema(memory('any').without_identifier()) %}
            {% set files = 'select source_file, size_bytes, modified_at from ' ~ ledger('current_files')
                ~ ' where (is_known or is_read) and source_file not in (select source_file from '
                ~ relations.event_file_days ~ ' where later_count > 0)' %}
            {% set statements = ['begin'] %}
            {% for node in graph.nodes.values() if node.config.incremental_strategy == 'gather' %}
                {% do statements.append('delete from ' ~ node.relation_name) %}
            {% endfor %}
            {% for node in kept %}
                {% do statements.append(
                    'create or replace table ' ~ memory(node.name) ~ ' as select '
                    ~ node.config.meta.remembered | join(', ') ~ ' from ' ~ node.relation_name
                ) %}
            {% endfor %}
            {% do statements.extend([
                'delete from ' ~ ledger('loaded_files'),
                'insert into ' ~ ledger('loaded_files') ~ ' ' ~ files,
                'insert into ' ~ ledger('load_log') ~ " select load_number, '" ~ invocation_id ~ "', clock.as_of, settings"
                    ~ ' from ' ~ ledger('current_load') ~ ' cross join ' ~ relations.clock ~ ' as clock',
                'commit',
            ]) %}
            {% do run_query(statements | join(';\n')) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{# Tables that hooks write, and that are no models. #}
{% macro ledger(name) %}
    {{ return(api.Relation.create(database=target.database, schema='ledger', identifier=name)) }}
{% endmacro %}

{% macro memory(name) %}
    {{ return(api.Relation.create(database=target.database, schema='memory', identifier=name)) }}
{% endmacro %}
