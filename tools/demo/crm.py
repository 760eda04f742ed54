"""What the shop's own systems know: orders with their versions, their items, customers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tools.demo.catalogue import POPULARITY, SKU_COUNT, SKUS
from tools.demo.contacts import TEST_EMAIL, Contacts
from tools.demo.ids import mix, number_text, pick, share
from tools.demo.people import People
from tools.demo.purchases import Draws, unit_price
from tools.demo.tables import anonymous_id, customer_id, order_id, times
from tools.demo.visits import LAST_WEB_ORDER, NOBODY, ORDERS_PER_PERSON, Visits, customer_number
from tools.demo.world import COUNTRY_CURRENCY, CURRENCIES, DAY, SPAN, World

STATUSES = ("placed", "paid", "shipped", "cancelled", "refunded", "partially_refunded")
STATUS = {name: code for code, name in enumerate(STATUSES)}
CANCELLED, REFUNDED, PARTLY = 0.04, 0.05, 0.04
STORE_ORDERS = 0.02  # per customer: bought in the store, caused by no touch
KNOWN_CUSTOMER, KNOWN_EMAIL, KNOWN_COOKIE, GUEST_WORD, TEST_SHARE = 0.92, 0.9, 0.88, 0.05, 0.004


@dataclass
class Orders:
    """Orders of one block, from the web and from the store."""

    number: np.ndarray
    person: np.ndarray
    seconds: np.ndarray
    sku: np.ndarray
    quantity: np.ndarray
    second_sku: np.ndarray
    revenue: np.ndarray
    user: np.ndarray  # customer number or NOBODY
    cookie: np.ndarray
    is_web: np.ndarray

    @property
    def lines(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Order index, SKU and quantity of every item."""
        every = np.arange(len(self.number))
        two = np.flatnonzero(self.second_sku >= 0)
        index = np.r_[every, two]
        return (
            index,
            np.r_[self.sku, self.second_sku[two]],
            np.r_[self.quantity, np.ones(len(two), np.int64)],
        )


def make_orders(world: World, block: int, people: People, draws: Draws, visits: Visits, since: np.ndarray) -> Orders:
    """The purchases of the visits, and the customers' purchases in the store."""
    rng = world.rng("orders", block)
    web = np.flatnonzero(visits.buys)
    person, seconds = visits.person[web], visits.arrives_at[web] + visits.duration[web]
    is_customer = since[person] <= seconds
    touch = visits.touch[web]
    known = is_customer & (world.for_rows(rng, touch).random(len(web)) < KNOWN_CUSTOMER)
    user = np.where(visits.user[web] >= 0, visits.user[web], customer_number(people.number[person], 0))
    web_orders = Orders(
        number=visits.order[web], person=person, seconds=seconds, sku=draws.sku[touch], quantity=draws.quantity[touch],
        second_sku=draws.second_sku[touch], revenue=draws.revenue[touch], user=np.where(known, user, NOBODY),
        cookie=visits.cookie[web], is_web=np.ones(len(web), bool),
    )  # fmt: skip
    count = np.minimum(rng.poisson(STORE_ORDERS * people.is_existing), ORDERS_PER_PERSON - LAST_WEB_ORDER)
    buyer = np.repeat(np.arange(len(people)), count)
    n = len(buyer)
    nth = np.arange(n) - np.repeat(np.cumsum(count) - count, count)
    sku, when = rng.choice(SKU_COUNT, n, p=POPULARITY), rng.uniform(0, SPAN, n)
    price = unit_price(sku, COUNTRY_CURRENCY[people.country[buyer]], when)
    store = Orders(
        number=people.number[buyer] * ORDERS_PER_PERSON + LAST_WEB_ORDER + nth, person=buyer, seconds=when, sku=sku,
        quantity=np.ones(n, np.int64), second_sku=np.full(n, -1), revenue=price,
        user=customer_number(people.number[buyer], 0), cookie=np.zeros(n, np.uint64), is_web=np.zeros(n, bool),
    )  # fmt: skip
    return Orders(*(np.concatenate([getattr(web_orders, name), getattr(store, name)]) for name in vars(web_orders)))


def order_table(world: World, block: int, people: People, contacts: Contacts, orders: Orders) -> pa.Table:
    """`crm.orders`: every version of every order that exists by the last day."""
    every, n = world.rng("versions", block), len(orders.number)
    key = mix(orders.person, np.floor(orders.seconds * 1_000))
    rng = world.for_rows(every, key)
    fate = rng.choice(4, n, p=[1 - CANCELLED - REFUNDED - PARTLY, CANCELLED, REFUNDED, PARTLY])
    index, status, at = [np.arange(n)], [np.zeros(n, int)], [orders.seconds]

    def version(rows: np.ndarray, name: str, seconds: np.ndarray) -> None:
        index.append(rows)
        status.append(np.full(len(rows), STATUS[name]))
        at.append(seconds)

    version(np.arange(n), "paid", orders.seconds + rng.uniform(5, 300, n))
    kept, cancelled = np.flatnonzero(fate != 1), np.flatnonzero(fate == 1)
    shipped_at = orders.seconds + rng.uniform(0.5 * DAY, 3 * DAY, n)
    version(kept, "shipped", shipped_at[kept])
    after = world.for_rows(every, key[cancelled]).uniform(3_600, DAY, len(cancelled))
    version(cancelled, "cancelled", orders.seconds[cancelled] + after)
    returned_at = shipped_at + rng.uniform(3 * DAY, 25 * DAY, n)
    for code, name in ((2, "refunded"), (3, "partially_refunded")):
        rows = np.flatnonzero(fate == code)
        version(rows, name, returned_at[rows])
    index, status, at = np.concatenate(index), np.concatenate(status), np.concatenate(at)
    known = at < SPAN
    index, status, at = index[known], status[known], at[known]
    by_time = np.lexsort((orders.number[index], at))
    index, status, at = index[by_time], status[by_time], at[by_time]

    part = np.round(orders.revenue * rng.uniform(0.2, 0.6, n), 2)
    is_full, is_part = status == STATUS["refunded"], status == STATUS["partially_refunded"]
    refunded = is_full | is_part
    refund = np.where(is_part, part[index], orders.revenue[index])
    # Contacts are typed once per order, so that its versions agree.
    emails = contacts.typed_emails(rng, orders.person, rng.random(n) < np.where(orders.is_web, KNOWN_EMAIL, 0.6))
    emails = pc.if_else(pa.array(rng.random(n) < TEST_SHARE), TEST_EMAIL, emails)
    guest = (orders.user == NOBODY) & (rng.random(n) < GUEST_WORD)
    customers = pc.if_else(pa.array(guest), "guest", customer_id(orders.user, orders.user >= 0))
    has_cookie = orders.is_web & (rng.random(n) < KNOWN_COOKIE)
    which = pa.array(index)
    return pa.table(
        {
            "order_id": order_id(orders.number[index]),
            "customer_id": customers.take(which),
            "anonymous_id": anonymous_id(orders.cookie, has_cookie).take(which),
            "email": emails.take(which),
            "ordered_at": times(orders.seconds[index]),
            "updated_at": times(at),
            "status": pick(STATUSES, status),
            "revenue": orders.revenue[index],
            "currency": pick(CURRENCIES, COUNTRY_CURRENCY[people.country[orders.person[index]]]),
            "refund_amount": pa.array(np.where(refunded, refund, 0.0), mask=~refunded),
            "refunded_at": times(at, refunded),
            "sales_channel": pick(("store", "web"), orders.is_web[index].astype(int)),
        }
    )


def item_table(people: People, orders: Orders) -> pa.Table:
    """`crm.order_items`: one row per order and SKU; quantity × unit_price adds up to the order's revenue."""
    index, sku, quantity = orders.lines
    currency = COUNTRY_CURRENCY[people.country[orders.person[index]]]
    return pa.table(
        {
            "order_id": order_id(orders.number[index]),
            "sku_id": pick(SKUS, sku),
            "quantity": quantity,
            "unit_price": unit_price(sku, currency, orders.seconds[index]),
        }
    )


def customer_table(world: World, block: int, people: People, contacts: Contacts, since: np.ndarray) -> pa.Table:
    """`crm.customers`: everyone with an account by the last day; some have two, some share an account_id."""
    first = np.flatnonzero(since < SPAN)
    second = np.flatnonzero(people.has_second_account)
    person = np.r_[first, second]
    alternate = np.r_[np.zeros(len(first), int), np.ones(len(second), int)]
    created = np.where(alternate, np.minimum(since[person] + 40 * DAY, 0.0), since[person])
    n = len(person)
    rng = world.for_rows(world.rng("customers", block), customer_number(person, alternate))
    emails = contacts.typed_emails(rng, person, rng.random(n) < np.where(alternate, 0.7, 0.95))
    emails = pc.if_else(pa.array(rng.random(n) < TEST_SHARE), TEST_EMAIL, emails)
    household = people.household[person]
    return pa.table(
        {
            "customer_id": customer_id(customer_number(people.number[person], alternate)),
            "email": emails,
            "phone": contacts.typed_phones(rng, person, rng.random(n) < 0.78),
            "account_id": number_text("A-", (household % 10**8).astype(np.int64), 8, share(mix(household, 6)) < 0.15),
            "created_at": times(created),
        }
    )
