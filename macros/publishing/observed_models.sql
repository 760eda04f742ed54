{# The models that observe something for the checks, and where each says which day it speaks of: in the column
   day_suffix, or nowhere. #}
{% macro observed_models() %}
    {{ return([
        ('observed_arrivals', 'null'), ('observed_new_rows', 'null'), ('observed_levels', 'null'),
        ('observed_marketing', 'null'), ('observed_restatements', 'null'), ('observed_rates', 'null'),
        ('observed_credit', 'null'), ('observed_drift', 'null'), ('observed_rules', 'null'),
        ('observed_volumes', 'day_suffix'), ('observed_shares', 'day_suffix'), ('observed_identifiers', 'day_suffix'),
        ('observed_clocks', 'day_suffix'), ('observed_outages', 'day_suffix'),
    ]) }}
{% endmacro %}
