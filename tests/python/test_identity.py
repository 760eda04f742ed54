"""Who is who: the people of the store against an independent union-find over the same evidence.

One raw world holds several graphs, told apart by prefixes: a random one without shared devices, where the people must be
exactly the connected components; adversarial ones (chains, stars, cliques) that arrive as observed links; and devices and
values that many strangers share, which must join nobody. A second build adds later evidence.
"""

import datetime as dt
import random
from collections import defaultdict

import pytest

IDENTITY_ALONE = {"select": "+identity_map", "flags": ["--exclude-resource-type", "test", "unit_test"]}
START = dt.datetime(2025, 1, 1)
LATER = dt.datetime(2025, 3, 1)


class UnionFind:
    """Components by path halving; Tarjan, Journal of the ACM 22 (1975) 215-225."""

    def __init__(self):
        self.parent = {}

    def find(self, item):
        self.parent.setdefault(item, item)
        while self.parent[item] != item:
            self.parent[item] = item = self.parent[self.parent[item]]
        return item

    def join(self, a, b):
        self.parent[self.find(a)] = self.find(b)

    def components(self):
        found = defaultdict(set)
        for item in self.parent:
            found[self.find(item)].add(item)
        return {frozenset(members) for members in found.values()}


class World:
    """Raw tables and, beside them, what they say about people."""

    def __init__(self):
        self.tables = defaultdict(list)
        self.evidence = UnionFind()

    def event(self, cookie, at, user=None):
        number = len(self.tables["raw.clickstream_events"])
        self.tables["raw.clickstream_events"].append({
            "event_id": f"e{number:05}", "event_ts": at, "event_name": "login" if user else "page_view",
            "anonymous_id": cookie, "user_id": user,
        })
        self.evidence.find(("anonymous_id", cookie))
        if user:
            self.evidence.join(("anonymous_id", cookie), ("user", user))

    def order(self, at, **identifiers):
        number = len(self.tables["crm.orders"])
        self.tables["crm.orders"].append({
            "order_id": f"o{number:05}", "ordered_at": at, "updated_at": at, "status": "paid", "revenue": 1.0,
            "currency": "USD", "customer_id": None, "anonymous_id": None, "email": None, **identifiers,
        })
        self.joined(identifiers)

    def customer(self, at, **identifiers):
        self.tables["crm.customers"].append({"created_at": at, "email": None, "phone": None, **identifiers})
        self.joined(identifiers)

    def link(self, at, a, b):
        self.tables["raw.identity_links"].append({
            "identifier_type_a": a[0], "identifier_a": a[1], "identifier_type_b": b[0], "identifier_b": b[1],
            "observed_at": at,
        })
        self.evidence.join(self.node(*a), self.node(*b))

    def joined(self, identifiers):
        nodes = [self.node(*pair) for pair in identifiers.items()]
        for node in nodes:
            self.evidence.join(nodes[0], node)

    @staticmethod
    def node(kind, value):
        return ("user" if kind in ("user_id", "customer_id") else kind, value)


def add_random_people(world, draw):
    """Cookies used by one account each; accounts that share an address with at most one other; a few observed links."""
    for household in range(120):
        users = [f"random-{household}-{user}" for user in range(draw.choice([1, 1, 1, 2]))]
        shared = draw.random() < 0.5
        for user in users:
            email = f"random-{household}@example.org" if shared else f"{user}@example.org"
            if draw.random() < 0.6:
                phone = f"+1999{household:05}{user[-1]}"
                world.customer(
                    START, customer_id=user, **({"email": email} if draw.random() < 0.7 else {"phone": phone})
                )
            for device in range(draw.randrange(4)):
                cookie, at = f"random cookie {user} {device}", START + dt.timedelta(minutes=draw.randrange(80_000))
                world.event(cookie, at)
                evidence = draw.choice(["login", "order", "guest order", "link", "nothing"])
                if evidence == "login":
                    world.event(cookie, at + dt.timedelta(minutes=1), user)
                elif evidence == "order":
                    world.order(at, customer_id=user, anonymous_id=cookie)
                elif evidence == "guest order":
                    world.order(at, email=email, anonymous_id=cookie)
                elif evidence == "link":
                    world.link(at, ("anonymous_id", cookie), ("customer_id", user))


def add_adversarial_graphs(world, draw):
    """Graphs of customer ids, which no guard holds apart, with their ids in an order that helps nobody."""

    def graph(name, size, edges):
        names = [f"{name}-{number:04}" for number in draw.sample(range(10 * size), size)]
        for a, b in edges:
            world.link(START, ("customer_id", names[a]), ("customer_id", names[b]))

    graph("chain", 500, [(number, number + 1) for number in range(499)])
    graph("zigzag", 257, [(number, number + 1) for number in draw.sample(range(256), 256)])
    graph("star", 200, [(0, number) for number in range(1, 200)])
    graph("clique", 25, [(a, b) for a in range(25) for b in range(a)])
    graph("ring", 128, [(number, (number + 1) % 128) for number in range(128)])
    graph("tree", 255, [(number, (number - 1) // 2) for number in range(1, 255)])
    graph("two", 60, [(number, number + 1) for number in range(59) if number != 29])
    for number in range(299):  # its identifiers are numbered from end to end
        world.link(START, ("customer_id", f"row-{number:04}"), ("customer_id", f"row-{number + 1:04}"))
    graph("repeated", 3, [(0, 1), (1, 0), (0, 1), (1, 2)])
    world.link(START, ("customer_id", "loop"), ("customer_id", "loop"))


def add_strangers(world):
    """Nobody below may share a person with anybody else of the same test; the union-find is not asked."""
    for number in range(12):  # every stranger has a cookie, an account and an order of their own
        stranger, at = f"stranger-{number}", START + dt.timedelta(days=number)
        world.event(f"cookie of {stranger}", at, stranger)
        # A tablet on the counter that everybody logs in on, and a laptop that two people share.
        world.event("kiosk", at + dt.timedelta(hours=1), stranger)
        if number < 2:
            world.event("family laptop", at + dt.timedelta(hours=2), stranger)
        # Values that mean nothing, and a mailbox of the whole office.
        world.order(at, customer_id=stranger, email="guest")
        world.order(at, customer_id=stranger, email="office@example.org")
        world.link(at, ("anonymous_id", f"cookie of {stranger}"), ("device_id", "00000000-0000-0000-0000-000000000000"))
    for number in range(8):
        world.event(f"cookie of blocked {number}", START, "null" if number % 2 else "GUEST")
        world.event("undefined", START, f"blocked account {number}")


def make_world():
    draw = random.Random(4)
    world = World()
    add_random_people(world, draw)
    add_adversarial_graphs(world, draw)
    expected = world.evidence.components()
    add_strangers(world)
    return world, expected


WORLD, EXPECTED = make_world()


def readable(components, prefix):
    kept = [
        {(kind, value) for kind, value in members if value.startswith(prefix) and kind in ("anonymous_id", "user")}
        for members in components
    ]
    return {frozenset(members) for members in kept if members}


CHAIN_END, STAR_END = (min(readable(EXPECTED, name).pop())[1] for name in ("chain", "star"))


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return tmp_path_factory.mktemp("identity")


@pytest.fixture(scope="module")
def people(write_raw, raw, dbt_build):
    """{(identifier type, value): person}"""
    return read_people(dbt_build(write_raw(raw, WORLD.tables), db=raw / "feature_store.duckdb", **IDENTITY_ALONE))


def read_people(build):
    assert build.exit_code == 0, build.output[-2000:]
    rows = build.rows("select identifier_type, identifier_value, person_id from silver.identity_map")
    found = {(row["identifier_type"], row["identifier_value"]): row["person_id"] for row in rows}
    assert len(found) == len(rows), "an identifier belongs to two people"
    return found


def partition(people, prefix):
    """{the cookies and accounts with a prefix that are one person, …}; hashes cannot be read and are left out."""
    found = defaultdict(set)
    for (kind, value), person in people.items():
        if value.startswith(prefix) and kind in ("anonymous_id", "user_id", "customer_id"):
            found[person].add(World.node(kind, value))
    return {frozenset(members) for members in found.values()}


def test_without_shared_devices_people_are_the_connected_components(people):
    expected = readable(EXPECTED, "random")
    assert {len(members) for members in expected} >= {1, 2, 3, 4}
    assert partition(people, "random") == expected


@pytest.mark.parametrize("graph", ["chain", "zigzag", "star", "clique", "ring", "tree", "two", "repeated", "loop"])
def test_components_of_adversarial_graphs_are_exact(people, graph):
    expected = readable(EXPECTED, graph)
    assert len(expected) == (2 if graph == "two" else 1)
    assert partition(people, graph) == expected


def test_strangers_at_one_kiosk_with_one_mailbox_stay_strangers(people):
    assert len({people["user_id", f"stranger-{number}"] for number in range(12)}) == 12


def test_a_stranger_keeps_the_own_cookie_and_customer_number(people):
    for number in range(12):
        stranger = f"stranger-{number}"
        assert (
            people["anonymous_id", f"cookie of {stranger}"]
            == people["user_id", stranger]
            == people["customer_id", stranger]
        )


@pytest.mark.parametrize("device", ["kiosk", "family laptop", "undefined"])
def test_a_shared_device_belongs_to_none_of_its_users(people, device):
    users = {
        person
        for (kind, value), person in people.items()
        if kind == "user_id" and value.startswith(("stranger", "blocked"))
    }
    assert people["anonymous_id", device] not in users


def test_values_that_mean_nothing_join_nobody(people):
    cookies = [people["anonymous_id", f"cookie of blocked {number}"] for number in range(8)]
    accounts = [people["user_id", f"blocked account {number}"] for number in range(8)]
    assert len({*cookies, *accounts}) == 16


@pytest.fixture(scope="module")
def later_people(write_raw, raw, people, dbt_build):
    """The same world after more was seen: new logins, a new device, and links between people of before."""
    world = make_world()[0]
    for number in range(12):
        world.event(f"cookie of stranger-{number}", LATER, f"stranger-{number}")
        world.event(f"0 new phone of stranger-{number}", LATER, f"stranger-{number}")
    world.link(LATER, ("customer_id", "stranger-0"), ("customer_id", "stranger-1"))
    world.link(LATER, ("customer_id", CHAIN_END), ("customer_id", STAR_END))
    return read_people(dbt_build(write_raw(raw, world.tables), db=raw / "feature_store.duckdb", **IDENTITY_ALONE))


def test_people_keep_their_id_when_later_evidence_is_added(people, later_people):
    # The two who share the laptop turn out to be one, so it is no longer shared.
    changed = ("chain", "star", "stranger-0", "stranger-1", "family laptop")
    joined = {person for key, person in people.items() if key[1].startswith(changed)}
    before = {key: person for key, person in people.items() if person not in joined}
    assert {key: later_people[key] for key in before} == before
    assert len(before) > 500


def test_people_found_to_be_one_keep_one_of_their_two_ids(people, later_people):
    for a, b in [("stranger-0", "stranger-1"), (CHAIN_END, STAR_END)]:
        now = {later_people["customer_id", a], later_people["customer_id", b]}
        assert len(now) == 1 and now <= {people["customer_id", a], people["customer_id", b]}


def test_a_new_device_joins_its_person(later_people):
    for number in range(2, 12):
        assert (
            later_people["anonymous_id", f"0 new phone of stranger-{number}"]
            == later_people["user_id", f"stranger-{number}"]
        )
