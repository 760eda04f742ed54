-- What each model of this build is made of: its parameters, the data it saw, and the code that made
-- it. Two cards that agree in all of it hold the same credits.
with rules as (
    select
        attribution_model,
        {{ struct_as_json(row_as_struct([
            ('rule', 'rule'), ('first_share', 'first_share'), ('last_share', 'last_share'),
            ('half_life_days', 'half_life_days'),
        ])) }} as parameters
    from {{ ref('attribution_models') }}
    where is_enabled
    union all
    select
        'markov' as attribution_model,
        {{ struct_as_json(row_as_struct([('order', var('markov_order'))])) }} as parameters
    union all
    select
        'shapley' as attribution_model,
        {{ struct_as_json(row_as_struct([
            ('game', "'" ~ var('shapley_game') ~ "'"), ('permutations', var('shapley_permutations')),
            ('seed', var('shapley_seed')),
        ])) }} as parameters
),

windows as (
    select
        {{ fingerprint_of(struct_as_json(row_as_struct([
            ('conversion_type', 'conversion_type'), ('channel', 'channel'),
            ('window_days', 'window_days'),
        ]))) }} as window_fingerprint
    from {{ ref('attribution_windows') }}
),

inputs as (
    select
        min(started_at) as first_touch_at,
        count(*) as journey_count,
        count(conversion_id) as conversion_count,
        {{ fingerprint_of(struct_as_json(row_as_struct([
            ('journey_id', 'journey_id'), ('status', 'journey_status'), ('path', 'channel_path'),
            ('blocked', 'blocked_reason'), ('started_at', 'started_at'), ('revenue', 'net_revenue'),
        ]))) }} as input_fingerprint
    from {{ ref('journeys') }}
)

select
    rules.attribution_model,
    rules.parameters,
    cast({{ var('attribution_window_days') }} as bigint) as attribution_window_days,
    windows.window_fingerprint,
    '{{ var("journey_reset") }}' as journey_reset,
    inputs.first_touch_at,
    clock.as_of,
    inputs.journey_count,
    inputs.conversion_count,
    inputs.input_fingerprint,
    {{ dbt.string_literal(code_fingerprint()) }} as code_fingerprint,
    nullif({{ dbt.string_literal(env_var('FEATURE_STORE_REVISION', '')) }}, '') as code_revision
from rules
cross join windows
cross join inputs
cross join {{ ref('as_of') }} as clock
