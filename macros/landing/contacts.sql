{# How an e-mail address or phone number is spelled before it is hashed: trimmed and lower case; digits and a leading
   plus. #}
{% macro normalised_email(expression) -%}
    lower(trim({{ expression }}))
{%- endmacro %}

{% macro normalised_phone(expression) -%}
    nullif(
        case when trim({{ expression }}) like '+%' then '+' else '' end || {{ digits_of(expression) }},
        ''
    )
{%- endmacro %}

{# An identifier as its type says: one whose type is not known to be harmless may be an address, and is hashed. #}
{% macro hashed_identifier(expression, type_expression) -%}
    case
        when
            lower({{ type_expression }})
            in ('anonymous_id', 'device_id', 'user_id', 'customer_id', 'email_hash', 'phone_hash')
            then {{ expression }}
        when lower({{ type_expression }}) = 'phone' then {{ keyed_hash(normalised_phone(expression)) }}
        else {{ keyed_hash(normalised_email(expression)) }}
    end
{%- endmacro %}


{# The type of an identifier after hashing; null for one that the contract does not know. #}
{% macro hashed_identifier_type(expression) -%}
    case
        when
            lower({{ expression }})
            in ('anonymous_id', 'device_id', 'user_id', 'customer_id', 'email_hash', 'phone_hash')
            then lower({{ expression }})
        when lower({{ expression }}) in ('email', 'phone') then lower({{ expression }}) || '_hash'
    end
{%- endmacro %}
