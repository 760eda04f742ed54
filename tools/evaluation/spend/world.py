"""A whole spend world: the platforms' reports, exchange rates, a handful of visits and orders, and the truth."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from tools.demo.ids import pick
from tools.evaluation.draw import DAY, HOUR, generator
from tools.evaluation.files import dates, moments, write_raw, write_truth
from tools.evaluation.spend.accounts import CURRENCIES, DAYS, PLATFORMS, Accounts, make_accounts
from tools.evaluation.spend.anomalies import KINDS, Anomaly, draw_anomalies, make_rows, n_rows

VISITS_A_DAY = 2


def make_spend(seed: int, folder: Path, faults: bool = True) -> dict[str, int]:
    """Write the world below `folder`; returns rows. Without faults every other number stays the same."""
    accounts = make_accounts(seed)
    anomalies = draw_anomalies(seed, accounts)
    rows = make_rows(seed, accounts, anomalies, faults)
    planted = anomalies if faults else []
    write_raw(folder, {**_ads(accounts, rows), **_visits(seed, accounts), "finance.fx_rates": _rates(accounts)})
    write_truth(folder, {"spend_days": _truth(accounts, planted)})
    return {"rows": n_rows(rows), "anomalies": len(planted)}


def _ads(accounts: Accounts, rows: dict[str, np.ndarray]) -> dict[str, dict]:
    """The three platforms' tables. Google's duplicate exports come under another account, others' under another ad."""
    tables = {}
    names = (("segments_date", "customer_id", "currency_code"), ("date", "account_id", "currency"),
             ("stat_time_day", "advertiser_id", "currency"))  # fmt: skip
    for platform, (date, account, currency) in enumerate(names):
        mine = {name: values[accounts.platform[rows["campaign"]] == platform] for name, values in rows.items()}
        is_google, again = platform == 0, mine["copy"]
        ads = [f"{name}-a{number}" for name in accounts.names for number in (0, 1)]
        spend = {"cost_micros": np.round(mine["amount"] * 1e6).astype(np.int64)} if is_google else {
            "spend": np.round(mine["amount"], 4)}  # fmt: skip
        tables[f"raw.{PLATFORMS[platform]}_ads"] = {
            date: dates(accounts.start, mine["day"]),
            account: pick(("account-1", "account-2"), again if is_google else 0 * again),
            "campaign_id": pick(accounts.names, mine["campaign"]),
            "ad_id": pick(ads, 2 * mine["campaign"] + (0 if is_google else again)),
            "impressions": mine["impressions"],
            "clicks": mine["clicks"],
            **spend,
            currency: pick(CURRENCIES, mine["currency"]),
            "loaded_at": moments(accounts.start, mine["loaded"] * HOUR),
        }
    return tables


def _visits(seed: int, accounts: Accounts) -> dict[str, dict]:
    """Two visits and half an order a day: enough for the store to build. The last event marks the end of the year."""
    rng = generator(seed, "visits")
    n = VISITS_A_DAY * DAYS
    seconds = np.sort(rng.uniform(0, DAYS * DAY, n))
    seconds[-1] = DAYS * DAY - 1.0
    campaign = rng.integers(0, len(accounts.names), n)
    bought = np.arange(0, n, 4)
    cookies = pa.array([f"c{number}" for number in range(n)])
    orders = pa.array([f"O-{number}" for number in bought])
    return {
        "raw.clickstream_events": {
            "event_id": pa.array([f"e{number}" for number in range(n)]),
            "event_ts": moments(accounts.start, seconds),
            "event_name": pa.array(["page_view"] * n),
            "anonymous_id": cookies,
            "utm_source": pick(PLATFORMS, accounts.platform[campaign]),
            "utm_medium": pa.array(["cpc"] * n),
            "utm_campaign": pick(accounts.names, campaign),
        },
        "crm.orders": {
            "order_id": orders,
            "anonymous_id": cookies.take(pa.array(bought)),
            "ordered_at": moments(accounts.start, seconds[bought]),
            "updated_at": moments(accounts.start, seconds[bought]),
            "status": pa.array(["paid"] * len(bought)),
            "revenue": np.full(len(bought), 50.0),
            "currency": pa.array(["USD"] * len(bought)),
        },
    }


def _rates(accounts: Accounts) -> dict:
    currency, day = np.divmod(np.arange(len(CURRENCIES) * DAYS), DAYS)
    return {
        "date": dates(accounts.start, day),
        "currency": pick(CURRENCIES, currency),
        "rate_to_reporting": accounts.rates[currency, day],
    }


def _truth(accounts: Accounts, anomalies: list[Anomaly]) -> pa.Table:
    """One row per campaign-day that ran; `kind` is null where the last load is right."""
    kind = np.full(accounts.clicks.shape, -1)
    for anomaly in anomalies:
        if not anomaly.is_healed:
            kind[anomaly.campaign, anomaly.first : anomaly.last] = KINDS.index(anomaly.kind)
    campaign, day = np.nonzero(accounts.is_running)
    at = (campaign, day)
    usd = accounts.amount[at] * accounts.rates[accounts.currency[campaign], day]
    return pa.table(
        {
            "date": dates(accounts.start, day),
            "campaign_id": pick(accounts.names, campaign),
            "platform": pick(PLATFORMS, accounts.platform[campaign]),
            "clicks": accounts.clicks[at].astype(np.int64),
            "spend": usd,
            "kind": pick(KINDS, kind[at]),
        }
    )
