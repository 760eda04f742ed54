{# Before anything is built: every switch of dbt_project.yml can be read. One line says which cannot, and what it may
   be. #}
{% macro stop_if_switches_are_wrong() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% for name in [
            'attribution_window_days', 'session_timeout_minutes', 'shapley_permutations', 'kept_versions',
        ] %}
            {% if not (var(name) | string).isdigit() or var(name) | int < 1 %}
                {% do stop("var " ~ name ~ " is '" ~ var(name) ~ "': it must be a whole number of 1 or more") %}
            {% endif %}
        {% endfor %}
        {% if not (var('shapley_seed') | string).isdigit() %}
            {% do stop("var shapley_seed is '" ~ var('shapley_seed') ~ "': it must be a whole number") %}
        {% endif %}
        {% for name, words in [
            ('journey_reset', ['on_conversion', 'never']), ('shapley_game', ['set', 'conversion_rate']),
            ('markov_order', ['1', '2', '3']), ('breaker_alarm', ['warn', 'error']),
        ] %}
            {% if var(name) | string not in words %}
                {% do stop("var " ~ name ~ " is '" ~ var(name) ~ "': it must be one of " ~ words | join(', ')) %}
            {% endif %}
        {% endfor %}
        {% if not modules.re.match('^[A-Za-z]{3}$', var('reporting_currency') | string) %}
            {% do stop(
                "var reporting_currency is '" ~ var('reporting_currency') ~ "': it must be an ISO 4217 code such as USD"
            ) %}
        {% endif %}
        {% if var('reporting_timezone') not in modules.pytz.all_timezones %}
            {% do stop("var reporting_timezone is '" ~ var('reporting_timezone')
                ~ "': it must be an IANA name such as Europe/Berlin") %}
        {% endif %}
        {% for name in ['as_of', 'rework_from', 'rework_until'] if var(name) is not none %}
            {% if run_query(
                "select " ~ typed_timestamp("'" ~ (var(name) | string | replace("'", "''")) ~ "'")
            ).rows[0][0] is none %}
                {% do stop("var " ~ name ~ " is '" ~ var(name) ~ "': it must be a time such as 2025-11-30T23:59:59Z") %}
            {% endif %}
        {% endfor %}
        {% if (var('rework_from') is none) != (var('rework_until') is none) %}
            {% do stop('vars rework_from and rework_until go together: give both or neither') %}
        {% endif %}
        {% if var('load_max_rows') is not none
            and (not (var('load_max_rows') | string).isdigit() or var('load_max_rows') | int < 1) %}
            {% do stop("var load_max_rows is '" ~ var('load_max_rows') ~ "': it must be a whole number of 1 or more, or null") %}
        {% endif %}
    {% endif %}
{% endmacro %}

