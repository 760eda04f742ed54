-- The card of every model of every published version: with which parameters, from which data, by
-- which code its credits were made.
select
    audit.version_id,
    cards.attribution_model,
    cards.parameters,
    cards.attribution_window_days,
    cards.window_fingerprint,
    cards.journey_reset,
    cards.first_touch_at,
    cards.as_of,
    cards.journey_count,
    cards.conversion_count,
    cards.input_fingerprint,
    cards.code_fingerprint,
    cards.code_revision
from {{ ref('model_cards') }} as cards
inner join {{ ref('audit_log') }} as audit
    on audit.build_id = '{{ invocation_id }}' and audit.is_accepted
