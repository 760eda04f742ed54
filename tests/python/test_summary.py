"""What `make build` ends with: every flag that was raised, in words, and nothing that the store does not say."""

import io
import os
import re
import subprocess
import sys

import duckdb
import pytest

from tools.console import Console
from tools.summary.compact import NEXT, fitting, print_compact
from tools.summary.in_full import print_in_full
from tools.summary.queries import MODELS, misplaced_shares


@pytest.fixture(scope="module")
def summarize(golden_build, project_root):
    """Run `python -m tools.summary` on the golden build, or on another store."""

    def run(*arguments, db=golden_build.db, **settings):
        return subprocess.run(
            [sys.executable, "-m", "tools.summary", *arguments],
            cwd=project_root,
            env={**os.environ, "FEATURE_STORE_DB": str(db), **settings},
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture(scope="module")
def in_full(summarize, small_world):
    """What `make summary` prints of the golden build, beside the truth of its demo world."""
    run = summarize("--all", "--truth", str(small_world.parent / "truth"))
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def store(golden_build, tmp_path_factory):
    """A connection to a copy of the golden build; what a test writes is taken back."""
    copy = golden_build.copy_db(tmp_path_factory.mktemp("summary"))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@pytest.fixture
def compact(store, small_world):
    """What `make build` ends with, after changes of the store: `compact(width, terminal=False, changes=[SQL, …])`. The full
    one is `length=`."""

    def show(width=80, terminal=False, changes=(), length=print_compact, **settings):
        stream = Screen(terminal)
        store.begin()
        try:
            for change in changes:
                store.execute(change)
            console = Console(stream, {"COLUMNS": str(width), **settings})
            length(store, console, "purchase", "naive", small_world.parent / "truth")
        finally:
            store.rollback()
        return stream.getvalue()

    return show


class Screen(io.StringIO):
    encoding = "utf-8"

    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


# Of so small a world no outage and no loss of sessions can be told: these are written into the copy.
FLAGS = [
    """insert into silver.outages by name
    select 'all' as scope, 'payment' as step, timestamp '2025-10-15 08:00' as started_at, timestamp '2025-10-15 20:00' as
        ended_at, timestamp '2025-10-15 11:00' as detected_at, 17.2 as missing_sessions, false as is_known_incident,
        false as is_planned, true as is_alarm
    union all select 'all', 'form', '2025-10-19 22:00', '2025-10-22 00:00', '2025-10-20 07:00', 67, true, false, true""",
    """update silver.campaign_discrepancy set data_quality_flag = 'LOW_CONFIDENCE'
    where campaign_id = 'fb-3001' and date <= (select min(date) + 2 from silver.campaign_discrepancy)""",
]


def test_every_outage_of_the_shop_is_named(compact):
    text = compact(changes=FLAGS, length=print_in_full)
    assert "outages: 2 of the whole shop, 0 of single sources" in text
    assert "10-15 08:00 to 10-15 20:00: paying, about 17 missing, found after 3 h\n" in text
    assert "10-19 22:00 to 10-22 00:00: sending the form, about 67 missing, a known incident\n" in text
    assert re.search(r"fb-3001: [123] days between", text)


def test_the_longest_outage_and_the_worst_campaign_stand_in_the_short_one(compact):
    text = " ".join(compact(changes=FLAGS).split())
    assert "● outages 2 of the whole shop, 0 of single sources; the longest from 10-19 22:00, 50 h: sending the form" in text
    assert re.search(r"● tracking clicks and sessions disagree on [123] of .* most often fb-3001: [123] days?", text)


def test_flags_are_counted_as_the_store_has_them(in_full, compact, golden_build):
    [sold_out] = golden_build.rows("select count(*) as touches from silver.touchpoints where is_out_of_stock")
    [low] = golden_build.rows("""
        select count(*) as days from silver.campaign_discrepancy
        where data_quality_flag = 'LOW_CONFIDENCE' and platform_clicks is not null
    """)
    [costs] = golden_build.rows("select count(*) as days from silver.spend_anomalies where is_cost_anomaly")
    assert f"stock: {sold_out['touches']:,} of" in in_full
    assert f"clicks against sessions: {low['days']:,} of" in in_full
    assert f"costs: not to be believed on {costs['days']} campaign-day" in in_full and "gads-1003" in in_full and "(unit)" in in_full
    text = compact()
    assert f"● sold out   {sold_out['touches']:,} touches" in text
    assert f"{'●' if low['days'] else '○'} tracking   clicks and sessions disagree on {low['days']:,} of" in text
    assert f"● costs      not to be believed on {costs['days']} campaign-day" in text


def test_naive_and_context_aware_credit_stand_beside_the_truth(in_full):
    assert "Markov naive  Markov context-aware" in in_full
    assert in_full.count("of the credit stands with the wrong channel") == 2


def test_wrong_credit_is_half_of_what_differs_from_the_truth(store, small_world):
    truth = small_world.parent / "truth"
    caused = dict(store.execute(f"select channel, share from '{truth}/channel_contribution.parquet' where share > 0").fetchall())
    credited = dict(store.execute("""
        select channel, credited_conversions from gold.channel_credits where attribution_model = 'shapley'
            and conversion_type = 'purchase' and context_policy = 'naive' and channel <> 'unattributed'
    """).fetchall())
    whole = sum(credited.values())
    expected = sum(abs(credited.get(channel, 0) / whole - share) for channel, share in caused.items()) / 2
    assert misplaced_shares(store, truth)["shapley", "naive"] == pytest.approx(float(expected))


def test_the_build_ends_with_one_screen_of_plain_text(summarize):
    run = summarize()
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert len(lines) <= 52 and "\x1b" not in run.stdout
    assert max(map(len, lines)) <= 80
    for title in ("What came in", "What was flagged", "What each model says", "What consumers read", "Where to look next"):
        assert sum(line.startswith(title) for line in lines) == 1
    assert "What channels caused is known here" in run.stdout  # found beside the raw files that the store was built from


@pytest.mark.parametrize("width", [80, 60, 40, 30])
def test_a_narrow_screen_breaks_no_line(compact, width):
    text = compact(width)
    assert max(map(len, text.splitlines())) <= max(width, 42) and "markov" in text


def test_a_narrow_screen_shows_fewer_models_and_says_so(compact):
    assert fitting(MODELS, 14, 80) == MODELS
    assert fitting(MODELS, 14, 50) == ["first_touch", "last_touch", "markov", "shapley"]
    assert "4 more models" in compact(50)


@pytest.mark.parametrize(
    ("terminal", "settings", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_there_where_they_are_wanted(terminal, settings, coloured):
    assert Console(Screen(terminal), settings).paint("●", "green") == ("\x1b[32m●\x1b[0m" if coloured else "●")


def test_colours_change_no_word(compact):
    coloured = compact(terminal=True)
    assert "\x1b[32m●\x1b[0m" in coloured and re.sub(r"\x1b\[[\d;]*m", "", coloured) == compact()


def test_a_terminal_without_the_signs_gets_others(summarize):
    run = summarize(PYTHONIOENCODING="ascii")
    assert run.returncode == 0 and "* people" in run.stdout and "o outages" in run.stdout


def test_an_open_breaker_stands_in_plain_sight(compact):
    text = compact(changes=[
        "create or replace view published.serving_status as select 'OPEN' as breaker_state, timestamp '2025-11-29' as "
        "serving_as_of, 24.0 as staleness_hours, 'the ads are wrong' as hold_reason",
        "update gold.circuit_breaker set status = 'trip' where check_name in (select min(check_name) from gold.circuit_breaker)",
    ], terminal=True)  # fmt: skip
    plain = " ".join(re.sub(r"\x1b\[[\d;]*m", "", text).split())
    assert "OPEN; consumers read the version as of 2025-11-29 00:00 UTC, 24 hours" in plain
    assert "● held the ads are wrong" in plain and ", 1 trip," in plain and "● tripped" in plain
    assert "\x1b[31m●\x1b[0m \x1b[1mbreaker" in text


def test_a_build_that_was_cut_short_is_not_told_as_a_whole_one(compact):
    assert "last build has not ended" in compact(changes=["update ledger.build_log set ended_at = null, outcome = null"])
    assert "last build failed at journeys" in compact(changes=["update ledger.build_log set outcome = 'failed', message = 'journeys'"])
    assert "● last build" not in compact()


def test_the_readme_quotes_the_summary_of_a_larger_world(summarize, project_root):
    quoted = (project_root / "README.md").read_text().split(" and ends with:\n\n```\n")[1].split("\n```")[0]
    assert labels(quoted) == labels(summarize().stdout)


def labels(summary):
    """Headings, what an entry is about, and where to look next: what is the same in every world."""
    lines = summary.strip().splitlines()
    headings = [line.split("  ")[0] for line in lines if line[:1].isalpha()]
    return headings, [line[4:15].strip() for line in lines if line[2:3] in ("●", "○")], [line for line in lines if line[2:3] == "→"]


def test_where_to_look_next_is_there(project_root):
    makefile = (project_root / "Makefile").read_text()
    for what, _ in NEXT:
        if what.startswith("make "):
            assert f"\n{what.removeprefix('make ')}:" in makefile
        else:
            assert (project_root / what).exists()


@pytest.mark.parametrize("content", [None, "no database", "another database"])
def test_no_store_is_told_in_one_line(summarize, tmp_path, content):
    db = tmp_path / "feature_store.duckdb"
    if content == "no database":
        db.write_text("some text that is no database at all")
    elif content:
        duckdb.connect(str(db)).close()
    run = summarize(db=db)
    assert run.returncode == 1 and run.stdout == ""
    assert len(run.stderr.splitlines()) == 1 and str(db) in run.stderr


def test_a_reader_who_leaves_early_sees_no_traceback(golden_build, project_root):
    run = subprocess.run(
        f"'{sys.executable}' -m tools.summary --all | head -1", shell=True, cwd=project_root, text=True, capture_output=True,
        env={**os.environ, "FEATURE_STORE_DB": str(golden_build.db)},
    )  # fmt: skip
    assert run.stderr == ""
