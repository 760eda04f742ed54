{# Every row of `spine` once, with `columns` of the row of `history` that has its keys and the latest time no later than
   its own; nulls without one. History has a time once per key. The spine's time may have any offset; without one it is
   UTC. For a from clause. #}
{% macro as_of_join(spine, history, keys, spine_time, history_time, columns) -%}
    (
        select
            spine.*,
            history.{{ columns | join(', history.') }}
        from {{ spine }} as spine
        {{ joined_as_of(history, keys, typed_timestamp('spine.' ~ spine_time), history_time) }}
    )
{%- endmacro %}


{# Its join. #}
{% macro joined_as_of(history, keys, asked_at, history_time) %}
    {{- adapter.dispatch('joined_as_of')(history, keys, asked_at, history_time) -}}
{% endmacro %}

{% macro default__joined_as_of(history, keys, asked_at, history_time) -%}
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
            {{ asked_at }} >= history.{{ history_time }}
            and (history.next_time is null or {{ asked_at }} < history.next_time)
{%- endmacro %}

{% macro duckdb__joined_as_of(history, keys, asked_at, history_time) -%}
    asof left join {{ history }} as history
        on
            {%- for key in keys %}
            spine.{{ key }} = history.{{ key }} and
            {%- endfor %}
            {{ asked_at }} >= history.{{ history_time }}
{%- endmacro %}
