{# Where privacy is looked for: {check: [(relation, column, key of the row)]}. What others read, and no working tables. #}
{% macro searched_columns() %}
    {{ return({
        'erased_people': [
            ('identity_map', 'person_id', 'person_id'),
            ('sessions', 'person_id', 'session_key'),
            ('touchpoints', 'person_id', 'touchpoint_id'),
            ('conversions', 'person_id', 'conversion_id'),
            ('journeys', 'person_id', 'journey_id'),
            ('person_features', 'person_id', 'person_id'),
        ],
        'raw_addresses': [
            ('identity_map', 'identifier_value', 'person_id'),
            ('sessions', 'anonymous_id', 'session_key'),
            ('sessions', 'source', 'session_key'),
            ('sessions', 'medium', 'session_key'),
            ('sessions', 'campaign_id', 'session_key'),
            ('sessions', 'creative_id', 'session_key'),
            ('conversions', 'conversion_id', 'person_id'),
            ('conversions', 'order_id', 'person_id'),
            ('journey_touchpoints', 'campaign_id', 'touchpoint_id'),
            ('journey_touchpoints', 'creative_id', 'touchpoint_id'),
        ],
    }) }}
{% endmacro %}
