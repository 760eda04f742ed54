-- Devices whose visits are to be worked on anew in an increment: their events are, who they belong
-- to has changed, or what their campaign is.
{{ config(materialized='incremental', incremental_strategy='gather') }}

with changed_identifiers as (
    select identifier_type, identifier_value, person_id
    from {{ changes_of('identity_members') }} as changes
),

changed_campaigns as (
    select campaign_id from {{ changes_of('campaigns') }} as changes
),

changed_tags as (
    select campaign_name as tag from {{ changes_of('campaign_names') }} as changes
    union
    select names.campaign_name as tag
    from {{ ref('campaign_names') }} as names
    inner join changed_campaigns on names.campaign_id = changed_campaigns.campaign_id
    union
    select lower(campaign_id) as tag from changed_campaigns
),

devices as (
    select anonymous_id from {{ ref('stale_devices') }}
    union all
    select identifier_value as anonymous_id
    from changed_identifiers
    where identifier_type = 'anonymous_id'
    union all
    select visits.anonymous_id
    from {{ ref('visits') }} as visits
    inner join changed_identifiers
        on
            changed_identifiers.identifier_type = 'user_id'
            and visits.user_id = changed_identifiers.identifier_value
    union all
    select anonymous_id from {{ changes_of('shared_device_owners') }} as changes
    union all
    select owners.anonymous_id
    from {{ ref('shared_device_owners') }} as owners
    inner join changed_identifiers on owners.person_id = changed_identifiers.person_id
    union all
    select visits.anonymous_id
    from {{ ref('visits') }} as visits
    inner join changed_tags on lower(visits.utm_campaign) = changed_tags.tag
    union all
    select visits.anonymous_id
    from {{ ref('visits') }} as visits
    inner join {{ changes_of('fraud_networks') }} as networks
        on
            visits.ip_hash = networks.ip_hash
            and visits.utm_campaign = networks.utm_campaign
            and {{ business_date('visits.visited_at') }} = networks.date
)

select distinct
    anonymous_id,
    {{ load_number() }} as load_number
from devices
where {{ is_increment() }}
