{# Why this build cannot be an increment; none: it can. #}
{% macro fresh_reason(last, settings) %}
    {% if flags.FULL_REFRESH %}{{ return('--full-refresh asks for it') }}{% endif %}
    {% if not last %}{{ return('nothing was built before') }}{% endif %}
    {% if not raw_tables_are_files() %}{{ return('of raw tables that are no files nobody knows what is new') }}{% endif %}
    {% set begun = run_query(
        'select fresh_reason from ' ~ ledger('current_load') ~ ' where load_number > ' ~ last[0]
    ).rows %}
    {% if begun and begun[0][0] %}{{ return(begun[0][0]) }}{% endif %}
    {% if last[1] != settings %}{{ return('models, seeds, macros or settings have changed') }}{% endif %}
    {% if var('as_of') is not none and run_query(
        "select 1 where " ~ typed_timestamp(text_literal(var('as_of'))) ~ " < " ~ instant(last[2])
    ).rows %}
        {{ return('as_of lies before that of the last load') }}
    {% endif %}
    {% for node in graph.nodes.values()
        if node.config.incremental_strategy in ('repair', 'gather') or node.name == 'clickstream_events' %}
        {% if adapter.get_relation(target.database, node.schema, node.alias) is none %}
            {{ return(node.schema ~ '.' ~ node.alias ~ ' is not there') }}
        {% endif %}
    {% endfor %}
    {% set lost = run_query(
        'select before.source_file from ' ~ ledger('current_files') ~ ' as before left join '
        ~ ledger('found_files') ~ ' as files on before.source_file = files.source_file'
        ~ ' and before.size_bytes = files.size_bytes and before.modified_at = files.modified_at'
        ~ ' where (before.is_known or before.is_read) and files.source_file is null order by 1 limit 1'
    ).rows %}
    {% if lost %}{{ return('a file that was read before has changed or is gone: ' ~ lost[0][0]) }}{% endif %}
    {{ return(none) }}
{% endmacro %}


{# One hash of everything but the raw data that the tables depend on. #}
{% macro load_settings() %}
    {% set settings = [code_fingerprint(), macros_fingerprint(), run_query('select ' ~ keyed_hash("'key'")).rows[0][0]] %}
    {% for name in [
        'reporting_timezone', 'reporting_currency', 'attribution_window_days', 'session_timeout_minutes', 'journey_reset',
        'markov_order', 'shapley_game', 'shapley_permutations', 'shapley_seed',
    ] %}
        {% do settings.append(var(name) | string) %}
    {% endfor %}
    {{ return(local_md5(settings | join(' '))) }}
{% endmacro %}
