-- What was known of a person, and from when on. Erased people leave the past, too.
-- depends_on: {{ ref('identity_members') }}, {{ ref('visits') }}
{{ config(unique_key=['person_id', 'known_from'], post_hook="{{ forget_erased_people() }}") }}

{{ changes_of_features('person_features') }}
