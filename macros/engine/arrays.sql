{# An array of texts without elements. #}
{% macro empty_array() %}
    {{- adapter.dispatch('empty_array')() -}}
{% endmacro %}

{% macro default__empty_array() -%}
    cast(array() as array<string>)
{%- endmacro %}

{% macro duckdb__empty_array() -%}
    cast([] as varchar[])
{%- endmacro %}


{# Every element of an array with its position from 1, one row each: for a select list. #}
{% macro elements_of(array, element, position) %}
    {{- adapter.dispatch('elements_of')(array, element, position) -}}
{% endmacro %}

{% macro default__elements_of(array, element, position) -%}
    inline(transform({{ array }}, (value, number) -> struct(value, number + 1)))
        as ({{ element }}, {{ position }})
{%- endmacro %}

{% macro duckdb__elements_of(array, element, position) -%}
    unnest({{ array }}) as {{ element }}, generate_subscripts({{ array }}, 1) as {{ position }}
{%- endmacro %}


{# An array with a text put before it so many times. #}
{% macro padded_array(array, text, times) %}
    {{- adapter.dispatch('padded_array')(array, text, times) -}}
{% endmacro %}

{% macro default__padded_array(array, text, times) -%}
    concat(array_repeat('{{ text }}', {{ times }}), {{ array }})
{%- endmacro %}

{% macro duckdb__padded_array(array, text, times) -%}
    list_concat(repeat(['{{ text }}'], {{ times }}), {{ array }})
{%- endmacro %}


{# An array laid beside itself, shifted by one element from name to name, one row for each element of the first: for a
   select list. The last names are null where the array is over. #}
{% macro shifted_elements_of(array, names) %}
    {{- adapter.dispatch('shifted_elements_of')(array, names) -}}
{% endmacro %}

{% macro default__shifted_elements_of(array, names) -%}
    inline(arrays_zip(
        {%- for name in names %}
        slice({{ array }}, {{ loop.index }}, size({{ array }})){{ ',' if not loop.last }}
        {%- endfor %}
    )) as ({{ names | join(', ') }})
{%- endmacro %}

{% macro duckdb__shifted_elements_of(array, names) -%}
    {%- for name in names -%}
    unnest({{ array }}[{{ loop.index }}:]) as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# An element counted from the end, from 1. #}
{% macro element_from_end(array, number) %}
    {{- adapter.dispatch('element_from_end')(array, number) -}}
{% endmacro %}

{% macro default__element_from_end(array, number) -%}
    element_at({{ array }}, -{{ number }})
{%- endmacro %}

{% macro duckdb__element_from_end(array, number) -%}
    {{ array }}[-{{ number }}]
{%- endmacro %}


{# The different elements of an array in order. #}
{% macro sorted_set_of(array) %}
    {{- adapter.dispatch('sorted_set_of')(array) -}}
{% endmacro %}

{% macro default__sorted_set_of(array) -%}
    sort_array(array_distinct({{ array }}))
{%- endmacro %}

{% macro duckdb__sorted_set_of(array) -%}
    list_sort(list_distinct({{ array }}))
{%- endmacro %}


{# The elements of an array at the places, from 1, that another array names. #}
{% macro elements_at(array, places) %}
    {{- adapter.dispatch('elements_at')(array, places) -}}
{% endmacro %}

{% macro default__elements_at(array, places) -%}
    transform({{ places }}, place -> element_at({{ array }}, cast(place as int)))
{%- endmacro %}

{% macro duckdb__elements_at(array, places) -%}
    list_transform({{ places }}, lambda place: {{ array }}[place])
{%- endmacro %}
