-- The thresholds of all detectors in one row, so that a model that needs one joins it.
{% set whole_numbers = [
    'stock_carry_hours', 'storm_reloads', 'scripted_events', 'endless_events', 'crawler_sessions',
    'fraud_devices', 'history_periods', 'baseline_hours', 'baseline_lag_hours', 'recent_hours',
    'shape_weeks', 'history_hours', 'history_entries', 'evidence_hours', 'dip_hours',
    'mature_minutes', 'silence_weeks', 'health_scopes', 'minimum_clicks', 'silent_clicks',
    'usual_gap_days', 'suspect_gap_days', 'gap_prior_days', 'peer_campaigns', 'offset_days',
    'price_days', 'price_history_days', 'sure_clicks', 'free_clicks', 'duplicate_impressions',
    'phantom_sessions', 'breaker_days', 'breaker_weeks', 'breaker_history_days', 'drift_days', 'delivery_hours', 'ads_ttl_hours', 'burn_days',
] %}
{% set fractions = [
    'reload_seconds', 'storm_share', 'scripted_gap_seconds', 'scripted_regularity', 'fraud_share',
    'outage_z_score', 'readable_transactions', 'recent_prior', 'shape_prior', 'level_prior',
    'suspect_z_score', 'dispersion_cap', 'shop_evidence', 'source_evidence', 'silence_share',
    'discrepancy_rate', 'unusual_rate', 'discrepancy_z_score', 'usual_gap_cap',
    'usual_gap_spread', 'gap_spread', 'gap_slack', 'interval_z_score', 'offset_gain',
    'cost_ratio', 'cost_ratio_unsure', 'unit_tolerance', 'unit_exponent', 'rate_tolerance',
    'market_ratio_cap', 'phantom_share', 'drift_z_score', 'drift_smoothing',
    'page_burn_rate', 'ticket_burn_rate', 'breaker_z_score', 'usual_gap_share',
] %}

select
    {% for name in whole_numbers %}
    cast(max(case when threshold = '{{ name }}' then value end) as bigint) as {{ name }},
    {% endfor %}
    {% for name in fractions %}
    max(case when threshold = '{{ name }}' then value end) as {{ name }},
    {% endfor %}
    count(*) as threshold_count
from {{ ref('detector_thresholds') }}
