"""The whole world, block by block: people, touches, purchases, visits, events, files."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from tools.demo import truth
from tools.demo.ads import AdCounts, ad_tables
from tools.demo.catalogue import ADS_PER_CAMPAIGN
from tools.demo.contacts import Contacts
from tools.demo.crm import customer_table, item_table, make_orders, order_table
from tools.demo.events import view_events, visit_events
from tools.demo.experiments import Holdouts
from tools.demo.frame import EVENT, Frame, stack
from tools.demo.inventory import Inventory
from tools.demo.links import link_table, owner_table
from tools.demo.noise import collect, fraud_clicks, machines, reload_storm
from tools.demo.offline import offline_table, unreadable_rows
from tools.demo.people import make_people
from tools.demo.privacy import consent_table, erasure_table
from tools.demo.purchases import Draws, draw_fates, purchases, resolve, standard_regimes
from tools.demo.reference import campaign_config, fx_rates, known_incidents, promotions
from tools.demo.schemas import SPOILED
from tools.demo.tables import clickstream, labels
from tools.demo.tags import ad_of
from tools.demo.traffic import make_touches
from tools.demo.visits import Visits, make_visits
from tools.demo.world import VERSION, World
from tools.demo.write import Output, spoil

BLOCKS_PER_PART = 8


class Builder:
    """State carried from block to block: stock, sums for the ad platforms, for the truth and for the experiments."""

    def __init__(self, world: World, output: Output):
        self.world, self.output = world, output
        self.inventory = Inventory(world)
        self.counts = AdCounts()
        self.regimes = standard_regimes(world)
        self.contribution = truth.Contribution(self.regimes)
        self.holdouts = Holdouts(world)

    def block(self, block: int) -> None:
        """Simulate and write one block of people."""
        world, inventory = self.world, self.inventory
        people = make_people(world, block)
        touches = make_touches(world, block, people)
        draws = draw_fates(world, block, people, touches, inventory)
        happens, channel, wants = resolve(people, touches, draws, self.regimes + self.holdouts.regimes)
        bought = purchases(draws, wants)
        standard = len(self.regimes)
        self.contribution.add(bought[:standard], draws)
        self.holdouts.add(people, touches, draws, bought[0], bought[standard:])

        visits, since = make_visits(world, block, people, touches, draws, happens[0], channel[0], wants[0])
        contacts = Contacts(people)
        visited, landing = visit_events(world, block, people, visits, draws, inventory)
        views, seen = view_events(world, block, people, touches, happens[0])
        fraud, fraud_ad = fraud_clicks(world, block, visits)
        self._count_ads(visits, draws, views, fraud["seconds"], fraud_ad)
        storm = reload_storm(world, block, visited)
        stored, labelled = collect(
            world, block, stack(visited, views, machines(world, block, len(people)), fraud, storm)
        )

        orders = make_orders(world, block, people, draws, visits, since)
        tables = {
            "raw.clickstream_events": clickstream(stored, contacts),
            "raw.identity_links": link_table(world, block, people, contacts, visits),
            "raw.offline_conversions": offline_table(world, block, people, contacts, since),
            "crm.orders": order_table(world, block, people, contacts, orders),
            "crm.order_items": item_table(people, orders),
            "crm.customers": customer_table(world, block, people, contacts, since),
            "privacy.consent_log": consent_table(people, stored),
            "privacy.erasure_requests": erasure_table(world, block, people, contacts, stored, since),
        }
        for name, table in tables.items():
            self._write(name, table, block)
        self.output.truth("event_labels", labels(labelled))
        self.output.truth("person_identifiers", owner_table(people, contacts, stored, since))
        self.output.truth("person_outcomes", truth.outcome_table(people, touches, bought[:standard], self.regimes))
        self.output.truth("orders", truth.order_table(people, visits))
        self.output.truth("blocked_purchases", truth.blocked_table(people, visits))
        self.output.truth(
            "touch_out_of_stock",
            truth.touch_stock_table(people, touches, visits, landing, views, seen, inventory),
        )
        self.output.finish_part(block, block == world.blocks[-1])

    def finish(self) -> None:
        """Write the tables of the whole world."""
        world, output = self.world, self.output
        for name, table in ad_tables(world, self.counts).items():
            self._write(name, table)
        self._write("warehouse.inventory_hourly_snapshot", self.inventory.snapshots(world))
        self._write("marketing.campaign_config", campaign_config())
        self._write("marketing.promo_calendar", promotions())
        self._write("experiments.holdout_results", self.holdouts.table())
        self._write("finance.fx_rates", fx_rates())
        self._write("ops.known_incidents", known_incidents(world))
        output.truth("faults", truth.fault_table(world, self.inventory))
        output.truth("stock", self.inventory.truth(world))
        output.truth("channel_contribution", self.contribution.table())
        output.note(
            {
                "version": VERSION,
                "events": world.events,
                "seed": world.seed,
                "without": sorted(world.without),
                "faults": world.faults,
                "people": world.people,
            }
        )

    def _write(self, name: str, table: pa.Table, block: int = 0) -> None:
        """Write rows of a raw table; the first block of each also carries the malformed rows."""
        if block == 0 and name in SPOILED:
            table = spoil(name, table, self.world.rng(f"spoil_{name}"))
        if block == 0 and name == "raw.offline_conversions":
            table = pa.concat_tables([table, unreadable_rows(table)])
        self.output.raw(name, table, block)

    def _count_ads(self, visits: Visits, draws: Draws, views: Frame, fraud_at: np.ndarray, fraud_ad: np.ndarray):
        """Count what the platforms saw of this block; they bill machine clicks (moments and ads) as well."""
        clicks = np.flatnonzero(visits.campaign >= 0)
        ad = ADS_PER_CAMPAIGN * visits.campaign[clicks] + ad_of(visits.session[clicks])
        revenue = draws.revenue_usd[visits.touch[clicks]]
        self.counts.add(ad, visits.arrives_at[clicks], visits.buys[clicks], revenue)
        none = np.zeros(len(fraud_at))
        self.counts.add(fraud_ad, fraud_at, none.astype(bool), none)
        shown = views["name"] == EVENT["ad_impression"]
        self.counts.add_views(views["utm_content"][shown], views["seconds"][shown])


def build(
    world: World, target: Path, blocks_per_part: int = BLOCKS_PER_PART, progress: bool = True
) -> dict[str, int]:
    """Write the world into `target` (replaced when all is done); returns the rows of each table."""
    with Output(target, blocks_per_part) as output:
        builder = Builder(world, output)
        for block in tqdm(world.blocks, desc="people", unit="block", disable=not progress):
            builder.block(block)
        builder.finish()
    return output.rows
