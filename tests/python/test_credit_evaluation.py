"""Credit beside the truth: two equal channels through the real store, twins, resumed purchases, a media mix."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tools.demo import plan  # noqa: E402
from tools.evaluation import credit, credit_tables, mmm  # noqa: E402
from tools.evaluation.analyses import run_analysis  # noqa: E402
from tools.evaluation.attribution import CHANNELS, MODELS, POLICIES, campaigns, resumed, shares, two_channels  # noqa: E402
from tools.evaluation.attribution.hits import hit_channels  # noqa: E402
from tools.evaluation.attribution.worlds import BLOCKING, make_world  # noqa: E402
from tools.evaluation.credit_errors import of_naive, true_error, twin_error  # noqa: E402
from tools.evaluation.tables import Table, percent  # noqa: E402

NOON = datetime(2025, 3, 3, 12)
HOUR = timedelta(hours=1)


# --- Two channels of the same power -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two(dbt_build, write_raw, tmp_path_factory):
    """The store built from the world of two channels."""
    raw_dir = write_raw(tmp_path_factory.mktemp("two_channels"), two_channels.raw_tables())
    select = ["+channel_credits", "+campaign_daily_features", "+system_health_hourly"]
    build = dbt_build(raw_dir, select=select, flags=["--exclude-resource-type", "test", "unit_test"])
    assert build.exit_code == 0, build.output[-2000:]
    with build.connect() as connection:
        yield connection


def pair(of_channel):
    return of_channel["paid_search"], of_channel["paid_social"]


def test_context_gives_a_sold_out_channel_its_due(two):
    markov = shares.credited(two)["markov"]
    assert pair(markov["naive"]) == pytest.approx((2 / 3, 1 / 3))
    assert pair(markov["context_aware"]) == pytest.approx((1 / 2, 1 / 2))


def test_rules_and_set_based_shapley_do_not_know_a_policy(two):
    found = shares.credited(two)
    for model in set(MODELS) - {"markov"}:
        assert pair(found[model]["naive"]) == pair(found[model]["context_aware"]) == pytest.approx((2 / 3, 1 / 3))


def test_who_found_it_sold_out_is_blocked(two):
    found = two.execute("""
        select channel_path[1], journey_status, blocked_reason, count(*)
        from gold.journeys where conversion_type = 'purchase' and channel_path[1] <> 'direct' group by all order by all
    """).fetchall()
    assert found == [
        ("paid_search", "converted", None, 48), ("paid_search", "lost", None, 432),
        ("paid_social", "converted", None, 24), ("paid_social", "lost", "out_of_stock", 240),
        ("paid_social", "lost", None, 216),
    ]  # fmt: skip


def test_censoring_step_by_step_ends_at_the_policy_of_the_store(two):
    steps, markov = shares.censored(two), shares.credited(two)["markov"]
    assert steps["nothing"] == pytest.approx(markov["naive"])
    assert steps["blocked and open"] == pytest.approx(markov["context_aware"])
    assert pair(steps["blocked"]) == pytest.approx((1 / 2, 1 / 2))


def test_analyses_run_on_a_store_of_any_shop(two):
    panel = run_analysis(two, "mmm_panel")
    assert set(panel["channel"]) == {"paid_search", "paid_social"}
    first = panel[panel["channel"] == "paid_search"].set_index("date").sort_index()
    assert first["effort_kind"].unique() == ["touches"]
    assert first["effort"].tolist()[:3] == [240, 240, 0]
    assert first["adstock"].tolist()[:3] == pytest.approx([240, 400, 800 / 3], abs=0.01)
    assert first["orders"].tolist()[:3] == [36, 36, 0]
    assert run_analysis(two, "singles_day_at_noon").empty


# --- Twins ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """A tiny demo world with drawn faults and its twins, each as a folder."""
    folder = tmp_path_factory.mktemp("twins")
    for kind in ("faulty", "unblocked", "faultless"):
        make_world(kind, "drawn", 11, "40K", folder / kind)
    return folder


def truth(folder, kind, name):
    return pd.read_parquet(folder / kind / "truth" / f"{name}.parquet")


def test_in_the_unblocked_twin_all_else_is_as_wrong(twins):
    kinds = {kind: set(truth(twins, kind, "faults")["kind"]) for kind in ("faulty", "unblocked", "faultless")}
    assert kinds["faulty"] - kinds["unblocked"] == BLOCKING | {"stock_out", "advertised_stock_out"}
    assert {"tracking_loss", "no_tracked_session", "phantom_traffic"} <= kinds["unblocked"] - kinds["faultless"]
    assert len(truth(twins, "faulty", "blocked_purchases")) > 0 == len(truth(twins, "unblocked", "blocked_purchases"))


def test_whom_nothing_stopped_buys_the_same_in_every_twin(twins):
    stopped = set(truth(twins, "faulty", "blocked_purchases")["person_id"])
    base = [truth(twins, kind, "person_outcomes").set_index("person_id")["base"] for kind in
            ("faulty", "unblocked", "faultless")]  # fmt: skip
    assert base[1].equals(base[2])
    assert set(base[0].index[base[0] != base[1]]) <= stopped


def test_the_plan_of_the_demo_is_itself_again(twins):
    assert plan.faults_of.__module__ == "tools.demo.plan" and plan.faults_of.__name__ == "faults_of"


# --- Resumed purchases ------------------------------------------------------------------------------------------------

COLUMNS = {
    "gold.journey_touchpoints": "journey_id text, touchpoint_id text, conversion_type text, touch_index bigint, "
    "touches_to_end bigint, touched_at timestamp, hours_to_end double, channel text, sku_id text, is_converted boolean",
    "gold.blocked_touches": "touchpoint_id text, conversion_type text, blocked_reason text",
    "gold.journeys": "journey_id text, conversion_id text, touch_count bigint, channel_path text[]",
    "silver.sessions": "session_key text, source text, ended_at timestamp, has_add_to_cart boolean, "
    "has_checkout boolean, has_transaction boolean",
    "silver.outages": "conversion_type text, scope text, started_at timestamp, ended_at timestamp",
    "silver.stock_periods": "sku_id text, valid_from timestamp, valid_to timestamp, is_out_of_stock boolean",
}


def a_journey(name, *touches, reason="outage", cart=True, checkout=True, bought=False, is_converted=True):
    """Rows of a journey: touches are (hours after noon, channel); the second one met the wall of noon to 14:00."""
    end = touches[-1][0]
    rows = [(name, f"{name} {n}", "purchase", n, len(touches) - n, NOON + at * HOUR, end - at, channel, "boots",
             is_converted) for n, (at, channel) in enumerate(touches, start=1)]  # fmt: skip
    walls = [(f"{name} 2", "purchase", reason)]
    sessions = [(f"{name} {n}", "google", NOON + at * HOUR, cart, checkout, bought and n == 2)
                for n, (at, _) in enumerate(touches, start=1)]  # fmt: skip
    return rows, walls, sessions


SEARCH, BACK = (-5.0, "paid_search"), (0.5, "paid_social")
JOURNEYS = {
    "comes back": a_journey("comes back", SEARCH, BACK, (3.0, "email"), (49.9, "direct")),
    "found nothing": a_journey("found nothing", SEARCH, BACK, (49.9, "direct"), reason="out_of_stock", cart=False),
    "too late": a_journey("too late", SEARCH, BACK, (50.1, "direct")),
    "by e-mail": a_journey("by e-mail", SEARCH, BACK, (3.0, "email")),
    "never tried": a_journey("never tried", SEARCH, BACK, (3.0, "direct"), checkout=False),
    "bought": a_journey("bought", SEARCH, BACK, (3.0, "direct"), bought=True),
    "took another": a_journey("took another", SEARCH, BACK, (3.0, "direct"), reason="out_of_stock"),
    "did not buy": a_journey("did not buy", SEARCH, BACK, (3.0, "direct"), is_converted=False),
    "stopped at the end": a_journey("stopped at the end", SEARCH, (0.5, "direct")),
}


@pytest.fixture
def resumed_store(tmp_path, monkeypatch):
    """A store of these journeys after `resume`, what it found, and what it asked dbt to build."""
    db, asked = tmp_path / "store.duckdb", []
    with duckdb.connect(str(db)) as connection:
        for table, columns in COLUMNS.items():
            connection.execute(f"create schema if not exists {table.split('.')[0]}")
            connection.execute(f"create table {table} ({columns})")
        for name, (touches, walls, sessions) in JOURNEYS.items():
            connection.execute(
                "insert into gold.journeys values ($1, $1, $2, $3)", [name, len(touches), [touch[7] for touch in touches]]
            )
            for table, rows in (("gold.journey_touchpoints", touches), ("gold.blocked_touches", walls),
                                ("silver.sessions", sessions)):  # fmt: skip
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
        wall = [NOON, NOON + 2 * HOUR]
        connection.execute("insert into silver.outages values ('purchase', 'all', $1, $2)", wall)
        connection.execute("insert into silver.outages values ('purchase', 'bing', $1, $2)", [NOON, NOON + 99 * HOUR])
        connection.execute("insert into silver.stock_periods values ('boots', $1, $2, true)", wall)
        connection.execute(f"""copy (select 'comes back' as order_id, true as is_comeback
            union all select 'too late', true) to '{tmp_path}/orders.parquet'""")  # fmt: skip
    monkeypatch.setattr(resumed, "rebuild", lambda raw_dir, folder, selection: asked.append(selection))
    found = resumed.resume(db, tmp_path, tmp_path / "orders.parquet", tmp_path)
    with duckdb.connect(str(db)) as connection:
        yield connection, found, asked


def test_a_purchase_is_resumed_on_a_direct_visit_after_a_stop_with_signs(resumed_store):
    connection, found, asked = resumed_store
    assert found == {"found": 2, "right": 1, "came_back": 2}
    paths = dict(connection.execute("""
        select journey_id, list(channel order by touch_index) from gold.journey_touchpoints group by 1
    """).fetchall())  # fmt: skip
    whole = {name: [touch[7] for touch in touches] for name, (touches, _, _) in JOURNEYS.items()}
    assert paths == whole | {name: ["paid_search", "paid_social"] for name in ("comes back", "found nothing")}
    assert asked == [resumed.CREDIT]


def test_a_resumed_journey_ends_at_the_visit_that_was_stopped(resumed_store):
    rows = resumed_store[0].execute("""
        select touches_to_end, hours_to_end from gold.journey_touchpoints
        where journey_id = 'comes back' order by touch_index
    """).fetchall()
    assert rows == [(1, pytest.approx(5.5)), (0, pytest.approx(0))]


# --- Errors and tables ------------------------------------------------------------------------------------------------


def test_hit_channels_are_those_with_the_largest_share_blocked():
    counts = {"direct": (5, 10), "email": (1, 100), "referral": (9, 10), "unassigned": (1, 1), "affiliates": (5, 10)}
    by_channel = {name: {"blocked": blocked, "wanted": wanted} for name, (blocked, wanted) in counts.items()}
    assert hit_channels(by_channel) == ["referral", "affiliates", "direct"]


def test_endings_are_taken_from_losses_only():
    transitions = pd.DataFrame(
        [("a", "(null)", 5), ("a", "(conversion)", 2), ("b", "(null)", 3)],
        columns=["from_state", "to_state", "transition_count"],
    )
    left = shares.without_endings(transitions, pd.Series({"a": 4, "b": 3}))
    assert left.to_records(index=False).tolist() == [("a", "(null)", 1), ("a", "(conversion)", 2)]


def test_campaigns_stand_beside_their_own_twin():
    faulty = [{"wall": "outage", "campaign_id": name, "clicks": 9, "orders": 1} for name in ("here", "gone")]
    twin = [{"wall": "outage", "campaign_id": "here", "clicks": 8, "orders": 2},
            {"wall": "sold out", "campaign_id": "gone", "clicks": 8, "orders": 2}]  # fmt: skip
    [row] = campaigns.beside_twin(faulty, twin)
    assert (row["campaign_id"], row["clicks"], row["twin_clicks"], row["twin_orders"]) == ("here", 9, 8, 2)


def test_days_with_a_wall_end_with_it():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema truth; create schema silver")
        connection.execute("create table silver.sessions as select unnest(['ads', 'mail', null]) as campaign_id")
        connection.execute("""create table truth.faults as select * from (values
            ('advertised_stock_out', 'ads', timestamptz '2025-03-03 12:00:00Z', timestamptz '2025-03-05 00:00:00Z'),
            ('site_crash', null, timestamptz '2025-03-04 09:00:00Z', timestamptz '2025-03-04 10:00:00Z'),
            ('form_failure', null, timestamptz '2025-03-07 09:00:00Z', timestamptz '2025-03-07 10:00:00Z')
        ) as faults(kind, campaign_id, starts_at, ends_at)""")
        days = [(row["campaign_id"], row["date"].day, row["wall"]) for row in campaigns.walled_days(connection)]
    assert days == [("ads", 3, "sold out"), ("ads", 4, "sold out"), ("mail", 4, "outage")]


def a_case(seed=1, moved=0.04):
    """A case in which naive credit of direct is `moved` too high at email's cost, and each remedy halves that."""
    right = {channel: 1 / 9 for channel in CHANNELS}

    def off(by):
        return right | {"direct": right["direct"] + by, "email": right["email"] - by}

    def store(naive, aware):
        return {model: {"naive": off(naive), "context_aware": off(aware if model == "markov" else naive)}
                for model in MODELS}  # fmt: skip

    media = [{"reading": reading, "channel": channel, "orders": 90.0, "low": 50.0, "high": 120.0, "caused": 100,
              "known_by_others": 0.9} for reading in mmm.READINGS for channel in ("email", "paid_search")]  # fmt: skip
    return {
        "seed": seed, "faults": "drawn", "caused": right, "costly": ["paid_search"],
        "hits": {"by_channel": {channel: {"blocked": n, "wanted": 99} for n, channel in enumerate(CHANNELS)},
                 "blocked": 36, "came_back": 12},
        "resumed": {"found": 8, "right": 6, "came_back": 12},
        "shares": {"faulty": store(moved, moved / 2), "resumed": store(moved / 2, moved / 4),
                   "unblocked": store(0, 0), "faultless": store(0, 0)},
        "censored": {kind: {"nothing": right, "blocked": off(by), "blocked and open": off(0.01)}
                     for kind, by in (("faulty", moved / 4), ("unblocked", 0), ("faultless", 0))},
        "campaigns": [{"wall": wall, "campaign_id": "ads", "clicks": 100, "orders": 2, "kept_clicks": 50,
                       "kept_orders": 2, "twin_clicks": 100, "twin_orders": 4} for wall in ("sold out", "outage")],
        "mmm": {"faulty": media},
    }  # fmt: skip


def test_errors_are_counted_against_the_twin_and_the_truth():
    case = a_case()
    assert twin_error(case, "naive", "markov", "unblocked", "all") == pytest.approx(0.08 / 9)
    assert twin_error(case, "naive", "markov", "unblocked", "hit") == pytest.approx(0.04 / 3)
    assert true_error(case, "naive", "markov") == pytest.approx(0.04)
    assert true_error(case, "context_aware", "linear") == pytest.approx(0.04)
    cases = [a_case(), a_case(2, 0.08)]
    assert of_naive(cases, "context_aware", "markov", "unblocked", "hit") == pytest.approx((0.5, 0.5, 0.5))
    assert of_naive(cases, "naive, resumed", "last_touch", "unblocked", "all") == pytest.approx((0.5, 0.5, 0.5))


def test_every_table_says_what_was_measured():
    cases = [a_case(), a_case(2, 0.08)]
    texts = {make.__name__: make(cases).text() for make in (
        credit_tables.against_twins, credit_tables.by_model, credit_tables.by_channel, credit_tables.censoring,
        credit_tables.campaigns, credit_tables.media_mix)}  # fmt: skip
    [line] = [line for line in texts["against_twins"].splitlines() if "blocks a purchase: all nine" in line]
    left = [part for ratio in ("0.25", "0.50", "0.50", "0.25") for part in (ratio, f"({ratio}–{ratio})")]
    assert line.split("nine")[1].split() == ["1.333", *left]
    assert "-50.0 %" in texts["campaigns"] and "+0.0 %" in texts["campaigns"]
    assert not [name for name, text in texts.items() if "nan" in text]


def test_measured_cases_are_kept_and_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(credit, "fingerprint", lambda judged: "mark")
    monkeypatch.setattr(credit, "measure_case", lambda seed, faults, size, folder: a_case(seed) | {"faults": faults})
    found = {model: {policy: dict.fromkeys(CHANNELS, 1 / 9) for policy in POLICIES} for model in MODELS}
    monkeypatch.setattr(credit, "measure_two_channels", lambda folder: {"shares": found})
    credit.measure([("drawn", 3), ("replanted", 11)], "small", tmp_path)
    monkeypatch.setattr(credit, "measure_case", sys.exit)  # what is there is not measured again
    credit.measure([("drawn", 3), ("replanted", 11)], "small", tmp_path)
    cases, made = credit.measured(tmp_path, "small"), credit.sections(tmp_path, "small")
    assert [(case["faults"], case["seed"]) for case in cases] == [("drawn", 3), ("replanted", 11)]
    assert (len(made), len(credit.sections(tmp_path))) == (7, 1)
    lines = credit.write_shares(cases, tmp_path).read_text().splitlines()
    assert len(lines) == 1 + 2 * len(MODELS) * 4 * len(CHANNELS)
    credit.write_docs(cases, made, credit.picture(tmp_path, "small"), tmp_path)
    assert "context_aware" in (tmp_path / "evaluation" / "shares.svg").read_text()
    assert (tmp_path / "credit.md").read_text().count("\n## ") == 7
    (tmp_path / "credit-small-drawn-3.json").write_text(json.dumps({"fingerprint": "older"}))
    assert len(credit.measured(tmp_path, "small")) == 1


def test_a_table_can_be_read_anywhere():
    table = Table("A & B", ("", "share"), (("x<y", percent(0.125)), ("none", percent(float("nan")))), "How to read it.")
    lines = ["       share", "────────────", "x<y   12.5 %", "none       –"]
    assert table.text().splitlines() == ["A & B", "How to read it.", *lines]
    assert "<h2>A &amp; B</h2>" in table.html() and "<td>x&lt;y</td>" in table.html()
    assert "|---|--:|\n| x<y | 12.5 % |" in table.markdown()


@pytest.mark.parametrize(
    ("module", "arguments", "says"),
    [
        ("credit", ["--size", "enormous"], "is none of small, default, or a number of events"),
        ("credit", ["--out", "README.md"], "evaluation: "),
        ("mmm", ["--db", "nowhere.duckdb"], "evaluation: nowhere.duckdb"),
    ],
)
def test_wrong_arguments_get_one_line(module, arguments, says):
    command = [sys.executable, "-m", f"tools.evaluation.{module}", *arguments]
    run = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert run.returncode == 2 and says in run.stderr.splitlines()[-1] and "Traceback" not in run.stderr


# --- The media mix ----------------------------------------------------------------------------------------------------


def a_panel(noise=3.0, costs_times=100.0):
    """91 days of two channels worth 900 and 450 orders; the cost of one day of the first is wrong by a factor."""
    rng = np.random.default_rng(5)
    days = pd.date_range("2025-09-01", periods=91)
    effort = {"search": rng.gamma(4, 25, 91), "social": rng.gamma(2, 50, 91)}
    worth = {"search": 900, "social": 450}
    orders = 60 + sum(worth[name] * values / values.sum() for name, values in effort.items()) + rng.normal(0, noise, 91)
    rows = []
    for name, values in effort.items():
        reported = values.copy()
        if name == "search":
            reported[43] *= costs_times
        rows.append(pd.DataFrame({
            "channel": name, "date": days.date, "orders": orders, "unadvertised_sessions": rng.poisson(900, 91),
            "adstock": reported, "believed_adstock": values, "is_major_promo": False, "system_health_score": 1.0,
            "availability": 1.0, "confidence_score": 1.0,
        }))  # fmt: skip
    panel = pd.concat(rows)
    panel["unadvertised_sessions"] = panel.groupby("date")["unadvertised_sessions"].transform("first")
    return panel, worth


def test_the_media_mix_finds_what_was_planted_once_costs_are_repaired():
    panel, worth = a_panel()
    rows = {(row["reading"], row["channel"]): row for row in mmm.against_truth(panel, worth)}
    for channel in worth:
        row = rows["costs", channel]
        assert row["low"] < worth[channel] < row["high"] and row["high"] - row["low"] < 500
    # Nothing but the cost was wrong.
    assert rows["flags", "search"]["orders"] == pytest.approx(rows["costs", "search"]["orders"])


def test_one_day_of_a_wrong_cost_makes_the_media_mix_sure_and_wrong():
    panel, worth = a_panel()
    raw = mmm.contributions(mmm.design(panel, "raw")).set_index("channel").loc["search"]
    assert raw["high"] < worth["search"] / 2


def test_no_channel_takes_orders_away():
    panel, _ = a_panel(noise=30)
    panel.loc[panel["channel"] == "social", "believed_adstock"] *= -1
    found = mmm.contributions(mmm.design(panel.assign(orders=50 - panel["believed_adstock"]), "costs"))
    assert (found["low"] >= 0).all()


def test_effort_that_others_know_cannot_be_told():
    panel, _ = a_panel()
    copied = panel[panel["channel"] == "search"].assign(channel="copy")
    found = mmm.contributions(mmm.design(pd.concat([panel, copied]), "costs")).set_index("channel")
    assert found.loc["copy", "known_by_others"] == pytest.approx(1)
    assert found.loc["social", "known_by_others"] < 0.3
