{# Every row of `spine` once, with `columns` of the row of `history` that has its keys and the latest time no later than
   its own; nulls without one. History has a time once per key. The spine's time may have any offset; without one it is
   UTC. For a from clause. #}
{% macro as_of_join(spine, history, keys, spine_time, history_time, columns) %}
    {{- adapter.dispatch('as_of_join')(spine, history, keys, spine_time, history_time, columns) -}}
{% endmacro %}

{% macro default__as_of_join(spine, history, keys, spine_time, history_time, columns) -%}
    (
        select
            spine.*,
            {%- for column in columns %}
            history.{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ spine }} as spine
        left join (
            select
                *,
                lead({{ history_time }}) over (
                    partition by {{ keys | join(', ') }} order by {{ history_time }}
                ) as next_time
            from {{ history }}
        ) as history
            on
                {%- for key in keys %}
                spine.{{ key }} = history.{{ key }} and
                {%- endfor %}
                {{ typed_timestamp('spine.' ~ spine_time) }} >= history.{{ history_time }}
                and (
                    history.next_time is null
                    or {{ typed_timestamp('spine.' ~ spine_time) }} < history.next_time
                )
    )
{%- endmacro %}

{% macro duckdb__as_of_join(spine, history, keys, spine_time, history_time, columns) -%}
    (
        select
            spine.*,
            {%- for column in columns %}
            history.{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ spine }} as spine
        asof left join {{ history }} as history
            on
                {%- for key in keys %}
                spine.{{ key }} = history.{{ key }} and
                {%- endfor %}
                {{ typed_timestamp('spine.' ~ spine_time) }} >= history.{{ history_time }}
    )
{%- endmacro %}
