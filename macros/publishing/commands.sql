{# What a person may do to publishing, each with a reason that stays in ledger.interventions:

     dbt run-operation hold --args '{reason: …}'                       stop publishing; readers keep what they have
     dbt run-operation rollback --args '{version_id: …, reason: …}'    read an earlier version, and stop publishing
     dbt run-operation release --args '{reason: …}'                    publish again from the next good build on
     dbt run-operation override --args '{check_name: …, reason: …}'    let a tripped check pass once; with
                                                                       valid_until, as long as the data is no later
#}
{% macro hold(reason=none) %}
    {% do record_intervention('hold', reason) %}
    {% do print('Publishing is held. Consumers keep the version they have: dbt run-operation release ends it.') %}
{% endmacro %}


{% macro release(reason=none) %}
    {% if run_query('select 1 from ' ~ ledger_table('current_hold')).rows | length == 0 %}
        {% do stop('nothing is held: there is nothing to release') %}
    {% endif %}
    {% do record_intervention('release', reason) %}
    {% do print('Released: the next build without a trip is published.') %}
{% endmacro %}


{% macro rollback(version_id=none, reason=none) %}
    {% set wanted = " where version_id = '" ~ version_id | string | replace("'", "''") ~ "'" %}
    {% set found = run_query("select row_counts from " ~ ledger_table('versions', 'published') ~ wanted).rows %}
    {% if found | length == 0 %}
        {% do stop("there is no version '" ~ version_id ~ "': published.versions lists them") %}
    {% endif %}
    {% for table, written in fromjson(found[0][0]).items() %}
        {% set kept = run_query("select count(*) from " ~ ledger_table(table ~ '_versions', 'published') ~ wanted) %}
        {% if kept.rows[0][0] != written %}
            {% do stop("the rows of version '" ~ version_id ~ "' are no longer kept (var kept_versions)") %}
        {% endif %}
    {% endfor %}
    {% do record_intervention('rollback', reason, version_id=version_id) %}
    {% do print('Consumers read version ' ~ version_id ~ '. Publishing is held: dbt run-operation release ends it.') %}
{% endmacro %}


{% macro override(check_name=none, reason=none, valid_until=none) %}
    {% set found = run_query(
        "select may_be_overridden from " ~ ledger_table('check_observations', 'gold')
        ~ " where " ~ text_literal(check_name or '') ~ " in (check_name, base_name, check_family) order by 1"
    ).rows %}
    {% if found | length == 0 %}
        {% do stop("there is no check '" ~ check_name ~ "': gold.circuit_breaker lists them") %}
    {% elif not found[0][0] %}
        {% do stop("check '" ~ check_name ~ "' may not be overridden (seeds/breaker_checks.csv): mend the data") %}
    {% endif %}
    {% do record_intervention('override', reason, check_name=check_name, valid_until=valid_until) %}
    {% do print('A trip of ' ~ check_name ~ ' counts as a warning '
        ~ ('until the data reaches ' ~ valid_until if valid_until else 'for the next version') ~ '.') %}
{% endmacro %}


{% macro record_intervention(kind, reason, check_name=none, version_id=none, valid_until=none) %}
    {% if not (reason or '') | trim %}
        {% do stop('say why: --args \'{reason: "…"}\'') %}
    {% endif %}
    {% set until = none %}
    {% if valid_until %}
        {% set until = run_query("select " ~ typed_timestamp("'" ~ valid_until | string | replace("'", "''") ~ "'")).rows[0][0] %}
        {% if until is none %}
            {% do stop("valid_until is '" ~ valid_until ~ "': it must be a time such as 2025-12-24T00:00:00Z") %}
        {% endif %}
    {% endif %}
    {% do run_query(
        "insert into " ~ ledger_table('interventions')
        ~ " (recorded_at, kind, check_name, version_id, actor, reason, valid_until) values ("
        ~ instant(modules.datetime.datetime.now(modules.pytz.utc)) ~ ", '" ~ kind ~ "', "
        ~ text_literal(check_name) ~ ", " ~ text_literal(version_id) ~ ", "
        ~ text_literal(env_var('FEATURE_STORE_ACTOR', env_var('USER', 'unknown'))) ~ ", " ~ text_literal(reason) ~ ", "
        ~ (instant(until) if until else 'null') ~ ")"
    ) %}
    {% do commit_now() %}
{% endmacro %}


{# A table of the ledger, or one line that says to build first. #}
{% macro ledger_table(name, schema='ledger') %}
    {% set relation = adapter.get_relation(target.database, schema, name) %}
    {% if relation is none %}
        {% do stop('there is no ' ~ schema ~ '.' ~ name ~ ' yet: run a build first') %}
    {% endif %}
    {{ return(relation) }}
{% endmacro %}
