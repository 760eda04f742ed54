"""Invented raw data in which everything happens that can change the past, and stores to compare.

A world is a list of raw rows, each with the batch it arrives in: late events, retries that name another device, restated
ads, refunds, logins that make one person of two, consent given and taken back, erasures, stock and promotions that become
known afterwards. `Store.load(batch)` adds what arrives to one raw folder, as a company's loader would: a file of its own for
events, whole tables for the rest.
"""

import datetime as dt
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
from conftest import DB_NAME, TABLES_ALONE, dbt_process, run_dbt

START = dt.datetime(2025, 3, 3)
DAYS = 40
CAMPAIGNS = {"g1": "google", "g2": "google", "f1": "facebook"}
SKUS = ["mug", "hat", "pen"]
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

# What says how a table came about, and not what is true.
ABOUT_LOADS = ["load_number", "former_anonymous_id"]
LISTS_OF_LOADS = ["stale_devices", "stale_visitors", "stale_contexts", "former_people", "stale_people", "unread_files"]


class World:
    """Raw rows by table; `rows[table]` holds (batch, row) pairs."""

    def __init__(self, seed, batches=3, devices=30, shuffled=True):
        self.chance, self.batches, self.shuffled = random.Random(seed), batches, shuffled
        self.rows, self.order_number = {}, 0
        for number in range(devices):
            self.device(f"cookie-{number}")
        self.shop()

    def add(self, table, happened_at, **row):
        """A row, in the batch of its time, or in any."""
        day = (happened_at - START) / dt.timedelta(days=DAYS)
        batch = self.chance.randrange(self.batches) if self.shuffled else min(int(day * self.batches), self.batches - 1)
        self.rows.setdefault(table, []).append((batch, row))

    def moment(self):
        return START + dt.timedelta(seconds=self.chance.randrange(DAYS * 86400))

    def device(self, cookie):
        users = [f"user-{self.chance.randrange(12)}" for _ in range(self.chance.choice([0, 0, 1, 1, 1, 2, 6]))]
        for visit in range(self.chance.randint(1, 6)):
            began = self.moment()
            tags = self.chance.choice([
                {}, {"referrer": "https://www.google.com/"}, {"utm_source": "newsletter", "utm_medium": "email"},
                {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "g1", "gclid": "x"},
                {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "Spring Sale"},
                {"utm_source": "facebook", "utm_medium": "paid_social", "utm_campaign": "f1", "utm_content": "ad"},
            ])  # fmt: skip
            user = self.chance.choice([*users, None, None]) if users else None
            common = {"anonymous_id": cookie, "user_agent": AGENT, "ip_hash": f"ip-{self.chance.randrange(9)}"}
            if self.chance.random() < 0.1:
                common["consent"] = False
            for number, name in enumerate(self.walk()):
                at = began + dt.timedelta(seconds=self.chance.randrange(200) * number)
                event = {
                    **common, **(tags if number == 0 else {}), "event_id": f"{cookie}-{visit}-{number}", "event_ts": at,
                    "received_at": at + dt.timedelta(minutes=self.chance.choice([1, 1, 1, 2000])), "event_name": name,
                    "user_id": user if number else None, "sku_id": self.chance.choice([*SKUS, None]),
                    "page_url": f"https://shop.example/{name}",
                }  # fmt: skip
                if name == "purchase":
                    self.order(at, event, user)
                self.add("raw.clickstream_events", at, **event)
                if self.chance.random() < 0.1:  # a retry, that may have reached us first, or from elsewhere
                    elsewhere = {"anonymous_id": "cookie-0"} if self.chance.random() < 0.3 else {}
                    late = at + dt.timedelta(minutes=self.chance.choice([0, 5, 3000]))
                    self.add("raw.clickstream_events", at, **{**event, **elsewhere, "received_at": late})

    def walk(self):
        steps = ["product_view", "add_to_cart", "begin_checkout", "payment_attempt", "purchase"]
        opening = self.chance.choice(["page_view", "page_view", "ad_impression", "email_open"])
        return [opening, *self.chance.choice([[], ["page_view"], ["generate_lead"], steps[:2], steps, steps])]

    def order(self, at, event, user):
        self.order_number += 1
        event["order_id"] = f"order-{self.order_number}"
        order = {
            "order_id": event["order_id"], "ordered_at": at, "revenue": str(self.chance.randrange(1, 90)),
            "currency": self.chance.choice(["USD", "EUR"]), "customer_id": user,
            "email": f"{user}@mail.example" if user and self.chance.random() < 0.5 else None,
        }  # fmt: skip
        self.add("crm.orders", at, **order, updated_at=at, status="paid")
        if self.chance.random() < 0.3:
            later = at + dt.timedelta(days=self.chance.randrange(9))
            status = self.chance.choice(["cancelled", "refunded", "partially_refunded"])
            self.add("crm.orders", later, **order, updated_at=later, status=status, refund_amount=order["revenue"])

    def shop(self):
        for number in range(12):
            at, user = self.moment(), f"user-{number}"
            self.add("crm.customers", at, customer_id=user, email=f"{user}@mail.example", phone=f"+49 {number // 2}", created_at=at)
        for number in range(4):
            at, types = self.moment(), ("anonymous_id", "user_id")
            self.add(
                "raw.identity_links", at, identifier_type_a=types[0], identifier_a=f"cookie-{self.chance.randrange(30)}",
                identifier_type_b=types[1], identifier_b=f"user-{self.chance.randrange(12)}", observed_at=at,
            )  # fmt: skip
        for _ in range(12):
            at, kind = self.moment(), self.chance.choice(["anonymous_id", "user_id"])
            who = f"cookie-{self.chance.randrange(30)}" if kind == "anonymous_id" else f"user-{self.chance.randrange(12)}"
            purpose = self.chance.choice(["analytics", "marketing", "identity_linking"])
            granted = self.chance.random() < 0.4
            self.add("privacy.consent_log", at, identifier_type=kind, identifier=who, purpose=purpose, granted=granted, recorded_at=at)
        for kind, who in [("user_id", "user-3"), ("anonymous_id", "cookie-7")]:
            at = self.moment()
            self.add("privacy.erasure_requests", at, identifier_type=kind, identifier=who, requested_at=at)
        for number in range(8):
            at = self.moment()
            self.add(
                "raw.offline_conversions", at, conversion_id=f"call-{number}", occurred_at=at, uploaded_at=at, value="20",
                conversion_type="phone_call", customer_id=f"user-{number}", currency="USD",
            )  # fmt: skip
        for day in range(DAYS):
            date = START + dt.timedelta(days=day)
            self.add("finance.fx_rates", date, date=date.date(), currency="EUR", rate_to_reporting=1 + day / 1000)
            for campaign, platform in CAMPAIGNS.items():
                for restated in range(self.chance.choice([1, 1, 2])):
                    self.ads(date, campaign, platform, date + dt.timedelta(days=1 + restated))
            for sku in SKUS:
                for hour in range(0, 24, 6):
                    at, stock = date + dt.timedelta(hours=hour), self.chance.choice([0, 5, 5, 5])
                    self.add("warehouse.inventory_hourly_snapshot", at, snapshot_at=at, sku_id=sku, stock_quantity=stock)
        for campaign, platform in CAMPAIGNS.items():
            self.add(
                "marketing.campaign_config", self.moment(), campaign_id=campaign, platform=platform,
                campaign_name={"g2": "Spring Sale"}.get(campaign, campaign), sku_id=self.chance.choice([*SKUS, None]),
                channel=self.chance.choice(["paid_search", "paid_shopping", None]),
            )  # fmt: skip
        for number, tier in enumerate(["major", "minor"]):
            at = self.moment()
            ends = at + dt.timedelta(days=2)
            self.add("marketing.promo_calendar", at, promo_id=f"p{number}", promo_name="sale", starts_at=at, ends_at=ends, tier=tier)

    def ads(self, date, campaign, platform, loaded_at):
        clicks = self.chance.randrange(200)
        row = {"campaign_id": campaign, "impressions": clicks * 20, "clicks": clicks, "loaded_at": loaded_at, "ad_id": "ad"}
        if platform == "google":
            row |= {"segments_date": date.date(), "customer_id": "a", "cost_micros": clicks * 500_000, "currency_code": "USD"}
        else:
            row |= {"date": date.date(), "account_id": "a", "spend": clicks / 2, "currency": "EUR"}
        self.add(f"raw.{platform}_ads", loaded_at, **row)

    def until(self, moment):
        """The world as if time had stopped: only rows that happened, and versions that were known, by then."""
        times = {
            "raw.clickstream_events": "event_ts", "crm.orders": "updated_at", "crm.customers": "created_at",
            "raw.identity_links": "observed_at", "privacy.consent_log": "recorded_at", "raw.offline_conversions": "occurred_at",
            "raw.google_ads": "loaded_at", "raw.facebook_ads": "loaded_at",
            "warehouse.inventory_hourly_snapshot": "snapshot_at",
        }  # fmt: skip
        stopped = object.__new__(World)
        stopped.batches, stopped.rows = self.batches, {
            table: [(batch, row) for batch, row in rows if table not in times or row[times[table]] <= moment]
            for table, rows in self.rows.items()
        }  # fmt: skip
        return stopped


@dataclass
class Store:
    """A DuckDB file and the raw folder it is built from, batch by batch."""

    folder: Path
    write_raw: object
    world: World

    def __post_init__(self):
        self.raw, self.db = self.folder / "raw", self.folder / DB_NAME

    def arrive(self, *batches, name=None):
        """Events of some batches as one more file, and all rows so far of the other tables."""
        known = max(batches)
        for table, rows in self.world.rows.items():
            if table == "raw.clickstream_events":
                events = [row for batch, row in rows if batch in batches]
                self.write_raw(self.raw, {f"{table}/{name or 'batch-' + '-'.join(map(str, batches))}": events})
            elif so_far := [row for batch, row in rows if batch <= known]:
                self.write_raw(self.raw, {table: so_far})

    def options(self, **vars):
        return {"vars": vars, "flags": TABLES_ALONE}

    def build(self, **vars):
        build = run_dbt(self.raw, self.db, **self.options(**vars))
        assert build.exit_code == 0, build.output[-3000:]
        return build

    def begin(self):
        """The very beginning of a build: what it finds and means to read."""
        return run_dbt(self.raw, self.db, vars={}, select="unread_files")

    def process(self):
        """What subprocess needs for a build."""
        return dbt_process(self.raw, self.db, **self.options())

    def files_read(self):
        """How many files the last load read."""
        with duckdb.connect(str(self.db), read_only=True) as connection:
            return connection.execute("select count(*) from ledger.current_files where is_read").fetchone()[0]

    def tables(self, *schemas):
        """Every table of some schemas as {name: sorted rows}, without what says how it came about."""
        with duckdb.connect(str(self.db), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.create_function("contact_hash", lambda text: text, ["VARCHAR"], "VARCHAR")
            found = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where list_contains(?, table_schema) and table_name not like 'landed%' and not list_contains(?, table_name)",
                [list(schemas), LISTS_OF_LOADS],
            ).fetchall()
            return {name: self.rows(connection, name) for (name,) in sorted(found)}

    @staticmethod
    def rows(connection, table):
        columns = [row[0] for row in connection.execute(f"describe {table}").fetchall() if row[0] not in ABOUT_LOADS]
        rows = connection.execute(f"select {', '.join(sorted(columns))} from {table}").fetchall()
        return sorted(map(repr, rows))

    def copy(self, folder):
        """The same store elsewhere; its raw folder stays where it is."""
        other = Store(folder, self.write_raw, self.world)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.db, other.db)
        other.raw = self.raw
        return other


def differences(store, other, schemas=("silver", "gold")):
    """What is told differently: {table: a few rows of either side}."""
    here, there = store.tables(*schemas), other.tables(*schemas)
    assert here.keys() == there.keys() and here
    return {
        table: (sorted(set(here[table]) - set(there[table]))[:3], sorted(set(there[table]) - set(here[table]))[:3])
        for table in here
        if here[table] != there[table]
    }
