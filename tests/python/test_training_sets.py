"""Time travel: what the history says was known at a time is what a store built at that time says.

One store goes through three batches of the world of increments.py; the second load is killed and done again, and the third is
repeated. Beside it stand the first, which is one from nothing, and a store built from nothing of all three batches. Of the
second stands a copy: that increments are what a build from nothing is, test_increments.py shows.
"""

import datetime as dt
import json
import subprocess
import sys
from functools import cache

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from tools import training_set
from conftest import DB_NAME, TABLES_ALONE, dbt_process, run_dbt
from increments import START, Store, World

pytestmark = pytest.mark.slow

SEED = 20261126
KEYS = training_set.KEYS
SECOND = dt.timedelta(seconds=1)

# Builds cost most of the time: those of the store make what a load is completed by, the others only what they are asked for.
A_LOAD = {"select": ["+config.incremental_strategy:repair", "+path:models/history"], "flags": TABLES_ALONE}
TO_BE_KILLED = {"select": "+campaign_daily_features_changes", "flags": TABLES_ALONE}
HISTORY = {"select": "path:models/history"}
FEATURES = {"select": [f"+{features}" for features in KEYS], "flags": TABLES_ALONE}


def world():
    """Three stretches of time, a batch each; a seventh of the events and every refund arrive a batch late."""
    found = World(SEED, devices=120, shuffled=False)
    for table, is_late in [("raw.clickstream_events", None), ("crm.orders", lambda row: row["status"] != "paid")]:
        found.rows[table] = [
            (min(batch + (is_late(row) if is_late else number % 7 == 0), 2), row)
            for number, (batch, row) in enumerate(found.rows[table])
        ]
    return found


class Travelled:
    """The store of all batches, and those of each moment."""

    def __init__(self, folder, write_raw):
        self.store = Store(folder / "all", write_raw, world())
        self.at, self.moments, self.said = [], [], []
        for batch in range(3):
            self.store.arrive(batch)
            if batch == 1:
                self.killed_build()
            self.said.append(self.build(A_LOAD).output)
            self.at.append(self.store.copy(folder / f"at-{batch}").db if batch < 2 else self.from_nothing(folder / "fresh"))
            self.moments += self.ask("select as_of from silver.as_of").column("as_of").to_pylist()
        self.history = self.store.tables("history")
        self.said.append(self.build(HISTORY).output)

    def build(self, options):
        build = run_dbt(self.store.raw, self.store.db, **options)
        assert build.exit_code == 0, build.output[-3000:]
        return build

    def killed_build(self):
        """One that is killed when one table of history is written, and the other is not."""
        with subprocess.Popen(**dbt_process(self.store.raw, self.store.db, **TO_BE_KILLED)) as process:
            assert any(" OK created " in line and "history.campaign_daily_features_changes" in line for line in process.stdout)
            process.kill()

    def from_nothing(self, folder):
        """A store built in the place of the other one, for which dbt has the project parsed, and then moved."""
        here, aside = self.store.db, folder / DB_NAME
        folder.mkdir()
        here.rename(aside.with_suffix(".waits"))
        self.build(FEATURES)
        here.rename(aside)
        aside.with_suffix(".waits").rename(here)
        return aside

    def ask(self, query, db=None):
        """The answer as an Arrow table."""
        with duckdb.connect(str(db or self.store.db), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).to_arrow_table()

    @cache
    def told(self, features, moment):
        """A store's own features at one of the moments, by key; without people who were erased until the last."""
        names = [*KEYS[features], *self.columns(features)]
        rows = self.ask(f"select {', '.join(names)} from gold.{features}", self.at[moment]).to_pylist()
        forgotten = self.forgotten(moment) if features == "person_features" else {}
        return by_key(features, [row for row in rows if row.get("person_id") not in forgotten])

    @cache
    def columns(self, features):
        names = self.ask(f"from gold.{features} limit 0", self.at[0]).column_names
        return [name for name in names if name not in KEYS[features]]

    @cache
    def forgotten(self, moment):
        """Whom a store knew by an identifier of somebody whose erasure became known until the last moment."""
        names = "identifier_type, identifier_value"
        erased = self.ask(f"select {names} from silver.identity_members where is_erased").to_pylist()
        known = self.ask(f"select person_id, {names} from silver.identity_members", self.at[moment]).to_pylist()
        return {row.pop("person_id") for row in known if {name: row[name] for name in row if name != "person_id"} in erased}


def by_key(features, rows):
    return {tuple(row.pop(name) for name in KEYS[features]): row for row in rows}


@pytest.fixture(scope="module")
def travelled(tmp_path_factory, write_raw):
    return Travelled(tmp_path_factory.mktemp("travelled"), write_raw)


@pytest.fixture
def known_at(travelled, tmp_path, monkeypatch):
    """Features by key, as `python -m tools.training_set` gives them for all keys that any of the stores has."""

    def ask(features, asked_at):
        keys = sorted({key for moment in range(3) for key in travelled.told(features, moment)})
        spine = {name: [key[number] for key in keys] for number, name in enumerate(KEYS[features])}
        pyarrow.parquet.write_table(pyarrow.table({**spine, "asked_at": [asked_at] * len(keys)}), tmp_path / "spine.parquet")
        assert run(travelled, tmp_path, monkeypatch, features) == 0
        table = pyarrow.parquet.read_table(tmp_path / "train.parquet")
        assert table.column_names == [*spine, "asked_at", "known_from", *travelled.columns(features)]
        known = by_key(features, table.drop_columns(["asked_at", "known_from"]).to_pylist())
        assert list(known) == keys
        return known

    return ask


def run(travelled, folder, monkeypatch, features, *more):
    """The exit code of the command."""
    monkeypatch.setenv("FEATURE_STORE_DB", str(travelled.store.db))
    files = ["--spine", folder / "spine.parquet", "--out", folder / "train.parquet"]
    monkeypatch.setattr(sys, "argv", ["training_set", "--features", features, *map(str, files), *more])
    return training_set.main()


def something(rows):
    """Those of which something was known."""
    return {key: row for key, row in rows.items() if any(value is not None for value in row.values())}


def test_the_store_went_by_increments(travelled):
    assert ["what is new" in said for said in travelled.said] == [False, True, True, True]


@pytest.mark.parametrize("features", KEYS)
@pytest.mark.parametrize("moment", range(3))
def test_what_was_known_is_what_a_store_of_that_time_says(travelled, known_at, features, moment):
    told = travelled.told(features, moment)
    first = travelled.moments[moment]
    last = (travelled.moments[moment + 1] if moment < 2 else first + dt.timedelta(days=9)) - SECOND
    assert something(known_at(features, first)) == told
    assert something(known_at(features, last)) == told


@pytest.mark.parametrize("features", KEYS)
def test_before_the_first_build_nothing_was_known(travelled, known_at, features):
    assert something(known_at(features, travelled.moments[0] - SECOND)) == {}


def test_the_world_changes_its_past(travelled):
    days = [travelled.told("campaign_daily_features", moment) for moment in (0, 2)]
    people = [travelled.told("person_features", moment) for moment in (0, 2)]
    past = [key for key in days[0] if key[0] < travelled.moments[0].date()]
    for name in ["clicks", "touches"]:  # restated, and come late
        assert any(days[0][key][name] != days[1][key][name] for key in past), name
    refunded = [key for key in people[0].keys() & people[1].keys() if revenue(people[1][key]) < revenue(people[0][key])]
    assert refunded, "nobody was refunded"
    assert people[0].keys() - people[1].keys(), "nobody turned out to be somebody else"
    assert travelled.forgotten(0), "nobody was erased"


def revenue(row):
    return row["net_revenue"] or 0


def test_of_erased_people_nothing_is_left(travelled):
    history = set(travelled.ask("select person_id from history.person_features_changes").column("person_id").to_pylist())
    assert history and not history & {person for moment in range(3) for person in travelled.forgotten(moment)}


@pytest.mark.parametrize("features", KEYS)
def test_every_row_of_history_says_something_new(travelled, features):
    """And so the build that was killed left nothing behind: without repeats, the same facts have but one history."""
    names, keys = ", ".join(travelled.columns(features)), ", ".join(KEYS[features])
    [row] = travelled.ask(f"""
        with told as (
            select {keys}, known_from, (is_removed, {names}) as said, lag((is_removed, {names})) over earlier as said_before
            from history.{features}_changes window earlier as (partition by {keys} order by known_from)
        )
        select count(*) as row_count, count(distinct ({keys}, known_from)) as key_count, list(distinct known_from order by known_from)
            as moments, count(*) filter (said is not distinct from said_before) as repeat_count
        from told
    """).to_pylist()
    assert row["row_count"] == row["key_count"] > 0 == row["repeat_count"]
    assert row["moments"] == travelled.moments


def test_a_build_that_is_repeated_adds_nothing(travelled):
    assert "OK created" in travelled.said[-1]
    assert travelled.store.tables("history") == travelled.history and travelled.history


def test_the_macro_says_what_the_command_says_on_every_engine(travelled, known_at):
    history = "ref('person_features_changes'), ['person_id'], typed_timestamp('spine.asked_at'), 'known_from'"
    inline = "{{ features_as_known('person_features', 'spine') }}\n--\n" + (
        f"(select spine.*, history.{', history.'.join(['known_from', *travelled.columns('person_features')])}"
        f" from spine {{{{ default__joined_as_of({history}) }}}})"
    )
    flags = ["--quiet", "--inline", inline, "--output", "json"]
    process = dbt_process(travelled.store.raw, travelled.store.db, command=["compile"], flags=flags)
    printed = subprocess.run(**process, check=True).stdout
    joins = json.loads(printed[printed.index("{") :])["compiled"].split("\n--\n")
    assert len(joins) == 2 and "asof" in joins[0] and "asof" not in joins[1]
    for asked_at in [travelled.moments[0] - SECOND, *travelled.moments, travelled.moments[1] + SECOND]:
        expected = known_at("person_features", asked_at)
        people = ", ".join(f"('{person}')" for (person,) in expected)
        for join in joins:
            rows = travelled.ask(f"""
                with spine as (select *, timestamp '{asked_at}' as asked_at from (values {people}) as people (person_id))
                select * exclude (asked_at, known_from) from {join} as known
            """).to_pylist()
            assert len(rows) == len(expected) and by_key("person_features", rows) == expected


def test_times_may_have_an_offset_and_may_be_missing(travelled, tmp_path, monkeypatch):
    [row] = travelled.ask("""
        select person_id, known_from from history.person_features_changes where not is_removed order by 2 desc, 1 limit 1
    """).to_pylist()
    berlin = dt.timezone(dt.timedelta(hours=1))
    times = [row["known_from"].replace(tzinfo=dt.timezone.utc), row["known_from"].replace(tzinfo=berlin), None]
    spine = {"person_id": [row["person_id"]] * 3, "at": pyarrow.array(times, pyarrow.timestamp("us", "Europe/Berlin"))}
    pyarrow.parquet.write_table(pyarrow.table(spine), tmp_path / "spine.parquet")
    assert run(travelled, tmp_path, monkeypatch, "person_features", "--time-column", "at") == 0
    found = pyarrow.parquet.read_table(tmp_path / "train.parquet").column("known_from").to_pylist()
    assert found[0] == row["known_from"] and found[1] != row["known_from"] and found[2] is None


@pytest.mark.parametrize(
    ("spine", "words"),
    [
        ({"asked_at": [START]}, "the spine has no column person_id; it needs person_id, asked_at"),
        ({"person_id": ["a"]}, "the spine has no column asked_at; it needs person_id, asked_at"),
        ({"person_id": ["a"], "asked_at": ["yesterday"]}, "asked_at of the spine is VARCHAR: it must be a timestamp"),
        ({"person_id": ["a"], "asked_at": [START], "touch_count": [1]}, "both have touch_count: rename the spine's"),
        (None, "there is no spine at"),
    ],
)
def test_a_spine_that_cannot_be_used_is_refused_in_one_line(travelled, tmp_path, monkeypatch, capsys, spine, words):
    if spine:
        pyarrow.parquet.write_table(pyarrow.table(spine), tmp_path / "spine.parquet")
    assert run(travelled, tmp_path, monkeypatch, "person_features") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert words in line and not (tmp_path / "train.parquet").exists()


def test_without_a_store_or_its_history_the_command_says_so(travelled, tmp_path, monkeypatch, capsys):
    for name, words in [("none.duckdb", "there is no feature store at"), ("old.duckdb", "has no history of person_features yet")]:
        if name == "old.duckdb":
            duckdb.connect(str(tmp_path / name)).close()
        monkeypatch.setattr(travelled.store, "db", tmp_path / name)
        assert run(travelled, tmp_path, monkeypatch, "person_features") == 1
        [line] = capsys.readouterr().err.splitlines()
        assert words in line
