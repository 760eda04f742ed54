"""Who gets the credit: every attribution model against a second implementation, written from the data contract alone.

150 people with up to twelve touches over six channels, orders, phone calls and leads; touches at the edges of the window,
touches at one and the same second, and people who never buy. The oracle below is plain Python: journeys from the raw rows,
rules by their definition, Markov by solving the chain anew without each channel, Shapley over all subsets of channels.
"""

import datetime as dt
import random
from collections import Counter, defaultdict
from itertools import combinations
from math import factorial, isclose

import numpy as np
import pytest
from conftest import TABLES_ALONE

START = dt.datetime(2025, 1, 6)
NOW = dt.datetime(2025, 4, 1)
CHANNELS = ["paid_search", "paid_social", "email", "display", "affiliates"]  # and direct
POLICIES = ["naive", "context_aware"]
RULES = ["first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay"]
MODELS = [*RULES, "markov", "shapley"]
SETTINGS = [
    {},
    {"attribution_window_days": 7, "markov_order": 2},
    {"journey_reset": "never", "attribution_window_days": 14},
]


def make_world():
    """The raw tables. Each touch carries its event_id as utm_content, so that it can be found again as creative_id."""
    draw = random.Random(20250106)
    events, orders, calls = [], [], []
    for person in range(150):
        cookie, customer = f"cookie-{person}", f"customer-{person}"
        at = START + dt.timedelta(minutes=draw.randrange(60 * 24 * 60))
        moments = []
        for number in range(draw.choice([0, 1, 1, 2, 3, 4, 5, 8, 12])):
            at += dt.timedelta(minutes=31 + draw.randrange(60 * 24 * 6), seconds=draw.randrange(60))
            channel = draw.choice([*CHANNELS, "direct"])
            name = "page_view" if channel == "direct" else draw.choice(["page_view", "ad_impression", "email_open"])
            moments.append(at)
            for repeat in range(2 if name != "page_view" and draw.random() < 0.2 else 1):  # two at the same second
                channel = draw.choice(CHANNELS) if repeat else channel
                events.append({
                    "event_id": f"{person}-{number}-{repeat}",
                    "event_ts": at,
                    "event_name": "generate_lead" if name == "page_view" and draw.random() < 0.15 else name,
                    "anonymous_id": cookie,
                    "user_id": customer if person % 2 else None,
                    "utm_campaign": None if channel == "direct" else f"campaign {channel}",
                    "utm_content": f"{person}-{number}-{repeat}",
                })
        # At a touch, at both edges of the windows of a week, two weeks and thirty days, and somewhere.
        waits = [dt.timedelta(0)] + [dt.timedelta(days=days, seconds=off) for days in (7, 14, 30) for off in (-1, 0)]
        for number in range(draw.choice([0, 1, 1, 2, 3]) if moments else 1):
            wait = draw.choice([*waits, *[dt.timedelta(hours=draw.randrange(1, 300))] * 9])
            at = draw.choice(moments or [START]) + wait
            if person % 2 and draw.random() < 0.2:
                calls.append({
                    "conversion_id": f"call-{person}-{number}", "occurred_at": at, "conversion_type": "phone_call",
                    "customer_id": customer, "value": 5.0, "currency": "USD",
                })
            else:
                orders.append({
                    "order_id": f"order-{person}-{number}", "customer_id": customer, "anonymous_id": cookie,
                    "ordered_at": at + dt.timedelta(microseconds=number), "updated_at": at + dt.timedelta(days=1),
                    "status": "paid", "revenue": draw.randrange(1, 20_000) / 100, "currency": "USD",
                })
    config = [{"campaign_id": f"campaign {channel}", "platform": "other", "channel": channel} for channel in CHANNELS]
    return {
        "raw.clickstream_events": [event for event in events if event["event_ts"] <= NOW],
        "crm.orders": [order for order in orders if order["updated_at"] <= NOW],
        "raw.offline_conversions": [call for call in calls if call["occurred_at"] <= NOW],
        "marketing.campaign_config": config,
    }


WORLD = make_world()


def expected_conversions():
    """{(type, conversion_id): (person's number, instant, net revenue)}"""
    found = {}
    for row in WORLD["crm.orders"]:
        found["purchase", row["order_id"]] = row["order_id"].split("-")[1], row["ordered_at"], row["revenue"]
    for row in WORLD["raw.offline_conversions"]:
        found["phone_call", row["conversion_id"]] = row["conversion_id"].split("-")[1], row["occurred_at"], row["value"]
    for row in WORLD["raw.clickstream_events"]:
        if row["event_name"] == "generate_lead":
            found["lead", row["event_id"]] = row["event_id"].split("-")[0], row["event_ts"], 0.0
    return found


def expected_journeys(touchpoint_ids, settings):
    """{(type, conversion_id): [(instant, touchpoint_id, channel), …] in order}; the ids are those of the build."""
    window = dt.timedelta(days=settings.get("attribution_window_days", 30))
    touches = defaultdict(list)
    for row in WORLD["raw.clickstream_events"]:
        channel = (row["utm_campaign"] or "campaign direct").removeprefix("campaign ")
        person = row["event_id"].split("-")[0]
        touches[person].append((row["event_ts"], touchpoint_ids[row["event_id"]], channel))
    journeys, previous = {}, {}
    for (kind, conversion_id), (person, at, _) in sorted(expected_conversions().items(), key=lambda item: item[1][1]):
        since = previous.get((person, kind), dt.datetime.min)
        if settings.get("journey_reset") != "never":
            previous[person, kind] = at
        counted = [touch for touch in touches[person] if at - window < touch[0] <= at and touch[0] > since]
        journeys[kind, conversion_id] = sorted(counted)
    return journeys


def rule_weights(rule, journey, converted_at):
    """The weight of each touch of a journey, before it is made to sum to one."""
    size = len(journey)
    paid = [index for index, touch in enumerate(journey) if touch[2] != "direct"]
    if rule == "first_touch":
        return [float(index == 0) for index in range(size)]
    if rule == "last_touch" or (rule == "last_non_direct" and not paid):
        return [float(index == size - 1) for index in range(size)]
    if rule == "last_non_direct":
        return [float(index == paid[-1]) for index in range(size)]
    if rule == "linear" or size <= 2 and rule == "position_based":
        return [1.0] * size
    if rule == "position_based":
        return [0.4, *[0.2 / (size - 2)] * (size - 2), 0.4]
    return [2 ** (-((converted_at - touch[0]) / dt.timedelta(days=7))) for touch in journey]


def yield_of_chain(steps, without=None):
    """P(conversion) of an absorbing chain of counted steps; the inflow of a removed channel goes to null."""
    outgoing = Counter()
    for (here, _), count in steps.items():
        outgoing[here] += count
    kept = {pair: count for pair, count in steps.items() if without is None or pair[1][-1] != without}
    hopeful, grown = {"(conversion)"}, True
    while grown:  # states that can convert at all: the others yield nothing, and would make the system singular
        found = {here for here, there in kept if there in hopeful} - hopeful
        hopeful, grown = hopeful | found, bool(found)
    states = sorted((state for state in hopeful if state != "(conversion)"), key=str)
    place = {state: index for index, state in enumerate(states)}
    matrix, paid = np.eye(len(states)), np.zeros(len(states))
    for (here, there), count in kept.items():
        if here in place and there == "(conversion)":
            paid[place[here]] += count / outgoing[here]
        elif here in place and there in place:
            matrix[place[here], place[there]] -= count / outgoing[here]
    start = next((state for state in states if set(state) == {"(start)"}), None)
    return np.linalg.solve(matrix, paid)[place[start]] if start else 0.0


def removal_effects(paths, order):
    """{channel: removal effect} of [(path, ending), …] with ending conversion, null or None (censored)."""
    steps = Counter()
    for path, ending in paths:
        padded = ["(start)"] * order + list(path)
        states = [tuple(padded[index : index + order]) for index in range(len(path) + 1)]
        steps.update(zip(states, states[1:]))
        if ending:
            steps[states[-1], ending] += 1
    whole = yield_of_chain(steps)
    channels = sorted({channel for path, _ in paths for channel in path})
    return {channel: 1 - yield_of_chain(steps, without=channel) / whole for channel in channels}


def shapley(worth):
    """{channel: Shapley value} of the game v(S) = sum of the worth of the channel sets within S, by all subsets."""
    channels = sorted(set().union(*worth))
    size = len(channels)
    values = dict.fromkeys(channels, 0.0)
    for channel in channels:
        others = [other for other in channels if other != channel]
        for count in range(size):
            for subset in combinations(others, count):
                gained = sum(
                    value for inside, value in worth.items() if channel in inside and inside <= {*subset, channel}
                )
                values[channel] += factorial(count) * factorial(size - count - 1) / factorial(size) * gained
    return values


@pytest.fixture(scope="module")
def raw(write_raw, tmp_path_factory):
    return write_raw(tmp_path_factory.mktemp("attribution"), WORLD)


@pytest.fixture(scope="module", params=SETTINGS, ids=["default", "week, order 2", "never reset"])
def world(request, raw, dbt_build):
    """(settings, build, journeys of the oracle)"""
    build = dbt_build(raw, vars={**request.param, "as_of": f"{NOW}Z"}, flags=TABLES_ALONE)
    assert build.exit_code == 0, build.output[-2000:]
    touches = build.rows("select creative_id, touchpoint_id from silver.touchpoints")
    ids = {touch["creative_id"]: touch["touchpoint_id"] for touch in touches}
    assert len(ids) == len(WORLD["raw.clickstream_events"])
    return request.param, build, expected_journeys(ids, request.param)


def paths_of(build, kind, policy):
    """[(path, ending), …] for the chain, as gold.journeys has them: how lost journeys are cut is the store's choice."""
    rows = build.rows(
        "select channel_path, journey_status, is_blocked from gold.journeys where conversion_type = $1 and touch_count > 0",
        [kind],
    )
    found = []
    for row in rows:
        ending = "(conversion)" if row["journey_status"] == "converted" else "(null)"
        if policy == "context_aware" and ending == "(null)" and (row["journey_status"] == "open" or row["is_blocked"]):
            ending = None
        found.append((row["channel_path"], ending))
    return found


def assert_close(found, expected):
    assert found.keys() == expected.keys()
    wrong = {
        key: (found[key], expected[key])
        for key in expected
        if not isclose(found[key], expected[key], rel_tol=1e-9, abs_tol=1e-9)
    }
    assert wrong == {}


def test_conversions_are_those_of_the_raw_rows(world):
    _, build, _ = world
    rows = build.rows("select * from silver.conversions")
    found = {(row["conversion_type"], row["conversion_id"]): (row["converted_at"], row["net_revenue"]) for row in rows}
    assert len(rows) == len(found)
    assert found == {key: (at, revenue) for key, (_, at, revenue) in expected_conversions().items()}


def test_journeys_hold_exactly_the_touches_that_count_in_order(world):
    _, build, journeys = world
    rows = build.rows(
        "select journeys.conversion_type, conversion_id, touch_index, touchpoint_id, touches_to_end, touch_count, channel,"
        " channel_path from gold.journeys inner join gold.journey_touchpoints using (journey_id)"
        " where journey_status = 'converted' order by conversion_id, touch_index"
    )
    found = {key: [] for key in journeys}
    for row in rows:
        path = found[row["conversion_type"], row["conversion_id"]]
        path.append(row["touchpoint_id"])
        assert row["touch_index"] == len(path) and row["touches_to_end"] == row["touch_count"] - len(path)
        assert row["channel"] == row["channel_path"][len(path) - 1]
    assert found == {key: [touch[1] for touch in touches] for key, touches in journeys.items()}
    assert {len(touches) for touches in journeys.values()} >= {0, 1, 2, 3, 4}


def test_every_conversion_has_one_journey(world):
    _, build, journeys = world
    rows = build.rows(
        "select conversion_type, conversion_id, touch_count from gold.journeys where journey_status = 'converted'"
    )
    found = {(row["conversion_type"], row["conversion_id"]): row["touch_count"] for row in rows}
    assert len(rows) == len(found)
    assert found == {key: len(touches) for key, touches in journeys.items()}


def test_touches_that_no_conversion_claims_are_in_one_other_journey(world):
    settings, build, journeys = world
    claimed = {(kind, touch[1]) for (kind, _), touches in journeys.items() for touch in touches}
    rows = build.rows(
        "select conversion_type, touchpoint_id, journey_status,"
        " max(touched_at) over (partition by journey_id) as last_touched_at"
        " from gold.journeys inner join gold.journey_touchpoints using (journey_id, conversion_type)"
        " where journey_status <> 'converted'"
    )
    found = Counter((row["conversion_type"], row["touchpoint_id"]) for row in rows)
    touchpoints = [row["touchpoint_id"] for row in build.rows("select touchpoint_id from silver.touchpoints")]
    kinds = {kind for kind, _ in journeys}
    assert found == Counter({(kind, touch) for kind in kinds for touch in touchpoints} - claimed)
    window = dt.timedelta(days=settings.get("attribution_window_days", 30))
    assert {row["journey_status"] for row in rows} == {"open", "lost"}
    assert all((row["last_touched_at"] + window > NOW) == (row["journey_status"] == "open") for row in rows)


@pytest.mark.parametrize("rule", RULES)
def test_rules_credit_touches_by_their_definition(world, rule):
    _, build, journeys = world
    conversions = expected_conversions()
    expected = {}
    for key, touches in journeys.items():
        weights = rule_weights(rule, touches, conversions[key][1])
        for touch, weight in zip(touches, weights):
            expected[(*key, touch[1])] = weight / sum(weights)
        if not touches:
            expected[(*key, None)] = 1.0
    for policy in POLICIES:
        rows = build.rows(
            "select * from gold.attribution_credits where attribution_model = $1 and context_policy = $2",
            [rule, policy],
        )
        found = {(row["conversion_type"], row["conversion_id"], row["touchpoint_id"]): row["credit"] for row in rows}
        assert len(found) == len(rows)
        # Whether a touch without credit has a row of 0 or none is the store's choice.
        assert_close(
            {key: found.get(key, 0.0) for key in found | expected},
            {key: expected.get(key, 0.0) for key in found | expected},
        )


@pytest.mark.parametrize("kind", ["purchase", "phone_call", "lead"])
@pytest.mark.parametrize("policy", POLICIES)
def test_markov_credits_are_removal_effects_of_the_exact_chain(world, policy, kind):
    settings, build, journeys = world
    effects = removal_effects(paths_of(build, kind, policy), settings.get("markov_order", 1))
    conversions = sum(1 for (type_, _), touches in journeys.items() if type_ == kind and touches)
    rows = build.rows(
        "select * from gold.channel_credits where attribution_model = 'markov' and channel <> 'unattributed'"
        " and context_policy = $1 and conversion_type = $2",
        [policy, kind],
    )
    found = {row["channel"]: row for row in rows}
    assert_close(
        {channel: found[channel]["removal_effect"] if channel in found else 0.0 for channel in effects}, effects
    )
    assert_close(
        {channel: found[channel]["credited_conversions"] if channel in found else 0.0 for channel in effects},
        {channel: effect / sum(effects.values()) * conversions for channel, effect in effects.items()},
    )


@pytest.mark.parametrize("kind", ["purchase", "phone_call", "lead"])
def test_shapley_credits_are_values_of_the_set_based_game(world, kind):
    _, build, journeys = world
    conversions = expected_conversions()
    count, revenue = Counter(), Counter()
    for key, touches in journeys.items():
        if key[0] == kind and touches:
            channels = frozenset(touch[2] for touch in touches)
            count[channels] += 1
            revenue[channels] += conversions[key][2]
    for policy in POLICIES:
        rows = build.rows(
            "select * from gold.channel_credits where attribution_model = 'shapley' and channel <> 'unattributed'"
            " and context_policy = $1 and conversion_type = $2",
            [policy, kind],
        )
        nothing = dict.fromkeys([row["channel"] for row in rows], 0.0)  # a channel of lost journeys alone
        assert_close({row["channel"]: row["credited_conversions"] for row in rows}, nothing | shapley(count))
        assert_close({row["channel"]: row["credited_revenue"] for row in rows}, nothing | shapley(revenue))


def test_markov_and_shapley_touches_share_by_the_weights_of_their_channels(world):
    settings, build, journeys = world
    for policy in POLICIES:
        effects = {
            kind: removal_effects(paths_of(build, kind, policy), settings.get("markov_order", 1))
            for kind in ["purchase", "phone_call", "lead"]
        }
        expected = {}
        for key, touches in journeys.items():
            repeats = Counter(touch[2] for touch in touches)
            whole = sum(effects[key[0]][channel] for channel in repeats)
            for _, touch, channel in touches:
                expected["markov", *key, touch] = effects[key[0]][channel] / whole / repeats[channel]
                expected["shapley", *key, touch] = 1 / len(repeats) / repeats[channel]
        rows = build.rows(
            "select * from gold.attribution_credits where attribution_model in ('markov', 'shapley')"
            " and context_policy = $1 and touchpoint_id is not null",
            [policy],
        )
        found = {
            (row["attribution_model"], row["conversion_type"], row["conversion_id"], row["touchpoint_id"]): row[
                "credit"
            ]
            for row in rows
        }
        assert_close(found, expected)


def test_credits_sum_to_one_and_revenue_to_the_conversion(world):
    _, build, _ = world
    rows = build.rows(
        "select conversion_type, conversion_id, attribution_model, context_policy, sum(credit) as credit,"
        " sum(attributed_revenue) as revenue from gold.attribution_credits group by all"
    )
    conversions = expected_conversions()
    assert len(rows) == len(conversions) * len(MODELS) * len(POLICIES)
    for row in rows:
        assert abs(row["credit"] - 1) <= 1e-9, row
        assert isclose(
            row["revenue"], conversions[row["conversion_type"], row["conversion_id"]][2], rel_tol=1e-9, abs_tol=1e-9
        ), row


def test_conversions_without_a_touch_have_one_unattributed_row_per_model(world):
    _, build, journeys = world
    rows = build.rows("select * from gold.attribution_credits where channel = 'unattributed' or touchpoint_id is null")
    assert all(row["channel"] == "unattributed" and row["touchpoint_id"] is None and row["credit"] == 1 for row in rows)
    untouched = [key for key, touches in journeys.items() if not touches]
    found = Counter((row["conversion_type"], row["conversion_id"]) for row in rows)
    assert found == Counter({key: len(MODELS) * len(POLICIES) for key in untouched})


def test_channels_add_up_to_all_conversions_and_all_revenue(world):
    _, build, _ = world
    rows = build.rows(
        "select conversion_type, attribution_model, context_policy, sum(credited_conversions) as conversions,"
        " sum(credited_revenue) as revenue, sum(credit_share) as share from gold.channel_credits group by all"
    )
    conversions = expected_conversions()
    kinds = Counter(kind for kind, _ in conversions)
    assert len(rows) == len(kinds) * len(MODELS) * len(POLICIES)
    for row in rows:
        total = sum(revenue for (kind, _), (_, _, revenue) in conversions.items() if kind == row["conversion_type"])
        assert isclose(row["conversions"], kinds[row["conversion_type"]], rel_tol=1e-9), row
        assert isclose(row["revenue"], total, rel_tol=1e-9, abs_tol=1e-9), row
        assert isclose(row["share"], 1, rel_tol=1e-9), row
