"""The SQL of a world at scale: every value is drawn by hashing the seed, the day and a row number, so no state is kept.

A visit of day d belongs to a device whose first day lies up to `LIFE` days back, with more of them recent; which device of
that first day it is follows the product of two uniform draws, so visits per device are geometric (mean 3 of those seen).
"""

FIRST_DATE = "2025-01-01"
LIFE = 42  # days within which a device comes back
RETURN = 60  # days after which some people come with another device
OUTAGE_DAY, OUTAGE_HOURS = 160, (12, 18)

# name, platform, prefix of campaigns, source, medium, referrer, click id, campaigns, visits in 1000, conversion factor
STREAMS = (
    ("paid_search", "google", "gads-search", "google", "cpc", "https://www.google.com/", "gclid", 12, 120, 1.6),
    ("paid_shopping", "google", "gads-shop", "google", "cpc", "https://www.google.com/", "gclid", 8, 80, 1.5),
    ("paid_video", "google", "gads-video", "youtube", "cpc", "https://www.youtube.com/", "gclid", 5, 40, 0.5),
    ("display", "google", "gads-display", "google", "display", "https://news.example/", "gclid", 5, 30, 0.4),
    ("paid_social", "facebook", "fb", "facebook", "paid_social", "https://l.facebook.com/", "fbclid", 15, 105, 0.7),
    ("paid_social", "tiktok", "tt", "tiktok", "paid_social", "https://www.tiktok.com/", "ttclid", 8, 56, 0.5),
    ("email", "email", "em", "newsletter", "email", None, None, 4, 40, 1.8),
    ("affiliates", "affiliate", "af", "partners", "affiliate", "https://coupons.example/", None, 3, 30, 1.7),
    ("organic_search", None, None, None, None, "https://www.google.com/", None, 1, 180, 1.0),
    ("organic_social", None, None, None, None, "https://www.instagram.com/", None, 1, 40, 0.5),
    ("organic_video", None, None, None, None, "https://www.youtube.com/", None, 1, 19, 0.5),
    ("referral", None, None, None, None, "https://blog.example/reviews", None, 1, 40, 0.9),
    ("direct", None, None, None, None, None, None, 1, 220, 1.1),
)  # fmt: skip
VIEWED = ("paid_video", "display", "paid_social", "email")  # channels that are also seen elsewhere, without a visit

# user agent, operating system, kind of device, devices in 1000; the last is a machine that says so
AGENTS = (
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
     "Mobile/15E148 Safari/604.1", "iOS", "mobile", 330),
    ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
     "Safari/537.36", "Android", "mobile", 310),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
     "Windows", "desktop", 160),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
     "Safari/605.1.15", "macOS", "desktop", 80),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 "
     "Edg/140.0.0.0", "Windows", "desktop", 60),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Linux", "desktop", 20),
    ("Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
     "Mobile/15E148 Safari/604.1", "iOS", "tablet", 40),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Linux", "desktop", 1),
)  # fmt: skip

MACROS = f"""
create macro draw(key, salt) as cast(hash(xor(key, salt::ubigint)) >> 11 as double) / 9007199254740992;
create macro repeated(word, times) as list_resize([]::varchar[], times, word);
create macro key_text(key) as format('{{:016x}}', key);
create macro utc(ms) as timezone('UTC', make_timestamp_ms(ms));
create macro day_ms(day) as epoch_ms(timestamp '{FIRST_DATE}') + 86400000 * day::bigint;
create macro date_of(day) as date '{FIRST_DATE}' + day::integer;
create macro sku_text(sku) as 'SKU-' || lpad(sku::varchar, 4, '0');
create macro price(sku) as 9.90 + 5 * ((sku * 37) % 40);
create macro customer_text(person) as 'C-' || lpad(person::varchar, 10, '0');
create macro email_of(person) as 'person' || person || '@mail.example';
create macro is_customer(person) as draw(hash(person), 31) < 0.3;
create macro stock(sku, hour) as greatest(
    0, 300 - floor(309.3 * ((hour + 97 * sku) % (500 + 40 * (sku % 17))) / (500 + 40 * (sku % 17)))
)::bigint;
"""

# One row per thousandth of the visits: where a visit comes from; and per thousandth of the devices: which browser it has.
SLOTS = """
create table slots as
select
    (row_number() over (order by stream, nth, copy) - 1)::integer as slot,
    streams.* exclude (campaigns, share, prefix),
    prefix || '-' || (100 + nth) as campaign_id,
    case when prefix in ('gads-shop', 'fb') and nth % 2 = 0 then (stream * 13 + nth * 5) % {skus} end as campaign_sku
from streams, range(campaigns) as of_stream(nth), range(share // campaigns) as of_campaign(copy);

create table agent_slots as
select (row_number() over (order by agent, copy) - 1)::integer as agent_slot, user_agent, os, device_type
from agents, range(share) as of_agent(copy);

create table campaigns as
select
    campaign_id, min(stream) as stream, min(channel) as channel, min(platform) as platform, min(campaign_sku) as sku,
    hash(campaign_id) as key
from slots where campaign_id is not null group by campaign_id;
"""

VISITS = """
create or replace temp table visits as
with numbered as (
    select hash(xor({seed}::ubigint, {day}::ubigint * 4294967296 + number::ubigint)) as key from range({visits}) as rows(number)
),

drawn as (
    select
        key,
        floor({life} * draw(key, 1) ** 2)::bigint as age,
        floor({devices} * draw(key, 2) * draw(key, 3))::bigint as device_number,
        floor(1000 * draw(key, 4))::integer as slot,
        draw(key, 5) as depth,
        draw(key, 6) < 0.005 as is_bot,
        least(8 - 50 * ln(1 - draw(key, 7)), 240) as pace,
        least(floor(-3 * ln(1 - draw(key, 8))), 12)::integer as extra_views,
        hash(xor({seed}::ubigint, (({day} - age + 1000) * 4294967296 + device_number)::ubigint)) as device,
        {day} - age - case when draw(device, 9) < 0.3 then {again} else 0 end as person_day,
        ({life} + {again} + person_day) * {people} + floor(device_number * 0.8)::bigint as person,
        hash(person) as person_key,
        draw(person_key, 10) as place
    from numbered
),

sourced as (
    select
        drawn.*,
        slots.* exclude (slot),
        channel in {viewed} and draw(key, 11) < 0.3 and not is_bot as is_view,
        coalesce(campaign_sku, floor({skus} * draw(key, 12) * draw(key, 13)))::bigint as sku,
        not is_bot and not is_view and is_customer(person) and draw(key, 14) < 0.6 as logs_in,
        case when draw(device, 15) < 0.35 then age // 7 else 0 end as cookie_number,
        case when is_bot then hash(xor(key, 16::ubigint)) else hash(xor(device, (100 + cookie_number)::ubigint)) end as cookie,
        case when is_bot then 1000 else floor(1000 * draw(device, 28))::integer end as agent_slot,
        depth / conversion_factor as intent
    from drawn
    inner join slots on drawn.slot = slots.slot
),

stepped as (
    select
        *,
        case
            when is_view then [case when channel = 'email' then 'email_open' else 'ad_impression' end]
            when is_bot then repeated('page_view', 2 + extra_views)
            else ['page_view'] || case when logs_in then ['login'] else [] end
                || repeated('page_view', extra_views)
                || case when intent < 0.4 then repeated('product_view', 1 + (draw(key, 17) < 0.5)::integer) else [] end
                || case when intent < 0.10 then ['add_to_cart'] else [] end
                || case when intent < 0.045 then ['begin_checkout'] else [] end
                || case when intent < 0.027 then ['payment_attempt'] else [] end
                || case when depth between 0.975 and 0.98 then ['sign_up'] else [] end
                || case when depth > 0.985 then ['form_start'] else [] end
                || case when depth > 0.99 then ['form_submit', 'generate_lead'] else [] end
        end as early_steps,
        case when draw(key, 18) < 0.35 then draw(key, 19) else (draw(key, 19) + draw(key, 20)) / 2 end as moment,
        (day_ms({day}) + 1000 * (86390 - pace * (len(early_steps) + 1)) * ((moment + 0.1) % 1))::bigint as starts_ms,
        (starts_ms - day_ms(0)) // 3600000 as hour
    from sourced
)

select
    *,
    not is_view and not is_bot and intent < 0.024 and stock(sku, hour) > 0 and stock(sku, hour + 1) > 0
        and not (hour between {outage_first} and {outage_last}) as buys,
    case when buys then early_steps || ['purchase'] else early_steps end as steps,
    case when draw(device, 21) < 0.02 then false when draw(device, 21) > 0.05 then true end as consent,
    case
        when place < 0.4 then 'US' when place < 0.6 then 'GB' when place < 0.8 then 'DE' when place < 0.9 then 'FR' else 'NL'
    end as country,
    case when place < 0.4 then 'USD' when place < 0.6 then 'GBP' else 'EUR' end as currency,
    floor(3 * draw(key, 22))::integer + 1 as ad,
    1 + (draw(key, 23) < 0.2)::bigint as quantity,
    case when draw(key, 24) < 0.15 then (sku + 7) % {skus} end as second_sku,
    price(sku) * quantity + coalesce(price(second_sku), 0) as revenue,
    (starts_ms + 1000 * pace * (len(steps) - 1))::bigint as ends_ms,
    case when is_customer(person) and draw(key, 25) < 0.9 then customer_text(person) end as customer_id
from stepped
"""

# Raw tables that get a file a day, from the visits of the day; events are listed by time, as collectors write them.
EVENTS = """
with stepped as (
    select *, unnest(steps) as event_name, generate_subscripts(steps, 1) as step from visits
),

events as (
    select
        *,
        step = 1 and not is_bot as is_arrival,
        event_name in ('product_view', 'add_to_cart') as is_about_product,
        event_name in ('add_to_cart', 'begin_checkout', 'payment_attempt', 'purchase') as has_value,
        hash(xor(key, (1000 + step)::ubigint)) as event_key,
        case when 1 < step and step < len(steps) then 0.7 * (draw(event_key, 1) - 0.5) else 0 end as haste,
        (starts_ms + 1000 * pace * (step - 1 + haste))::bigint as ms,
        unnest(case when draw(event_key, 2) < 0.015 then [0, 60000 + (1800000 * draw(event_key, 3))::bigint] else [0] end)
            as retry_ms
    from stepped
    where event_name <> 'purchase' or draw(key, 26) >= 0.02
)

select
    'ev-' || key_text(event_key) as event_id,
    utc(ms) as event_ts,
    utc(ms + 300 + (2000 * draw(event_key, 4))::bigint + retry_ms) as received_at,
    event_name,
    'ck.' || key_text(cookie) as anonymous_id,
    case when logs_in and step > 1 then customer_text(person) end as user_id,
    case when event_name in ('sign_up', 'generate_lead', 'purchase', 'email_open') then sha256(email_of(person)) end
        as email_hash,
    case when draw(key, 27) < 0.9 and not is_view then 's-' || key_text(key) end as session_id,
    case when is_arrival or is_view then source end as source,
    case when is_arrival then source end as utm_source,
    case when is_arrival then medium end as utm_medium,
    case when is_arrival then campaign_id end as utm_campaign,
    case when is_arrival then campaign_id || '-ad' || ad end as utm_content,
    case when is_arrival and channel = 'paid_search' then 'term ' || (key % 40) end as utm_term,
    case when is_arrival and not is_view and click_id = 'gclid' then 'gc.' || key_text(key) end as gclid,
    case when is_arrival and not is_view and click_id = 'fbclid' then 'fb.' || key_text(key) end as fbclid,
    case when is_arrival and not is_view and click_id = 'ttclid' then 'tt.' || key_text(key) end as ttclid,
    'https://shop.example' || case
        when is_view then '/mail'
        when is_about_product or (is_arrival and campaign_sku is not null) then '/p/' || lower(sku_text(sku))
        when event_name = 'page_view' and draw(event_key, 5) < 0.3 then '/'
        when event_name = 'page_view' then '/c/category-' || (event_key % 24) || '?page=' || (event_key % 5)
        else '/' || event_name
    end as page_url,
    case when is_arrival then referrer else 'https://shop.example/' end as referrer,
    case when is_about_product or event_name = 'purchase' or (is_arrival and campaign_sku is not null) then sku_text(sku) end
        as sku_id,
    case when event_name = 'purchase' then 'O-' || key_text(key) end as order_id,
    case when event_name = 'purchase' then revenue when has_value then price(sku) end::double as value,
    case when has_value then currency end as currency,
    user_agent,
    os,
    device_type,
    country,
    key_text(hash(xor(person_key, 40::ubigint))) as ip_hash,
    consent
from events
inner join agent_slots on events.agent_slot = agent_slots.agent_slot
order by received_at, event_id
"""

# What is kept of the visits of every day: orders, and what the platforms bill.
KEPT = """
insert into orders
select
    {day} as day, key, person, cookie, customer_id, currency, revenue, sku, second_sku, quantity, ends_ms as ordered_ms
from visits where buys;

insert into ad_visits
select {day} as day, campaign_id, ad, count(*) as visits, sum(buys::integer) as buys, sum(revenue) filter (buys) as revenue
from visits where campaign_id is not null and not is_view and not is_bot group by all;
"""

# Raw tables with a file a day that come from the visits of that day.
OF_VISITS = {
    "raw.clickstream_events": EVENTS,
    "raw.identity_links": """
        select
            'anonymous_id' as identifier_type_a, 'ck.' || key_text(cookie) as identifier_a, 'user_id' as identifier_type_b,
            customer_text(person) as identifier_b, utc(ends_ms) as observed_at, 'newsletter_click' as link_source
        from visits where not is_bot and not is_view and is_customer(person) and draw(key, 51) < 0.02
        order by observed_at
    """,
    "raw.offline_conversions": """
        select
            'OC-' || key_text(key) as conversion_id, utc(ends_ms + 1000) as occurred_at, utc(ends_ms + 36000000) as uploaded_at,
            case when draw(key, 52) < 0.7 then 'phone_call' else 'store_visit' end as conversion_type, customer_id,
            case when customer_id is null then email_of(person) end as email, '+1555' || lpad(person::varchar, 9, '0') as phone,
            round(20 + 80 * draw(key, 53), 2) as value, currency
        from visits where not is_bot and not is_view and not buys and draw(key, 54) < 0.002
        order by occurred_at
    """,
    "privacy.consent_log": """
        select
            identifier_type, case identifier_type when 'user_id' then customer_text(person) else 'ck.' || key_text(cookie) end
                as identifier,
            purpose, draw(key, 55) < 0.4 as granted, utc(starts_ms) as recorded_at
        from (
            select
                *, case when is_customer(person) then 'user_id' else 'anonymous_id' end as identifier_type,
                unnest(case when draw(key, 56) < 0.5 then ['marketing'] else ['marketing', 'identity_linking'] end) as purpose
            from visits where not is_bot and draw(key, 57) < 0.004
        ) as decisions
        order by recorded_at, identifier, purpose
    """,
}

# Versions of orders and loads of advertising days, each written on the day that it became known.
VERSIONS = """
create table order_versions as
select *, day + days as written_day, utc(ordered_ms + days * 86400000) as updated_at
from (
    select
        *, draw(key, 61) as fate, unnest([0, 1 + (key % 3)::bigint, 6 + (key % 15)::bigint]) as days,
        unnest([1, 2, 3]) as version
    from orders
) as versions
where version < 3 or fate > 0.93;

create table ad_loads as
with loads as (
    select day, ad, age, campaigns.*
    from range({days}) as days(day), range(1, 4) as ads(ad), range(0, 4, 3) as ages(age), campaigns
)

select
    loads.*,
    day + age as written_day,
    coalesce(buys, 0) as buys,
    coalesce(revenue, 0) as revenue,
    draw(hash(xor(key, (day * 4 + ad)::ubigint)), 62) as noise,
    ceil(coalesce(visits, 0) * (1.15 + 0.1 * noise))::bigint as clicks,
    round(clicks * (0.25 + draw(key, 63)) * (0.9 + 0.2 * noise), 2) as spend
from loads
left join ad_visits using (day, campaign_id, ad);
"""

_AD = """
    campaign_id, 'Campaign ' || campaign_id as campaign_name, campaign_id || '-ad' || ad as ad_id,
    60 * clicks + floor(500 * noise)::bigint as impressions, clicks
"""
_LOADED = "utc(day_ms(written_day + 1) + 14400000) as loaded_at"
_CLAIMED = "(buys * (0.9 + 0.05 * age))::double"

# Raw tables with a file a day that come from what was kept, and that need no visits.
OF_DAYS = {
    "crm.orders": """
        select
            'O-' || key_text(key) as order_id, customer_id,
            case when draw(key, 64) < 0.88 then 'ck.' || key_text(cookie) end as anonymous_id,
            case when customer_id is null or draw(key, 65) < 0.7 then email_of(person) end as email,
            utc(ordered_ms) as ordered_at, updated_at,
            case
                when version = 1 then 'paid' when version = 2 and fate between 0.9 and 0.93 then 'cancelled'
                when version = 2 then 'shipped' when fate > 0.965 then 'refunded' else 'partially_refunded'
            end as status,
            revenue::double as revenue, currency,
            case status when 'refunded' then revenue when 'partially_refunded' then round(revenue * 0.3, 2) end::double
                as refund_amount,
            case when version = 3 then updated_at end as refunded_at, 'web' as sales_channel
        from order_versions where written_day = {day} order by updated_at, order_id
    """,
    "crm.order_items": """
        select 'O-' || key_text(key) as order_id, sku_text(sku) as sku_id, quantity, price(sku)::double as unit_price
        from orders where day = {day}
        union all
        select 'O-' || key_text(key), sku_text(second_sku), 1, price(second_sku)::double
        from orders where day = {day} and second_sku is not null
        order by order_id, sku_id
    """,
    "crm.customers": """
        select
            customer_text(person) as customer_id, email_of(person) as email,
            case when draw(hash(person), 66) < 0.8 then '+1555' || lpad(person::varchar, 9, '0') end as phone,
            'A-' || lpad((person // 2)::varchar, 10, '0') as account_id, utc(day_ms({day}) + person % 1000) as created_at
        from range({first_person}, {past_person}) as people(person)
        where is_customer(person) order by person
    """,
    "raw.facebook_ads": f"""
        select
            date_of(day) as date, 'act-1' as account_id, {_AD}, spend, 'USD' as currency, {_CLAIMED} as conversions,
            revenue::double as conversion_value, {_LOADED}
        from ad_loads where written_day = {{day}} and platform = 'facebook' order by date, campaign_id, ad
    """,
    "raw.google_ads": f"""
        select
            date_of(day) as segments_date, '810-200-0001' as customer_id, {_AD}, campaign_id || '-g1' as ad_group_id,
            (spend * 1000000)::bigint as cost_micros, 'USD' as currency_code, {_CLAIMED} as conversions,
            revenue::double as conversions_value, {_LOADED}
        from ad_loads where written_day = {{day}} and platform = 'google' order by segments_date, campaign_id, ad
    """,
    "raw.tiktok_ads": f"""
        select
            date_of(day) as stat_time_day, 'adv-1' as advertiser_id, {_AD}, spend, 'EUR' as currency, {_CLAIMED} as conversion,
            revenue::double as total_purchase_value, {_LOADED}
        from ad_loads where written_day = {{day}} and platform = 'tiktok' order by stat_time_day, campaign_id, ad
    """,
    "warehouse.inventory_hourly_snapshot": """
        select
            utc(day_ms({day}) + 3600000 * hour) as snapshot_at, sku_text(sku) as sku_id,
            stock(sku, 24 * {day} + hour) as stock_quantity
        from range(24) as hours(hour), range({skus}) as skus(sku) order by hour, sku
    """,
    "finance.fx_rates": """
        select date_of({day}) as date, currency, round(rate + wave * sin({day} / 11.0), 4) as rate_to_reporting
        from (values ('USD', 1.0, 0.0), ('EUR', 1.16, 0.012), ('GBP', 1.34, 0.015)) as rates(currency, rate, wave)
    """,
}

# Raw tables of one file.
WHOLE = {
    "marketing.campaign_config": """
        select
            campaign_id, platform, 'Campaign ' || campaign_id as campaign_name, channel,
            case when sku is not null then sku_text(sku) end as sku_id, false as is_brand, date_of(0) as starts_on,
            date_of({days} + 30) as ends_on
        from campaigns order by campaign_id
    """,
    "marketing.promo_calendar": """
        select
            'promo-' || day as promo_id, name as promo_name, utc(day_ms(day)) as starts_at,
            utc(day_ms(day + length)) as ends_at, tier
        from (values
            (45, 'Winter sale', 6, 'minor'), (128, 'Spring week', 7, 'minor'), (250, 'Back to school', 7, 'minor'),
            (314, 'Singles Day', 1, 'major'), (331, 'Black Friday', 2, 'major')
        ) as promotions(day, name, length, tier)
    """,
    "ops.known_incidents": """
        select
            'INC-1' as incident_id, utc(day_ms({outage_day}) + 3600000 * {outage_start}) as starts_at,
            utc(day_ms({outage_day}) + 3600000 * {outage_end}) as ends_at, 'payment' as component, false as planned
    """,
    "privacy.erasure_requests": """
        select 'user_id' as identifier_type, customer_id as identifier, utc(day_ms(day + 1) - 1000) as requested_at
        from orders where customer_id is not null order by hash(key) limit 5
    """,
}
