"""A whole shop world: raw tables in the contract's layout and the truth beside them."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from tools.demo.frame import Frame, take
from tools.demo.ids import hex_text, mix, number_text, pick
from tools.evaluation.draw import DAY, HOUR, generator, inside
from tools.evaluation.files import moments, write_raw, write_truth
from tools.evaluation.shop import truth
from tools.evaluation.shop.ads import make_ads, platform_clicks
from tools.evaluation.shop.campaigns import CHANNELS, MEDIUMS, PLATFORMS, Campaigns, make_campaigns
from tools.evaluation.shop.faults import NO_EVENTS, Faults, draw_faults
from tools.evaluation.shop.frame import EVENT_NAMES, stack
from tools.evaluation.shop.funnel import PAGES, Funnel, make_funnel
from tools.evaluation.shop.machines import ALL_AGENTS, DECLARED_AGENTS, make_machines
from tools.evaluation.shop.shape import CURRENCY, SPAN, UNPAID, Shape, make_shape
from tools.evaluation.shop.stock import Stock
from tools.evaluation.shop.visits import AGENTS, COUNTRIES, Visits, make_clicks, make_visits

CLICK_IDS = ("gclid", "fbclid", "ttclid")
SYSTEMS = tuple(system for system, _, _ in AGENTS) + ("Linux",) * len(DECLARED_AGENTS)
DEVICES = tuple(device for _, device, _ in AGENTS) + ("desktop",) * len(DECLARED_AGENTS)


def make_shop(seed: int, folder: Path, faults: bool = True) -> dict[str, int]:
    """Write the world below `folder`; returns rows of the larger tables. Without faults everything else stays."""
    shape = make_shape(seed)
    stock = Stock(seed)
    campaigns = make_campaigns(shape, stock)
    planted = draw_faults(shape, campaigns) if faults else Faults()
    clicks, landed = make_clicks(shape, campaigns)
    visits = make_visits(shape, campaigns, stock, landed)
    funnel = make_funnel(shape, stock, visits, planted)
    machines, fraud_clicks = make_machines(shape, campaigns, stock, visits, planted)
    seen = platform_clicks(planted, clicks + fraud_clicks)
    machines = take(machines, inside(planted.windows(*NO_EVENTS), machines["seconds"]) < 0)
    events = stack([funnel.events, machines])
    events = take(events, np.argsort(events["seconds"], kind="stable"))
    event_id = hex_text("e", mix(seed, 21, np.arange(len(events["seconds"]))))
    write_raw(
        folder,
        {
            "raw.clickstream_events": _clickstream(shape, campaigns, stock, events, event_id),
            **make_ads(shape, campaigns, seen),
            **_orders(shape, stock, visits, funnel),
            "warehouse.inventory_hourly_snapshot": _snapshots(shape, stock),
            "marketing.campaign_config": _config(campaigns, stock),
            "marketing.promo_calendar": _promotions(shape),
            "ops.known_incidents": _incidents(shape, planted),
        },
    )
    write_truth(
        folder,
        {
            "outages": truth.outages(shape, planted, funnel),
            "losses": truth.losses(shape, campaigns, planted),
            "campaign_days": truth.campaign_days(shape, campaigns, planted, visits, funnel, seen),
            "touches": truth.touches(shape, campaigns, stock, events, event_id),
            "labels": truth.labels(events, event_id),
            "hours": truth.hours(shape, funnel),
        },
    )
    return {"events": len(event_id), "visits": len(visits), "orders": len(funnel.order_visit)}


def _clickstream(shape: Shape, campaigns: Campaigns, stock: Stock, events: Frame, event_id: pa.Array) -> dict:
    """`raw.clickstream_events`; tags, click id and referrer stand on the first event of a visit."""
    campaign, order = events["campaign"], events["order"]
    platform = np.append(campaigns.platform, -1)[campaign]
    unpaid = np.append(np.array(shape.unpaid), -1)[events["stream"]]
    origin = np.where(platform >= 0, len(UNPAID) + platform, unpaid)
    urls = [f"https://shop.example/p/{name}" for name in stock.names]
    urls += [f"https://shop.example/{page}" for page in ["", *(f"page-{number}" for number in range(1, PAGES))]]
    keys = mix(shape.seed, 22, np.arange(len(order)))
    click_ids = {
        name: hex_text("", keys, events["has_click_id"] & (platform == number)) for number, name in enumerate(CLICK_IDS)
    }
    return {
        "event_id": event_id,
        "event_ts": moments(shape.start, events["seconds"]),
        "received_at": moments(shape.start, np.minimum(events["seconds"] + 2.0, SPAN)),
        "event_name": pick(EVENT_NAMES, events["name"]),
        "anonymous_id": hex_text("c", events["cookie"]),
        "utm_source": pick([*(row[2] for row in UNPAID), *PLATFORMS], origin),
        "utm_medium": pick([*(row[3] for row in UNPAID), *MEDIUMS], origin),
        "utm_campaign": pick(campaigns.names, campaign),
        **click_ids,
        "page_url": pick(urls, events["url"]),
        "referrer": pick([row[1] for row in UNPAID], unpaid),
        "sku_id": pick(stock.names, events["sku"]),
        "order_id": _order_id(order),
        "value": pa.array(events["value"], from_pandas=True),
        "currency": pick((CURRENCY,), np.where(order >= 0, 0, -1)),
        "user_agent": pick(ALL_AGENTS, events["agent"]),
        "os": pick(SYSTEMS, events["agent"]),
        "device_type": pick(DEVICES, events["agent"]),
        "country": pick(COUNTRIES, events["country"]),
        "ip_hash": hex_text("", events["ip"]),
        "consent": pa.array(events["consent"] == 1, mask=events["consent"] < 0),
    }


def _order_id(number: np.ndarray) -> pa.Array:
    return number_text("O-", number, 9, number >= 0)


def _orders(shape: Shape, stock: Stock, visits: Visits, funnel: Funnel) -> dict[str, dict]:
    """`crm.orders` in their last version, and one item each."""
    rng = generator(shape.seed, "orders")
    visit, n = funnel.order_visit, len(funnel.order_visit)
    updated = np.minimum(funnel.order_seconds + 2 * DAY * rng.random(n), SPAN)
    return {
        "crm.orders": {
            "order_id": _order_id(visit),
            "customer_id": number_text("C-", (visits.cookie[visit] % np.uint64(10**7)).astype(np.int64), 8),
            "anonymous_id": hex_text("c", visits.cookie[visit]),
            "ordered_at": moments(shape.start, funnel.order_seconds),
            "updated_at": moments(shape.start, updated),
            "status": pick(("paid", "shipped", "cancelled"), rng.choice(3, n, p=(0.37, 0.6, 0.03))),
            "revenue": funnel.order_value,
            "currency": pa.array([CURRENCY] * n),
        },
        "crm.order_items": {
            "order_id": _order_id(visit),
            "sku_id": pick(stock.names, np.maximum(visits.sku[visit], 0)),
            "quantity": np.ones(n, np.int64),
            "unit_price": funnel.order_value,
        },
    }


def _snapshots(shape: Shape, stock: Stock) -> dict:
    hour, sku = np.nonzero(stock.is_observed.T)
    return {
        "snapshot_at": moments(shape.start, hour * float(HOUR)),
        "sku_id": pick(stock.names, sku),
        "stock_quantity": stock.level[sku, hour],
    }


def _config(campaigns: Campaigns, stock: Stock) -> dict:
    rows = [(number, sku) for number, skus in enumerate(campaigns.skus) for sku in (skus if len(skus) else [-1])]
    campaign, sku = np.array(rows).T
    platform = campaigns.platform[campaign]
    return {
        "campaign_id": pick(campaigns.names, campaign),
        "platform": pick(PLATFORMS, platform),
        "campaign_name": pick([f"Campaign {name}" for name in campaigns.names], campaign),
        "channel": pick(CHANNELS, platform),
        "sku_id": pick(stock.names, sku),
        "is_brand": np.zeros(len(campaign), bool),
    }


def _promotions(shape: Shape) -> dict:
    rows = shape.promotions
    return {
        "promo_id": [f"promo-{number}" for number in range(len(rows))],
        "promo_name": [f"{row.tier} promotion" for row in rows],
        "starts_at": moments(shape.start, np.array([row.starts for row in rows])),
        "ends_at": moments(shape.start, np.array([row.ends for row in rows])),
        "tier": [row.tier for row in rows],
    }


def _incidents(shape: Shape, faults: Faults) -> dict:
    """Known outages, noted a few minutes off; and in most shops one planned work that nobody felt."""
    rng = generator(shape.seed, "incidents")
    blur = 60.0 * rng.integers(-12, 13, (40, 2))
    rows = [(o.start + a, o.end + b, "payments", o.is_planned)
            for o, (a, b) in zip(faults.outages, blur[1:]) if o.is_known]  # fmt: skip
    start = HOUR * rng.integers(24, int(SPAN // HOUR) - 24)
    if rng.random() < 0.7:
        rows.append((start, start + 2.0 * HOUR, "site", True))
    rows.sort()
    return {
        "incident_id": [f"incident-{number}" for number in range(len(rows))],
        "starts_at": moments(shape.start, np.array([row[0] for row in rows])),
        "ends_at": moments(shape.start, np.array([row[1] for row in rows])),
        "component": [row[2] for row in rows],
        "planned": pa.array([row[3] for row in rows], pa.bool_()),
    }
