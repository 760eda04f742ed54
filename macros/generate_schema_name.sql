{# The folder says the layer, and the schema is the layer: bronze, silver, gold, without a prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
