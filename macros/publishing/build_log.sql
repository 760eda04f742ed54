{# The store's diary: a row when a build begins, and its outcome when it ends. A row without an end is a build that is
   running, or that was killed. Messages name nodes only: what a database says may hold a value of a row. A trip is no
   failure, whatever severity the_breaker_is_closed has. #}
{% macro log_build_start() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set timestamp = dbt.type_timestamp() %}
        {% set text = dbt.type_string() %}
        {% do adapter.create_schema(ledger('build_log').without_identifier()) %}
        {% do run_query(
            "create table if not exists " ~ ledger('build_log') ~ " (build_id " ~ text ~ ", started_at " ~ timestamp
            ~ ", ended_at " ~ timestamp ~ ", outcome " ~ text ~ ", failed_nodes bigint, message " ~ text ~ ")"
        ) %}
        {% do run_query(
            "insert into " ~ ledger('build_log') ~ " (build_id, started_at) values ('" ~ invocation_id ~ "', "
            ~ instant(run_started_at) ~ ")"
        ) %}
    {% endif %}
{% endmacro %}


{% macro log_build_end(results) %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set failed = [] %}
        {% for result in results if result.status in ('error', 'fail', 'runtime error')
            and result.node.name != 'the_breaker_is_closed' %}
            {% do failed.append(result.node.name ~ ' (' ~ result.status ~ ')') %}
        {% endfor %}
        {% set audits = adapter.get_relation(target.database, "ledger", "audit_log") %}
        {% set audited = run_query(
            "select is_accepted from " ~ audits ~ " where build_id = '" ~ invocation_id ~ "'"
        ).rows if audits else [] %}
        {% if failed %}{% set outcome = 'failed' %}
        {% elif audited | length == 0 %}{% set outcome = 'not_audited' %}
        {% else %}{% set outcome = 'published' if audited[0][0] else 'tripped' %}
        {% endif %}
        {% do run_query(
            "update " ~ ledger('build_log') ~ " set ended_at = " ~ instant(modules.datetime.datetime.now(modules.pytz.utc))
            ~ ", outcome = '" ~ outcome ~ "', failed_nodes = " ~ failed | length
            ~ ", message = '" ~ failed[:5] | join(', ') ~ "' where build_id = '" ~ invocation_id ~ "'"
        ) %}
    {% endif %}
{% endmacro %}


{# An instant of the wall clock as a literal in UTC. #}
{% macro instant(moment) -%}
    cast('{{ moment.replace(tzinfo=none).isoformat(' ') }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}
