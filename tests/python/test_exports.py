"""What `python -m tools.exports` writes: whole versions or none, the same bytes for the same version, and books that add up.

Everything is read from the golden build; what a build would do to publishing (a new version, a trip, a hold) is written by hand
into a copy of it.
"""

import json
import re
import sys

import duckdb
import pandas
import pyarrow.parquet
import pytest
import yaml

from tools.exports import __main__ as program
from tools.exports import candidate, published, snapshots, tables

REF = re.compile(r"ref\('(\w+)'\)")
TABLE = re.compile(r"\b(silver|gold|published|reference)\.([a-z_]+)")
NEXT_VERSION = "20991231T000000-next"


def run(db, out, *arguments):
    """The exit code of the program, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEATURE_STORE_DB", str(db))
        patch.setattr(sys, "argv", ["exports", "--out", str(out), *arguments])
        return program.main()


def pointer(place):
    return json.loads((place / "current.json").read_text())


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def state_of(folder):
    """Every file with its bytes, and when it was written."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def out(golden_build, tmp_path_factory):
    """The three kinds of exports of the golden build."""
    folder = tmp_path_factory.mktemp("exports")
    assert run(golden_build.db, folder) == 0
    assert run(golden_build.db, folder, "--gold") == 0
    assert run(golden_build.db, folder, "--reconciliation", "--month", "2025-11") == 0
    return folder


@pytest.fixture(scope="module")
def books(out):
    place = out / "reconciliation" / "2025-11-markov-naive"
    return place / pointer(place)["folder"]


@pytest.fixture
def store(golden_build, tmp_path):
    """A copy of the golden build and a way to change it."""
    db = golden_build.copy_db(tmp_path)

    def change(*statements):
        with duckdb.connect(str(db)) as connection:
            for statement in statements:
                connection.execute(statement)
        return db

    return change


def trip(reason="cost_anomalies.google"):
    """The last audited build tripped."""
    return f"""
        insert into ledger.audit_log select * replace (
            'later' as build_id, '20991231T000000-later' as version_id, audited_at + interval 1 day as audited_at,
            false as is_accepted, ['{reason}'] as tripped_checks
        ) from ledger.audit_log
    """


def publish(version):
    """A later version with the rows of the current one."""
    return [
        f"""insert into published.{table} by name select * replace ('{version}' as version_id) from published.{table}"""
        for table in ("campaign_daily_features_versions", "channel_credits_versions", "model_registry")
    ] + [f"""
        insert into ledger.version_log
        select * replace ('{version}' as version_id, 'next' as build_id, published_at + interval 1 day as published_at)
        from ledger.version_log
    """]


# --- Published --------------------------------------------------------------------------------------------------------


def test_the_pointer_names_the_version_that_is_served_and_the_state_of_the_breaker(out, golden_build):
    [status] = golden_build.rows("select * from published.serving_status")
    current = pointer(out)
    assert current["version_id"] == current["folder"] == status["serving_version_id"]
    assert current["as_of"].startswith(status["serving_as_of"].isoformat()) and current["as_of"].endswith("Z")
    assert (current["breaker_state"], current["tripped_checks"]) == (status["breaker_state"], status["tripped_checks"])
    card = manifest(out / current["folder"])
    assert (card["kind"], card["version_id"], card["as_of"]) == ("published", current["version_id"], current["as_of"])
    assert (out / "current").resolve() == (out / current["folder"]).resolve()


def test_every_file_is_what_its_manifest_says_and_holds_the_rows_of_its_table(out, golden_build):
    current = pointer(out)
    names = set()
    with golden_build.connect() as connection:
        for folder in (out / current["folder"], out / current["status_folder"]):
            for file in manifest(folder)["files"]:
                path, names = folder / file["file"], names | {file["table"]}
                assert (path.stat().st_size, tables.sha256(path.read_bytes())) == (file["bytes"], file["sha256"])
                kinds = connection.execute(f"describe select * from '{path}'").fetchall()
                assert [(name, kind) for name, kind, *_ in kinds] == [(each["name"], each["type"]) for each in file["columns"]]
                for one, other in [("read", "kept"), ("kept", "read")]:
                    assert not connection.execute(f"""
                        with read as (select * from '{path}'), kept as (select * from {file["table"]})
                        from {one} except all from {other}
                    """).fetchall()
                assert file["rows"] == connection.execute(f"select count(*) from {file['table']}").fetchone()[0] > 0
    assert names == {
        "published.campaign_daily_features", "published.channel_credits", "published.model_registry", "published.serving_status",
        "published.versions",
    }  # fmt: skip


def test_every_table_and_column_is_described(out, books):
    current = pointer(out)
    place = out / "candidate"
    folders = [out / current["folder"], out / current["status_folder"], place / pointer(place)["folder"], books]
    files = [file for folder in folders for file in manifest(folder)["files"]]
    silent = [f"{file['file']}: {column['name']}" for file in files for column in file["columns"] if not column["description"]]
    assert len(files) == 28 and not silent, silent
    assert all(file["description"].startswith("One row") for file in files)


def test_pandas_pyarrow_and_duckdb_read_the_same(out):
    path = out / pointer(out)["folder"] / "campaign_daily_features.parquet"
    frame, table = pandas.read_parquet(path), pyarrow.parquet.read_table(path)
    rows, spend = duckdb.sql(f"select count(*), sum(spend) from '{path}'").fetchone()
    assert len(frame) == table.num_rows == rows
    assert frame["spend"].sum() == pytest.approx(spend) and sum(table["spend"].drop_null().to_pylist()) == pytest.approx(spend)
    assert str(table.schema.field("date").type) == "date32[day]"
    compression = {pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0).compression}
    assert compression == {"ZSTD"}


def test_polars_reads_them_too(out):
    polars = pytest.importorskip("polars")
    path = out / pointer(out)["folder"] / "channel_credits.parquet"
    assert len(polars.read_parquet(path)) == len(pandas.read_parquet(path))


def test_the_same_version_again_writes_nothing_and_elsewhere_the_same_bytes(out, golden_build, tmp_path, capsys):
    before = state_of(out)
    assert run(golden_build.db, out) == run(golden_build.db, out, "--reconciliation", "--month", "2025-11") == 0
    assert capsys.readouterr().out.count("there already") == 2
    assert state_of(out) == before
    assert run(golden_build.db, tmp_path) == 0
    version = pointer(out)["folder"]
    assert [content for content, _ in state_of(tmp_path / version).values()] == [
        content for content, _ in state_of(out / version).values()
    ]


def test_rows_that_lie_in_another_order_make_the_same_bytes(store, out, tmp_path):
    table = "published.channel_credits_versions"
    shuffle = f"create temp table kept as select * from {table} order by random()"
    db = store(shuffle, f"delete from {table}", f"insert into {table} from kept")
    assert run(db, tmp_path / "out") == 0
    file = f"{pointer(out)['folder']}/channel_credits.parquet"
    assert (tmp_path / "out" / file).read_bytes() == (out / file).read_bytes()


def test_an_open_breaker_leaves_the_last_good_version_and_says_so(store, out, tmp_path, capsys):
    assert run(store(trip()), tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "OPEN, so this is the last good version: cost_anomalies.google tripped" in said
    current = pointer(tmp_path / "out")
    assert (current["breaker_state"], current["tripped_checks"]) == ("OPEN", ["cost_anomalies.google"])
    assert current["version_id"] == pointer(out)["version_id"]
    assert manifest(tmp_path / "out" / current["folder"]) == manifest(out / current["folder"])


def test_nothing_published_is_one_line_and_no_file(store, tmp_path, capsys):
    db = store("delete from ledger.version_log")
    assert run(db, tmp_path / "out") == 1
    assert capsys.readouterr().err == "No export: nothing is published yet: no build was good enough (make status says why)\n"
    assert not state_of(tmp_path / "out").keys() - {tmp_path / "out" / ".lock"}


def test_a_store_that_is_not_there_or_not_built_is_one_line(tmp_path, capsys):
    assert run(tmp_path / "none.duckdb", tmp_path / "out") == 1
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert run(tmp_path / "empty.duckdb", tmp_path / "out") == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "there is no feature store at" in first and "holds no whole build" in second


def test_a_new_version_moves_the_pointer_and_the_oldest_make_room(store, tmp_path):
    folder = tmp_path / "out"
    assert run(store(), folder) == 0
    first = pointer(folder)["folder"]
    (folder / "notes").mkdir()
    assert run(store(*publish(NEXT_VERSION)), folder, "--keep", "2") == 0
    assert pointer(folder)["folder"] == NEXT_VERSION and snapshots.is_whole(folder / first)
    assert pandas.read_parquet(folder / NEXT_VERSION / "model_registry.parquet")["version_id"].unique().tolist() == [NEXT_VERSION]
    assert run(store(*publish("20991231T000001-last")[3:]), folder, "--keep", "1") == 0
    left = {path.name for path in folder.iterdir() if path.is_dir()}
    assert left == {pointer(folder)["folder"], "current", "status", "notes"} and first not in left
    assert (folder / "current" / "channel_credits.parquet").exists()


def test_an_export_that_is_killed_leaves_what_was_read(golden_build, store, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "out"
    assert run(golden_build.db, folder) == 0
    before = state_of(folder)
    db = store(*publish(NEXT_VERSION))

    def full_disk(connection, export, path):
        if export.name == "channel_credits":
            (path / "channel_credits.parquet").write_bytes(b"PAR1 half of it")
            raise OSError("No space left on device")
        return tables.write_parquet(connection, export, path)

    with monkeypatch.context() as patch:
        patch.setattr(published, "write_parquet", full_disk)
        assert run(db, folder) == 1
    assert capsys.readouterr().err == "No export: No space left on device\n"
    assert state_of(folder) == before
    (folder / ".writing").mkdir()  # as kill -9 leaves it
    (folder / ".writing" / "half.parquet").write_bytes(b"PAR1")
    assert run(db, folder) == 0
    assert pointer(folder)["folder"] == NEXT_VERSION and not (folder / ".writing").exists()


def test_the_pointer_moves_only_to_a_version_that_is_whole(golden_build, tmp_path, monkeypatch):
    seen = []
    move = snapshots.os.replace

    def watched(source, target):
        if target.name == "current.json":
            seen.append(snapshots.is_whole(tmp_path / json.loads(source.read_text())["folder"]))
        move(source, target)

    monkeypatch.setattr(snapshots.os, "replace", watched)
    assert run(golden_build.db, tmp_path) == 0
    assert seen == [True]


def test_a_damaged_file_is_made_good(golden_build, tmp_path):
    assert run(golden_build.db, tmp_path) == 0
    file = tmp_path / pointer(tmp_path)["folder"] / "channel_credits.parquet"
    right = file.read_bytes()
    file.write_bytes(b"cut off")
    assert run(golden_build.db, tmp_path) == 0
    assert file.read_bytes() == right


# --- Candidate --------------------------------------------------------------------------------------------------------


def test_gold_is_marked_as_a_candidate_with_what_the_breaker_says(out, store, tmp_path, capsys):
    place = out / "candidate"
    folder = place / pointer(place)["folder"]
    assert [pointer(place)["kind"], manifest(folder)["kind"]] == ["candidate", "candidate"]
    assert {file["file"] for file in manifest(folder)["files"]} == {f"{name}.parquet" for name in candidate.TABLES}
    assert run(store(trip()), tmp_path / "out", "--gold", "--table", "channel_credits") == 0
    assert "this candidate is not what consumers read" in capsys.readouterr().out
    assert pointer(tmp_path / "out" / "candidate")["tripped_checks"] == ["cost_anomalies.google"]
    assert run(tmp_path / "feature_store.duckdb", tmp_path / "out", "--gold", "--table", "identity_map") == 1
    assert "identity_map: not among the tables" in capsys.readouterr().err


def test_people_go_under_pseudonyms_that_join_and_lead_nowhere(out, golden_build, tmp_path, monkeypatch):
    folder = out / "candidate" / pointer(out / "candidate")["folder"]
    inside = {row["person_id"] for row in golden_build.rows("select distinct person_id from gold.journeys")}
    names = ("journeys", "person_features")
    people = {name: set(pandas.read_parquet(folder / f"{name}.parquet")["person_id"]) for name in names}
    assert len(people["journeys"]) == len(inside) and not people["journeys"] & inside
    assert people["person_features"] & people["journeys"] and not people["person_features"] & inside
    monkeypatch.setenv("DBT_ENV_SECRET_CONTACT_HASH_KEY", "another key")
    assert run(golden_build.db, tmp_path, "--gold", "--table", "person_features") == 0
    other = pandas.read_parquet(tmp_path / "candidate" / "current" / "person_features.parquet")
    assert not set(other["person_id"]) & people["person_features"]


def test_no_file_has_a_column_of_contacts(out):
    columns = {
        f"{path.parent.name}/{path.name}: {name}"
        for path in out.rglob("*.parquet")
        for name in pyarrow.parquet.read_schema(path).names
        if re.search("email|phone|customer_id|user_id|anonymous_id|ip_hash", name)
    }
    assert not columns


# --- Reconciliation ---------------------------------------------------------------------------------------------------


def test_the_walk_goes_from_the_raw_orders_to_the_credits_without_a_gap(books, small_world, golden_build):
    steps = pandas.read_csv(books / "walk.csv").set_index("what")
    raw = duckdb.sql(f"""
        select count(*) from '{small_world}/crm/orders.parquet'
        where strftime(timezone('UTC', coalesce(ordered_at, updated_at)), '%Y-%m') = '2025-11'
    """).fetchone()[0]
    assert steps.loc["rows of crm.orders, gross", "number"] == raw

    def total(first, last):
        """Steps from one number to another, both included."""
        return steps[steps["step"].between(first, last)][["number", "amount"]].sum()

    def step(number):
        return steps[steps["step"] == number][["number", "amount"]].iloc[0]

    for parts, whole in [((100, 299), 300), ((300, 310), 400), ((400, 410), 500), ((600, 899), 500)]:
        assert total(*parts).tolist() == pytest.approx(step(whole).tolist(), rel=1e-9), whole
    assert step(900).tolist() == pytest.approx([0, 0], abs=1e-6)
    [kept] = golden_build.rows("""
        select sum(net_revenue) as net_revenue, count(*) as conversions from silver.conversions
        where strftime(date, '%Y-%m') = '2025-11'
    """)
    assert step(500).tolist() == pytest.approx([kept["conversions"], kept["net_revenue"]])


def test_books_by_currency_are_the_raw_files_to_the_cent(books, small_world):
    booked = pandas.read_parquet(books / "books.parquet").groupby("currency")["original_revenue"].sum()
    raw = duckdb.sql(f"""
        select upper(currency) as currency, sum(revenue) as revenue from '{small_world}/crm/orders.parquet'
        where strftime(timezone('UTC', coalesce(ordered_at, updated_at)), '%Y-%m') = '2025-11' and currency is not null group by all
    """).df().set_index("currency")["revenue"]
    assert len(raw) == 3 and booked.to_dict() == pytest.approx(raw.to_dict(), abs=0.005)


def test_every_credit_can_be_followed_to_its_order(books):
    trail, channels = pandas.read_parquet(books / "trail.parquet"), pandas.read_parquet(books / "channels.parquet")
    chosen = channels[(channels["attribution_model"] == "markov") & (channels["context_policy"] == "naive")]
    assert trail["attributed_revenue"].sum() == pytest.approx(chosen["attributed_revenue"].sum(), rel=1e-9)
    assert (trail.groupby(["conversion_type", "conversion_id"])["credit"].sum() - 1).abs().max() < 1e-9
    orders = trail[trail["order_id"].notna()]
    net = (orders["original_revenue"] - orders["original_refund_amount"]) * orders["rate_to_reporting"]
    assert len(orders) and (net - orders["net_revenue"]).abs().max() < 1e-9
    assert (orders["credit"] * orders["net_revenue"] - orders["attributed_revenue"]).abs().max() < 1e-9


def test_what_is_excluded_is_listed_row_by_row_with_its_line(books):
    excluded, lines = pandas.read_csv(books / "excluded.csv"), pandas.read_csv(books / "books.csv")
    counted = lines[lines["line"] != "stands"].groupby("line")["row_count"].sum()
    assert excluded.groupby("line").size().to_dict() == counted.to_dict()
    assert {"superseded", "quarantined", "quarantined_version", "taken_back"} <= set(excluded["line"])
    assert excluded["reason"].notna().all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--month", "11-2025"], "11-2025 is no month: write it as 2025-11"),
        (["--month", "2019-01"], "nothing was booked in 2019-01; the store knows 2025-09 to 2025-11"),
        (["--month", "2025-11", "--model", "oracle"], "no credits of model oracle and policy naive; the models are first_touch"),
    ],
)
def test_what_cannot_be_reconciled_is_refused_in_one_line(golden_build, tmp_path, capsys, arguments, words):
    assert run(golden_build.db, tmp_path, "--reconciliation", *arguments) == 1
    assert words in capsys.readouterr().err


def test_books_that_do_not_add_up_are_written_and_say_so(store, tmp_path, capsys):
    db = store("update gold.revenue_reconciliation set net_revenue = net_revenue + 1")
    assert run(db, tmp_path / "out", "--reconciliation", "--month", "2025-11") == 1
    assert "the credits of 2025-11 do not add up to its net revenue" in capsys.readouterr().err


def test_no_text_of_a_csv_is_a_formula(tmp_path):
    with duckdb.connect() as connection:
        names = ["=HYPERLINK(1)", "+1", "@x", "summer", None]
        connection.execute("create table campaigns as select unnest(?) as name, -1.5 as cost", [names])
        tables.write_csv(connection, tables.Export("campaigns", "select * from campaigns", "main.campaigns"), tmp_path)
    written = (tmp_path / "campaigns.csv").read_text().splitlines()
    assert written == ["name,cost", "'=HYPERLINK(1),-1.5", "'+1,-1.5", "'@x,-1.5", "summer,-1.5", ",-1.5"]


# --- Who reads what ---------------------------------------------------------------------------------------------------


def test_the_exports_declare_the_tables_they_read(project_root):
    files = [*(project_root / "tools" / "exports").rglob("*.py"), *(project_root / "tools" / "exports").rglob("*.sql")]
    code = "".join(path.read_text() for path in files)
    exposures = yaml.safe_load((project_root / "models/_exposures.yml").read_text())["exposures"]
    [declared] = [REF.findall(" ".join(each["depends_on"])) for each in exposures if each["name"] == "exports"]
    served = {name for schema, name in TABLE.findall(code) if schema == "published" and name in candidate.TABLES}
    read = {name for _, name in TABLE.findall(code)} - served
    assert set(declared) == read | {f"published_{name}" for name in served} | set(candidate.TABLES)
