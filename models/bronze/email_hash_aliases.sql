-- Upstream e-mail hashes that are the plain SHA-256 of an address we know, so that both spellings
-- of one address can meet.
with addresses as (
    select email as email_hash, email_sha256 from {{ ref('landed_customers') }}
    union
    select email, email_sha256 from {{ ref('landed_orders') }}
    union
    select email, email_sha256 from {{ ref('landed_offline_conversions') }}
    union
    select identifier, identifier_sha256 from {{ ref('landed_consent_log') }}
    union
    select identifier, identifier_sha256 from {{ ref('landed_erasure_requests') }}
    union
    select identifier_a, identifier_a_sha256 from {{ ref('landed_identity_links') }}
    union
    select identifier_b, identifier_b_sha256 from {{ ref('landed_identity_links') }}
),

upstream_hashes as (
    select distinct email_hash as upstream_email_hash
    from {{ ref('clickstream_events') }}
    where email_hash is not null
)

select distinct
    addresses.email_hash,
    upstream_hashes.upstream_email_hash
from addresses
inner join upstream_hashes on addresses.email_sha256 = lower(upstream_hashes.upstream_email_hash)
