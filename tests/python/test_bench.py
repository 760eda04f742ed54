"""The benchmarks measure the right thing: exact answers, the same input each time, a page that says what the results say."""

import itertools
import json
import math
from collections import Counter, defaultdict
from fractions import Fraction

import duckdb
import numpy as np
import pytest

from tools.bench import results
from tools.bench.__main__ import main as command
from tools.bench.components import edge_contraction
from tools.bench.contestants import our_answers, our_module, our_sql
from tools.bench.credit import differences, took_too_long
from tools.bench.graphs import KINDS, draw_edges
from tools.bench.journeys import LONGEST, draw_journeys, write_path_counts
from tools.bench.report import page
from tools.bench.report import main as report

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
# Path, journeys, conversions, losses, net revenue; what neither converted nor was lost has no known ending.
PATHS = [
    (("beta",), 7, 2, 5, 20.5),
    (("beta", "eta"), 4, 3, 1, 90.0),
    (("eta", "beta", "beta"), 5, 1, 2, 12.25),
    (("email", "eta", "email", "eta"), 3, 0, 3, 0.0),
    (("email",), 2, 0, 0, 0.0),
    (("eta", "email", "beta", "email", "eta", "eta"), 6, 4, 1, 64.0),
]


@pytest.fixture
def counted():
    """The distinct paths under two policies, of which one knows every ending."""
    database = duckdb.connect()
    database.execute(
        "create table path_counts (conversion_type text, context_policy text, channel_path text[], journey_count bigint,"
        " conversion_count bigint, loss_count bigint, net_revenue double)"
    )
    for path, journeys, conversions, losses, revenue in PATHS:
        for policy, lost in (("context_aware", losses), ("naive", journeys - conversions)):
            row = ["purchase", policy, list(path), journeys, conversions, lost, revenue]
            database.execute("insert into path_counts values (?, ?, ?, ?, ?, ?, ?)", row)
    return database


def steps(policy, order):
    """Steps counted journey by journey: (from, to, channel) → count and revenue."""
    counts = defaultdict(lambda: [0, 0.0])
    for path, journeys, conversions, losses, revenue in PATHS:
        padded, state = [START] * order + list(path), START
        for last in range(order, len(padded)):
            entered = " > ".join(padded[last - order + 1 : last + 1])
            counts[state, entered, padded[last]][0] += journeys
            state = entered
        lost = losses if policy == "context_aware" else journeys - conversions
        for end, number, value in ((CONVERSION, conversions, revenue), (NULL, lost, 0.0)):
            if number:
                counts[state, end, None][0] += number
                counts[state, end, None][1] += value
    return {key: tuple(value) for key, value in counts.items()}


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("policy", ["naive", "context_aware"])
def test_steps_derived_from_distinct_paths_are_those_of_every_journey(counted, policy, order):
    table = counted.execute(our_sql(f"markov_{order}")).df()
    found = {}
    for row in table[table["context_policy"] == policy].astype(object).itertuples():
        channel = row.to_channel if isinstance(row.to_channel, str) else None
        assert (row.from_state, row.to_state, channel) not in found, "one row per step"
        found[row.from_state, row.to_state, channel] = (row.transition_count, row.transition_value)
    assert found == steps(policy, order)


def conversion_probability(policy, order, without=None):
    """P(conversion) in exact fractions, by Gauss-Jordan elimination, with a channel's inflow lost."""
    counts = {key: count for key, (count, _) in steps(policy, order).items()}
    total = Counter()
    for (left, _, _), count in counts.items():
        total[left] += count
    states = [START, *sorted({left for left, _, _ in counts} - {START})]
    rows = [[Fraction(a == b) for b in states] + [Fraction(0)] for a in states]
    for (left, entered, channel), count in counts.items():
        share = Fraction(count, total[left])
        if entered == CONVERSION:
            rows[states.index(left)][-1] += share
        elif entered != NULL and channel != without and entered in states:
            rows[states.index(left)][states.index(entered)] -= share
    for column in range(len(states)):
        pivot = next(row for row in range(column, len(states)) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for row in range(len(states)):
            if row != column and rows[row][column]:
                factor = rows[row][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return rows[0][-1]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_removal_effects_equal_exact_fractions(counted, order):
    counts = counted.execute(our_sql(f"markov_{order}")).df()
    model = f"markov_{order}"
    answers = our_answers(our_module(model), counts[counts["context_policy"] == "context_aware"], model)
    assert set(answers) == {"beta", "email", "eta"}
    whole = conversion_probability("context_aware", order)
    for channel, effect in answers.items():
        exact = 1 - conversion_probability("context_aware", order, without=channel) / whole
        assert effect == pytest.approx(float(exact), abs=1e-13)


def test_shapley_equals_the_mean_over_all_orders_of_the_channels(counted):
    counts = counted.execute(our_sql("shapley")).df()
    assert sorted(map(tuple, counts["coalition"])) == sorted(
        2 * [("beta",), ("beta", "eta"), ("email", "eta"), ("beta", "email", "eta")] + [("email",)]
    )
    aware = counts[counts["context_policy"] == "context_aware"]
    ended = dict(zip(map(tuple, aware["coalition"]), zip(aware["journey_count"], aware["net_revenue"], strict=True), strict=True))
    assert ended == {
        ("beta",): (7, 20.5), ("beta", "eta"): (7, 102.25), ("email", "eta"): (3, 0.0), ("beta", "email", "eta"): (5, 64.0),
    }  # fmt: skip
    naive = counts[counts["context_policy"] == "naive"].copy()
    answers = our_answers(our_module("shapley"), naive, "shapley")

    def worth(channels):
        return sum(Fraction(conversions) for path, _, conversions, *_ in PATHS if set(path) <= channels)

    for channel, value in answers.items():
        added = [
            worth(set(order[: order.index(channel) + 1])) - worth(set(order[: order.index(channel)]))
            for order in itertools.permutations(answers)
        ]
        assert value == pytest.approx(float(sum(added) / math.factorial(len(answers))), abs=1e-13)


def test_the_same_seed_draws_the_same_journeys(tmp_path):
    def drawn(seed):
        return [chunk.to_pydict() for chunk in draw_journeys(5, 2_000, seed)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    lengths = [len(path) for chunk in drawn(1) for path in chunk["path"]]
    assert min(lengths) == 1 and max(lengths) <= LONGEST and 2.5 < np.mean(lengths) < 3.5


def test_paths_are_distinct_and_count_every_journey(tmp_path):
    write_path_counts(tmp_path / "paths.duckdb", channels=5, journeys=2_000, seed=1)
    database = duckdb.connect(str(tmp_path / "paths.duckdb"))
    totals = "count(*), count(distinct channel_path), sum(journey_count), sum(conversion_count + loss_count)"
    rows, paths, journeys, ended = database.execute(f"select {totals} from path_counts").fetchone()
    assert (rows, journeys, ended) == (paths, 2_000, 2_000)
    drawn = [chunk.to_pydict() for chunk in draw_journeys(5, 2_000, 1)]
    revenue = sum(cents for chunk in drawn for cents in chunk["cents"]) / 100
    assert database.execute("select sum(net_revenue) from path_counts").fetchone()[0] == pytest.approx(revenue)
    assert len((tmp_path / "paths.csv").read_text().splitlines()) == rows + 1


def smallest_reachable(edges):
    """Each vertex with the smallest of its component, by union-find."""
    parent = {int(vertex): int(vertex) for vertex in edges.flat}

    def root(vertex):
        while parent[vertex] != vertex:
            parent[vertex] = vertex = parent[parent[vertex]]
        return vertex

    for a, b in edges.tolist():
        a, b = sorted((root(a), root(b)))
        parent[b] = a
    return {vertex: root(vertex) for vertex in parent}


@pytest.mark.parametrize("kind", KINDS)
def test_the_macro_as_rendered_here_finds_the_components(kind):
    edges = draw_edges(kind, 600, seed=3)
    assert (edges == draw_edges(kind, 600, seed=3)).all()
    assert edges.min() >= 1 and edges.max() <= 600
    assert components(edges) == smallest_reachable(edges)


def test_a_chain_numbered_from_end_to_end_ends_within_the_rounds():
    edges = np.stack([np.arange(1, 400), np.arange(2, 401)], axis=1)
    assert components(edges) == dict.fromkeys(range(1, 401), 1)


@pytest.mark.parametrize("vertex", [-1, 2**31 - 1])
def test_a_vertex_outside_the_prime_stops_the_macro(vertex):
    with pytest.raises(RuntimeError, match="components: a vertex is not a whole number from 0"):
        components(np.array([[1, vertex]]))


def components(edges):
    database = duckdb.connect()
    database.execute("create table edges (vertex_a bigint, vertex_b bigint)")
    database.executemany("insert into edges values (?, ?)", edges.tolist())
    edge_contraction(database)
    tables = [name for (name,) in database.execute("select table_name from duckdb_tables() order by 1").fetchall()]
    assert tables == ["components", "edges"], "no scratch table is left"
    return dict(database.execute("select vertex, component from components").fetchall())


def test_differences_are_relative_to_ours_and_a_missing_channel_is_a_whole_one():
    found = differences({"a": 0.3, "c": 5.0}, {"a": 0.2, "b": 0.1, "c": 0.0})
    assert found == pytest.approx({"largest_difference": 1.0, "mean_difference": 0.75})
    assert differences({}, {"a": 0.2}) == {}


def test_who_took_too_long_is_not_asked_for_more():
    earlier = {"status": "too long", "contestant": "mta", "model": "shapley", "channels": 30, "journeys": 1_000}
    assert took_too_long(earlier, earlier | {"channels": 100})
    assert not took_too_long(earlier, earlier | {"channels": 10, "journeys": 5_000})
    assert not took_too_long(earlier, earlier | {"model": "markov_1"})
    assert not took_too_long(earlier | {"status": "ok"}, earlier)


def sample(name, rows, **settings):
    machine = {"cpu": "a processor", "cores": 2, "ram_gb": 8.0, "os": "an OS"}
    rows = [{"revision": "abc"} | row for row in rows]
    return {"name": name, "machine": machine, "versions": {"duckdb": "1"}, "settings": settings, "rows": rows}


def credit_row(contestant, seconds, **more):
    return {
        "channels": 30, "journeys": 1_000_000, "model": "markov_1", "contestant": contestant, "status": "ok", "timeout": 60,
        "simulates": False, "other_question": None, "cpu_seconds": seconds, "wall_seconds": seconds, "peak_rss_mb": 100.0,
        "python_peak_rss_mb": 150.0, "counted_rows": 990, **more,
    }  # fmt: skip


def test_other_sizes_stay_in_the_results_until_settings_differ(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS_FOLDER", tmp_path)
    monkeypatch.setattr(results, "revision", lambda: "later")

    def saved(rows, cores=2):
        file = results.save("build", rows, {"cores": cores}, key=("events",))
        return [(row["events"], row["revision"], row["phase"]) for row in json.loads(file.read_text())["rows"]]

    assert saved([{"events": 10, "phase": "tables", "revision": "first"}]) == [(10, "first", "tables")]
    assert saved([{"events": 1, "phase": "tables"}]) == [(1, "later", "tables"), (10, "first", "tables")]
    both = [{"events": 10, "phase": phase} for phase in ("tables", "tests")]
    assert saved(both) == [(1, "later", "tables"), (10, "later", "tables"), (10, "later", "tests")]
    assert saved(both, cores=4) == [(10, "later", "tables"), (10, "later", "tests")]


def test_the_report_says_what_the_results_say(tmp_path, monkeypatch):
    rows = [
        credit_row("this project", 0.5),
        credit_row("quick", 1.5, largest_difference=0.04, mean_difference=0.02, simulates=True),
        credit_row("other", 0.1, other_question="asks for something else"),
        {**credit_row("slow", 0.0), "status": "too long", "reason": "more than 60 s"},
        {**credit_row("broken", 0.0), "status": "failed", "reason": "ImportError: no such thing"},
    ]
    ways = [
        {"kind": "hubs", "identifiers": 100, "way": way, "cpu_seconds": seconds, "wall_seconds": seconds, "peak_rss_mb": 9.0,
         "bare_cpu_seconds": 0.1, "different_vertices": 0}
        for way, seconds in (("edge_contraction", 0.5), ("scipy", 0.25))
    ]  # fmt: skip
    build = [
        {"events": events, "phase": "tables", "wall_seconds": events / 1e5, "cpu_seconds": (events / 1e5) ** 1.5, "events_per_second": 1e5,
         "peak_rss_mb": 1.0, "spill_mb": 0.0, "db_mb": 2.0}
        for events in (1_000_000, 4_000_000)
    ]  # fmt: skip
    found = {"credit": sample("credit", rows), "identity": sample("identity", ways), "build": sample("build", build)}
    text, pictures = page(found)
    assert "3.00 times faster than quick, target at least 4.00: **missed** by a factor of 1.33" in text
    assert "2.00 times scipy's CPU, target at most 3.00: met by a factor of 1.50" in text
    assert "1,000,000 to 4,000,000 events: CPU seconds grow to the power of 1.50 (1 is linear), target at most 1.05: **missed**" in text
    for cells in ("quick (simulates) | 1.50", "4.0% | 2.0%", "> 60 s: more than 60 s", "failed: ImportError: no such thing", "150 (990)"):
        assert cells in text
    assert "## The floor" not in text and "## One more day" not in text
    assert "a processor, 2 cores" in text and "revision abc" in text
    assert set(pictures) == {"build"} and pictures["build"].startswith("<svg")
    assert all(f"benchmarks/{name}.svg" in text for name in pictures)

    monkeypatch.setattr(results, "RESULTS_FOLDER", tmp_path)
    with pytest.raises(ValueError, match="make bench"):
        report(["--results", str(tmp_path), "--docs", str(tmp_path)])
    results.save("credit", rows, {})
    assert report(["--results", str(tmp_path), "--docs", str(tmp_path)]) == 0
    assert "## Credit" in (tmp_path / "benchmarks.md").read_text()


def test_the_command_hands_on_to_its_parts_and_says_in_one_line_what_is_missing(tmp_path, capsys):
    assert command(["report", "--results", str(tmp_path), "--docs", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("bench report: no results in")
    assert command(["race"]) == 2
    assert "credit|identity|build|floor|report" in capsys.readouterr().err
