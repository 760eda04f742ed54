"""Columns and types of every raw table (the data contract, section 2)."""

import pyarrow as pa

WHEN, TEXT, REAL, COUNT, FLAG, DATE = (
    pa.timestamp("ms", tz="UTC"), pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.date32()
)  # fmt: skip


def _schema(
    times: str = "",
    dates: str = "",
    reals: str = "",
    counts: str = "",
    flags: str = "",
    *,
    order: str,
) -> pa.Schema:
    """Schema with columns in `order`; those not named under a type are text."""
    kinds = (
        dict.fromkeys(times.split(), WHEN) | dict.fromkeys(dates.split(), DATE) | dict.fromkeys(reals.split(), REAL)
    )
    kinds |= dict.fromkeys(counts.split(), COUNT) | dict.fromkeys(flags.split(), FLAG)
    return pa.schema([(name, kinds.get(name, TEXT)) for name in order.split()])


RAW = {
    "raw.clickstream_events": _schema(
        times="event_ts received_at", reals="value", flags="consent",
        order="event_id event_ts received_at event_name anonymous_id user_id email_hash session_id source utm_source "
        "utm_medium utm_campaign utm_content utm_term gclid fbclid ttclid page_url referrer sku_id order_id value "
        "currency user_agent os device_type country ip_hash consent",
    ),
    "raw.facebook_ads": _schema(
        times="loaded_at", dates="date", reals="spend conversions conversion_value", counts="impressions clicks",
        order="date account_id campaign_id campaign_name ad_id impressions clicks spend currency conversions "
        "conversion_value loaded_at",
    ),
    "raw.google_ads": _schema(
        times="loaded_at", dates="segments_date", reals="conversions conversions_value",
        counts="impressions clicks cost_micros",
        order="segments_date customer_id campaign_id campaign_name ad_group_id ad_id impressions clicks cost_micros "
        "currency_code conversions conversions_value loaded_at",
    ),
    "raw.tiktok_ads": _schema(
        times="loaded_at", dates="stat_time_day", reals="spend conversion total_purchase_value",
        counts="impressions clicks",
        order="stat_time_day advertiser_id campaign_id campaign_name ad_id impressions clicks spend currency "
        "conversion total_purchase_value loaded_at",
    ),
    "raw.offline_conversions": _schema(
        order="conversion_id occurred_at uploaded_at conversion_type customer_id email phone value currency"
    ),
    "raw.identity_links": _schema(
        times="observed_at",
        order="identifier_type_a identifier_a identifier_type_b identifier_b observed_at link_source",
    ),
    "crm.orders": _schema(
        times="ordered_at updated_at refunded_at", reals="revenue refund_amount",
        order="order_id customer_id anonymous_id email ordered_at updated_at status revenue currency refund_amount "
        "refunded_at sales_channel",
    ),
    "crm.order_items": _schema(reals="unit_price", counts="quantity", order="order_id sku_id quantity unit_price"),
    "crm.customers": _schema(times="created_at", order="customer_id email phone account_id created_at"),
    "warehouse.inventory_hourly_snapshot": _schema(
        times="snapshot_at", counts="stock_quantity", order="snapshot_at sku_id stock_quantity"
    ),
    "marketing.campaign_config": _schema(
        dates="starts_on ends_on", flags="is_brand",
        order="campaign_id platform campaign_name channel sku_id is_brand starts_on ends_on",
    ),
    "marketing.promo_calendar": _schema(times="starts_at ends_at", order="promo_id promo_name starts_at ends_at tier"),
    "privacy.consent_log": _schema(
        times="recorded_at", flags="granted", order="identifier_type identifier purpose granted recorded_at"
    ),
    "privacy.erasure_requests": _schema(times="requested_at", order="identifier_type identifier requested_at"),
    "experiments.holdout_results": _schema(
        dates="started_on ended_on",
        counts="treated_users treated_conversions control_users control_conversions",
        order="experiment_id channel started_on ended_on treated_users treated_conversions control_users "
        "control_conversions",
    ),
    "finance.fx_rates": _schema(dates="date", reals="rate_to_reporting", order="date currency rate_to_reporting"),
    "ops.known_incidents": _schema(
        times="starts_at ends_at", flags="planned", order="incident_id starts_at ends_at component planned"
    ),
}  # fmt: skip

# Tables that get malformed rows, and the required columns that go missing in them.
SPOILED = {
    "raw.clickstream_events": ("event_id", "event_ts", "event_name", "anonymous_id"),
    "raw.facebook_ads": ("date", "campaign_id", "clicks", "spend", "currency"),
    "raw.google_ads": (
        "segments_date",
        "campaign_id",
        "impressions",
        "cost_micros",
        "currency_code",
    ),
    "raw.tiktok_ads": ("stat_time_day", "campaign_id", "clicks", "spend", "loaded_at"),
    "raw.identity_links": ("identifier_a", "identifier_b", "observed_at"),
    "crm.orders": ("order_id", "ordered_at", "status", "revenue", "currency"),
    "crm.order_items": ("sku_id", "quantity", "unit_price"),
    "crm.customers": ("customer_id",),
    "warehouse.inventory_hourly_snapshot": ("snapshot_at", "sku_id", "stock_quantity"),
    "privacy.consent_log": ("identifier", "granted", "recorded_at"),
}
