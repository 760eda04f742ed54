"""The smallest world in which context pays: two channels of the same power, one product sold out half of the time.

Every hour brings `VISITORS` to each channel, and one of them wants to buy. The product of paid search is always there;
that of paid social is sold out every other hour, and who finds it so does not come back. No chance is involved.
"""

import datetime as dt

START = dt.datetime(2025, 3, 3)
HOURS = 48
VISITORS = 10
CAMPAIGNS = {"paid_search": ("google", "boots"), "paid_social": ("facebook", "coats")}  # platform and product
QUIET_DAYS = 31  # afterwards, so that every journey has ended
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

Rows = list[dict[str, object]]


def is_sold_out(sku: str, hour: int) -> bool:
    """Coats are, in every odd hour."""
    return sku == "coats" and hour % 2 == 1


def raw_tables() -> dict[str, Rows]:
    """The world in the tables of the data contract, a dict per row."""
    events, orders, snapshots = [], [], []
    for hour in range(HOURS):
        for channel, (platform, sku) in CAMPAIGNS.items():
            begin = START + dt.timedelta(hours=hour)
            stock = 0 if is_sold_out(sku, hour) else 9
            snapshots.append({"snapshot_at": begin, "sku_id": sku, "stock_quantity": stock})
            for number in range(VISITORS):
                visitor = f"{channel} {hour:02} {number}"
                moment = begin + dt.timedelta(minutes=1 + 5 * number)
                tags = {"utm_source": platform, "utm_medium": "cpc", "utm_campaign": sku, "sku_id": sku}
                events.append(_event(visitor, "product_view", moment, **tags))
                if number == 0 and stock:
                    paid = moment + dt.timedelta(minutes=2)
                    events.append(_event(visitor, "purchase", paid, order_id=f"order of {visitor}"))
                    orders.append(_order(visitor, paid))
    end = START + dt.timedelta(hours=HOURS, days=QUIET_DAYS)
    events.append(_event("a month later", "page_view", end))
    return {
        "raw.clickstream_events": events,
        "crm.orders": orders,
        "warehouse.inventory_hourly_snapshot": snapshots,
        "marketing.campaign_config": [
            {"campaign_id": sku, "platform": platform, "channel": channel, "sku_id": sku}
            for channel, (platform, sku) in CAMPAIGNS.items()
        ],
    }


def raw_columns() -> dict[str, dict[str, list]]:
    """The same as columns; a row that leaves one out has a null in it."""
    tables = {}
    for table, rows in raw_tables().items():
        columns = dict.fromkeys(column for row in rows for column in row)
        tables[table] = {column: [row.get(column) for row in rows] for column in columns}
    return tables


def _event(visitor: str, name: str, moment: dt.datetime, **values: str) -> dict[str, object]:
    return {"event_id": f"{name} {visitor}", "event_ts": moment, "event_name": name, "anonymous_id": visitor,
            "user_agent": BROWSER, **values}  # fmt: skip


def _order(visitor: str, moment: dt.datetime) -> dict[str, object]:
    return {"order_id": f"order of {visitor}", "anonymous_id": visitor, "ordered_at": moment, "updated_at": moment,
            "status": "paid", "revenue": 50.0, "currency": "USD"}  # fmt: skip
