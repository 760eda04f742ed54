-- Values that many strangers share ("guest", test addresses), in the form in which silver meets
-- them.
select
    lower(identifier_type) as identifier_type,
    lower(identifier_value) as identifier_value
from {{ ref('blocked_identifiers') }}
where identifier_type not in ('email', 'phone')
union
select
    'email_hash' as identifier_type,
    {{ keyed_hash(normalised_email('identifier_value')) }} as identifier_value
from {{ ref('blocked_identifiers') }}
where identifier_type = 'email'
union
select
    'email_hash' as identifier_type,
    {{ sha256_hex(normalised_email('identifier_value')) }} as identifier_value
from {{ ref('blocked_identifiers') }}
where identifier_type = 'email'
union
select
    'phone_hash' as identifier_type,
    {{ keyed_hash(normalised_phone('identifier_value')) }} as identifier_value
from {{ ref('blocked_identifiers') }}
where identifier_type = 'phone'
