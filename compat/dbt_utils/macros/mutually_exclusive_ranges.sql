{#
    Ranges that are the wrong way round, overlap the next one, or break the rule on the gap between the two.
    Comparing neighbours is enough: in order of lower bounds, a range that overlaps any later one overlaps the next.
    A null bound fails.
#}
{% test mutually_exclusive_ranges(
    model, lower_bound_column, upper_bound_column, partition_by=none, gaps='allowed', zero_length_range_allowed=false
) %}
    {{ return(adapter.dispatch('test_mutually_exclusive_ranges', 'dbt_utils')(
        model, lower_bound_column, upper_bound_column, partition_by, gaps, zero_length_range_allowed
    )) }}
{% endtest %}

{% macro default__test_mutually_exclusive_ranges(
    model, lower_bound_column, upper_bound_column, partition_by, gaps, zero_length_range_allowed
) %}
    {%- set upper_to_next_lower = {'not_allowed': '=', 'allowed': '<=', 'required': '<'} %}
    {%- if gaps not in upper_to_next_lower %}
        {{ exceptions.raise_compiler_error(
            "mutually_exclusive_ranges: gaps must be one of allowed, not_allowed, required, not '" ~ gaps ~ "'"
        ) }}
    {%- endif %}
    with neighbours as (
        select
            {{ lower_bound_column }} as lower_bound,
            {{ upper_bound_column }} as upper_bound,
            lead({{ lower_bound_column }}) over (
                {{ 'partition by ' ~ partition_by if partition_by }}
                order by {{ lower_bound_column }}, {{ upper_bound_column }}
            ) as next_lower_bound
        from {{ model }}
    )

    select *
    from neighbours
    where
        not coalesce(lower_bound {{ '<=' if zero_length_range_allowed else '<' }} upper_bound, false)
        or not coalesce(upper_bound {{ upper_to_next_lower[gaps] }} next_lower_bound, true)
{% endmacro %}
