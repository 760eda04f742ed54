{# How an e-mail address or phone number is spelled before it is hashed: trimmed and lower case; digits and a leading plus. #}
{% macro normalised_email(expression) -%}
    lower(trim({{ expression }}))
{%- endmacro %}

{% macro normalised_phone(expression) -%}
    nullif(
        case when trim({{ expression }}) like '+%' then '+' else '' end || regexp_replace({{ expression }}, '[^0-9]', '', 'g'),
        ''
    )
{%- endmacro %}

{# An identifier is hashed when the type beside it says that it is a raw address or number. #}
{% macro hashed_identifier(expression, type_expression) -%}
    case lower({{ type_expression }})
        when 'email' then {{ keyed_hash(normalised_email(expression)) }}
        when 'phone' then {{ keyed_hash(normalised_phone(expression)) }}
        else {{ expression }}
    end
{%- endmacro %}
