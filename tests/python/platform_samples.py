"""A few invented rows of each platform in the columns of its own export, for the mappings of docs/guides/platforms.md."""

import csv
import json

import duckdb

GA4 = """
    select '20251101' as event_date, 1762000000000000 + number as event_timestamp,
        ['page_view', 'view_item', 'purchase', 'page_view'][number] as event_name,
        [
            {key: 'page_location', value: {string_value: 'https://shop.example/mug?utm_source=google&fbclid=f1', int_value: null::bigint}},
            {key: 'page_referrer', value: {string_value: 'https://www.google.com/', int_value: null::bigint}}
        ] as event_params,
        case when number < 4 then 'ga.1' end as user_pseudo_id, null::varchar as user_id,
        {manual_source: 'google', manual_medium: 'cpc', manual_campaign_id: null::varchar, manual_campaign_name: 'summer', gclid: 'g1'}
            as collected_traffic_source,
        1 as batch_page_id, 1 as batch_ordering_id, number as batch_event_index,
        [{item_id: 'SKU-1'}] as items, {transaction_id: 'O-1', purchase_revenue: 12.5} as ecommerce,
        {operating_system: 'iOS', category: 'mobile'} as device, {country: 'Germany'} as geo,
        {analytics_storage: case when number = 2 then 'No' else 'Yes' end} as privacy_info
    from range(1, 5) as numbers(number)
"""

CONTEXT = """
    timestamp '2025-11-01 10:00:00' as timestamp, timestamp '2025-11-01 10:00:01' as received_at, null::varchar as user_id,
    'newsletter' as context_campaign_source, 'email' as context_campaign_medium, 'spring' as context_campaign_name,
    null::varchar as context_campaign_content, null::varchar as context_campaign_term, 'Mozilla/5.0' as context_user_agent,
    '192.0.2.1' as context_ip
"""
PAGE = "'https://shop.example/?gclid=g1&x=1' as context_page_url, null::varchar as context_page_referrer"

PARQUET = {
    "ga4/events_20251101": GA4,
    "segment/pages": f"select 'p1' as id, 'seg.1' as anonymous_id, 'https://shop.example/?gclid=g1' as url, null::varchar as referrer, {CONTEXT}",
    "segment/tracks": f"""
        select unnest(['t1', 't2', 't3']) as id, unnest(['product_added', 'order_completed', 'newsletter']) as event,
            unnest(['seg.1', 'seg.1', null]) as anonymous_id, {PAGE}, {CONTEXT}
    """,
    "segment/order_completed": f"select 't2' as id, 'seg.1' as anonymous_id, 'O-1' as order_id, 12.5 as revenue, 'EUR' as currency, {PAGE}, {CONTEXT}",
    "snowplow/events": """
        select unnest(['e1', 'e2', 'e3']) as event_id, unnest(['page_view', 'page_ping', 'transaction']) as event,
            unnest(['page_view', 'page_ping', 'transaction']) as event_name, null::varchar as se_action, 'sp.1' as domain_userid,
            null::varchar as user_id, timestamp '2025-11-01 10:00:00' as derived_tstamp, timestamp '2025-11-01 10:00:01' as collector_tstamp,
            'https://shop.example/?fbclid=f1' as page_url, 'fbclid=f1' as page_urlquery, null::varchar as page_referrer,
            'facebook' as mkt_source, 'cpc' as mkt_medium, 'fb-1' as mkt_campaign, null::varchar as mkt_content, null::varchar as mkt_term,
            'O-1' as tr_orderid, 12.5 as tr_total, 'EUR' as tr_currency, 'Mozilla/5.0' as useragent, 'iOS' as os_family,
            'Mobile' as dvce_type, 'DE' as geo_country, '192.0.2.1' as user_ipaddress
    """,
}

SHOPIFY = {
    "id": 1, "customer": {"id": 7}, "email": "ann@shop.example", "created_at": "2025-11-01T10:00:00+01:00",
    "updated_at": "2025-11-02T10:00:00+01:00", "cancelled_at": None, "financial_status": "paid", "fulfillment_status": None,
    "total_price": "100.00", "currency": "EUR", "refunds": [], "source_name": "web", "test": False,
}  # fmt: skip
REFUND = {"transactions": [{"amount": "20.00", "kind": "refund", "status": "success"}, {"amount": "9.00", "kind": "refund", "status": "failure"}]}
WOO = {
    "id": 1, "customer_id": 0, "billing": {"email": "ann@shop.example"}, "date_created_gmt": "2025-11-01T09:00:00",
    "date_modified_gmt": "2025-11-02T09:00:00", "status": "processing", "total": "100.00", "currency": "EUR", "refunds": [],
}  # fmt: skip
META = {
    "date_start": "2025-11-01", "account_id": "1", "campaign_id": "fb-1", "campaign_name": "Autumn", "ad_id": "a1", "impressions": "1000",
    "inline_link_clicks": "40", "clicks": "55", "spend": "12.34", "account_currency": "EUR",
    "actions": [{"action_type": "omni_purchase", "value": "2"}, {"action_type": "like", "value": "9"}],
    "action_values": [{"action_type": "omni_purchase", "value": "80.5"}],
}  # fmt: skip

JSON = {
    "shopify/orders": [
        SHOPIFY,
        {**SHOPIFY, "id": 2, "financial_status": "partially_refunded", "refunds": [REFUND]},
        {**SHOPIFY, "id": 3, "cancelled_at": "2025-11-02T10:00:00+01:00", "customer": None},
        {**SHOPIFY, "id": 4, "fulfillment_status": "fulfilled", "source_name": "pos"},
        {**SHOPIFY, "id": 5, "test": True},
    ],
    "woocommerce/orders": [
        WOO,
        {**WOO, "id": 2, "status": "completed", "refunds": [{"id": 9, "total": "-20.00"}], "customer_id": 7},
        {**WOO, "id": 3, "status": "pending"},
        {**WOO, "id": 4, "status": "cancelled"},
    ],
    "meta_ads/2025-11-02": [META],
    "meta_ads/2025-11-03": [{**META, "spend": "13.00"}],
}

GOOGLE = {
    "segments_date": "2025-11-01", "customer_id": 1, "campaign_id": "gads-1", "campaign_name": "Brand", "metrics_impressions": 1000,
    "metrics_clicks": 40, "metrics_cost_micros": 12340000, "customer_currency_code": "EUR", "metrics_conversions": 2.5,
    "metrics_conversions_value": 80.5,
}  # fmt: skip
TIKTOK = {
    "stat_time_day": "2025-11-01 00:00:00", "advertiser_id": 1, "campaign_id": 2, "campaign_name": "Autumn", "ad_id": 3,
    "impressions": 1000, "clicks": 40, "spend": 12.34, "currency": "EUR", "conversion": 2,
}  # fmt: skip
CSV = {"google_ads/2025-11-02": [GOOGLE], "google_ads/2025-11-03": [{**GOOGLE, "metrics_clicks": 41}], "tiktok_ads/2025-11-02": [TIKTOK]}


def write_samples(folder):
    """All files below `folder`, as {datasets} of the guide."""
    for name in [*PARQUET, *JSON, *CSV]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for name, query in PARQUET.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
    for name, rows in JSON.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, rows in CSV.items():
        with (folder / f"{name}.csv").open("w", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
