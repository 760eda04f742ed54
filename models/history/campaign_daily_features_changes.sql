-- What was known of a campaign's day, and from when on.
{{ config(unique_key=['date', 'campaign_id', 'known_from']) }}

{{ changes_of_features('campaign_daily_features') }}
