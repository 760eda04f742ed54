"""Set-up: where the dbt packages come from, what `make build` skips, and the fixtures every other test stands on."""

import functools
import http.server
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import duckdb
import pytest
import yaml

LOCKED_VERSION = "1.4.1"


# --- The dbt packages -------------------------------------------------------------------------------------------------


class Hub:
    """A package hub of three files on loopback: an index, the versions of dbt_utils, and the tarball of the locked one."""

    def __init__(self, folder):
        self.folder, self.requested = folder, []
        requested = self.requested

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_request(self, code="-", size="-"):
                requested.append(self.path)

            def log_error(self, *arguments):
                pass

        handler = functools.partial(Handler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def tarball(self):
        return self.folder / "dbt_utils.tar.gz"

    def publish(self, package):
        downloads = {"tarball": f"{self.url}/{self.tarball.name}"}
        version = {"name": "dbt_utils", "version": LOCKED_VERSION, "packages": [], "downloads": downloads}
        versions = {"name": "dbt_utils", "latest": LOCKED_VERSION, "versions": {LOCKED_VERSION: version}}
        api = self.folder / "api" / "v1"
        (api / "dbt-labs").mkdir(parents=True)
        (api / "index.json").write_text(json.dumps(["dbt-labs/dbt_utils"]))
        (api / "dbt-labs" / "dbt_utils.json").write_text(json.dumps(versions))
        with tarfile.open(self.tarball, "w:gz") as archive:
            archive.add(package, f"dbt-utils-{LOCKED_VERSION}")
            from_the_hub = tarfile.TarInfo(f"dbt-utils-{LOCKED_VERSION}/from_the_hub")
            archive.addfile(from_the_hub, io.BytesIO())


@pytest.fixture
def hub(project_root, tmp_path):
    hub = Hub(tmp_path / "hub")
    hub.publish(os.environ.get("DBT_UTILS_PATH") or project_root / "compat" / "dbt_utils")
    threading.Thread(target=hub.server.serve_forever, daemon=True).start()
    yield hub
    hub.server.shutdown()
    hub.server.server_close()


@pytest.fixture
def installed(tmp_path):
    """A packages folder with an earlier installation in it."""
    folder = tmp_path / "project" / "dbt_packages"
    folder.mkdir(parents=True)
    (folder / "earlier").touch()
    return folder


@pytest.fixture
def set_up(project_root, installed):
    """Run the set-up script on `installed`; no scratch folder may be left beside it."""

    def run(hub_url, *arguments, dbt_utils=""):
        settings = {
            "DBT_PACKAGES_INSTALL_PATH": str(installed),
            "DBT_PACKAGE_HUB_URL": hub_url,
            "DBT_UTILS": dbt_utils,
            "NO_PROXY": "127.0.0.1",
        }
        command = [sys.executable, "tools/setup_packages.py", *arguments]
        run = subprocess.run(
            command, cwd=project_root, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120
        )
        assert [path.name for path in installed.parent.iterdir()] == ["dbt_packages"]
        return run

    return run


@pytest.fixture
def closed_door():
    """The address of a hub that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_packages_come_from_the_hub_where_it_answers(hub, set_up, installed):
    run = set_up(hub.url)
    assert run.stdout == f"dbt packages: installed from {hub.url}/\n"
    assert (installed / "dbt_utils" / "from_the_hub").exists()
    assert files_in(installed) == [".source", "dbt_utils"]


def test_compat_steps_in_where_no_hub_answers_and_says_so(closed_door, set_up, installed):
    run = set_up(closed_door)
    assert run.returncode == 0
    assert run.stdout == f"dbt packages: installed from compat/, because {closed_door}/ does not answer\n"
    assert (installed / "dbt_utils" / "dbt_project.yml").exists()
    assert files_in(installed) == [".source", "dbt_utils"]


def test_a_hub_that_keeps_silent_costs_seconds_only(set_up):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        run = set_up(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert "does not answer" in run.stdout
    assert time.monotonic() - started < 10


def test_compat_steps_in_when_the_download_takes_too_long(hub, set_up):
    run = set_up(hub.url, "--time-limit", "0.1")
    assert run.stdout.endswith(f"compat/, because {hub.url}/ took longer than 0.1 s\n")


def test_compat_steps_in_when_the_download_breaks_off(hub, set_up, installed):
    hub.tarball.write_bytes(b"half a file")
    run = set_up(hub.url)
    assert re.fullmatch(r"dbt packages: installed from compat/, because dbt deps failed with .*\n", run.stdout)
    assert files_in(installed) == [".source", "dbt_utils"]


def test_compat_by_force_asks_no_hub(hub, set_up, installed):
    assert set_up(hub.url, dbt_utils="compat").stdout == "dbt packages: installed from compat/\n"
    assert hub.requested == []
    assert not (installed / "dbt_utils" / "from_the_hub").exists()


def test_the_hub_by_force_fails_in_one_line_and_keeps_what_was_there(closed_door, set_up, installed):
    run = set_up(closed_door, dbt_utils="hub")
    assert run.returncode == 1
    assert re.fullmatch(r"dbt packages: \S+ does not answer\. What was installed before is untouched.*\n", run.stderr)
    assert files_in(installed) == ["earlier"]


def test_an_unknown_source_is_named(closed_door, set_up, installed):
    run = set_up(closed_door, dbt_utils="hubb")
    assert run.returncode == 2
    assert "DBT_UTILS must be one of auto, hub, compat, not 'hubb'" in run.stderr
    assert files_in(installed) == ["earlier"]


def test_the_package_lock_belongs_to_packages_yml(project_root):
    """dbt takes the lock only while its hash is that of packages.yml; otherwise it resolves anew, without a word."""
    from dbt.config.project import package_config_from_data
    from dbt.task.deps import _create_sha1_hash

    wanted = yaml.safe_load((project_root / "packages.yml").read_text())
    locked = yaml.safe_load((project_root / "package-lock.yml").read_text())
    assert locked["sha1_hash"] == _create_sha1_hash(package_config_from_data(wanted, wanted).packages)
    assert [package["version"] for package in locked["packages"]] == [LOCKED_VERSION]


# --- What make does again -----------------------------------------------------------------------------------------------

# Stands for Python, dbt and pip: notes each call and leaves behind what the real one would.
STAND_IN = """\
#!/bin/sh
echo "$(basename $0) $*" >> calls
case "$*" in
    "-m venv"*) rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python; cp "$0" .venv/bin/dbt ;;
    *setup_packages*) mkdir -p dbt_packages; touch dbt_packages/.source ;;
    "-m tools.demo"*) mkdir -p data/demo; touch data/demo/world.json ;;
    "-m tools.progress"*) touch "$FEATURE_STORE_DB" ;;
esac
"""

STEPS = {
    "-m venv": "environment",
    "setup_packages": "packages",
    "-m tools.demo": "demo",
    "-m tools.progress": "build",
    "-m tools.summary": "summary",
}


@pytest.fixture
def make_build(project_root, tmp_path):
    """Run `make build` on a skeleton of the project; gives the steps it took, in order."""
    for name in ("Makefile", "requirements.lock", "packages.yml", "package-lock.yml", "dbt_project.yml"):
        shutil.copy(project_root / name, tmp_path)
    for name in ("compat/a.sql", "tools/demo/a.py", "models/a.sql", "tests/python/a.py", "tools/setup_packages.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "stand_in").write_text(STAND_IN)
    (tmp_path / "stand_in").chmod(0o755)
    inherited = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}

    def run(*settings):
        (tmp_path / "calls").write_text("")
        command = ["make", "build", "PYTHON=./stand_in", *settings]
        subprocess.run(command, cwd=tmp_path, env=inherited, check=True, capture_output=True)
        calls = (tmp_path / "calls").read_text().splitlines()
        return [step for call in calls for part, step in STEPS.items() if part in call]

    return run


def test_a_first_build_takes_every_step_and_a_second_only_prints_the_summary(make_build):
    assert make_build() == list(STEPS.values())
    assert make_build() == ["summary"]


def edited(name):
    def edit(folder):
        with (folder / name).open("a") as handle:
            handle.write("\n")

    return edit


@pytest.mark.parametrize(
    "change, settings, steps",
    [
        (edited("models/a.sql"), [], ["build"]),
        (edited("tools/demo/a.py"), [], ["demo", "build"]),
        (edited("compat/a.sql"), [], ["packages", "build"]),
        (edited("requirements.lock"), [], ["environment", "build"]),
        (edited("tests/python/a.py"), [], []),
        (lambda folder: (folder / "requirements.lock").touch(), [], []),
        (lambda folder: (folder / "data/feature_store.duckdb").unlink(), [], ["build"]),
        (lambda folder: None, ["SIZE=small"], ["demo", "build"]),
        (lambda folder: (folder / "data/other.duckdb").touch(), ["FEATURE_STORE_DB=data/other.duckdb"], ["build"]),
        (lambda folder: None, ["RAW_DIR=mine"], ["build"]),
        (lambda folder: None, ["DBT_UTILS=compat"], ["packages", "build"]),
    ],
    ids=[
        "a model",
        "the generator",
        "a package",
        "the lock",
        "a Python test: nothing",
        "the time of the lock only: nothing",
        "the database is gone",
        "another size",
        "another database",
        "own raw files",
        "packages by force",
    ],
)
def test_a_change_repeats_what_depends_on_it(make_build, tmp_path, change, settings, steps):
    make_build()
    time.sleep(0.05)  # a later time than the stamps have
    change(tmp_path)
    assert make_build(*settings) == [*steps, "summary"]


def test_own_raw_files_are_read_again_each_time(make_build):
    make_build("RAW_DIR=mine")
    assert make_build("RAW_DIR=mine") == ["build", "summary"]


def test_after_own_raw_files_the_demo_world_is_built_again(make_build):
    make_build()
    make_build("RAW_DIR=mine")
    assert make_build() == ["build", "summary"]


def test_make_alone_lists_every_target_with_a_line(project_root):
    shown = subprocess.run(["make"], cwd=project_root, check=True, capture_output=True, text=True).stdout
    [phony] = re.findall(r"^\.PHONY: (.*)$", (project_root / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(r"^make ([\w-]+) +\w+", shown, re.MULTILINE)
    assert set(listed) == set(phony.split()) - {"FORCE"}


# --- The shared fixtures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["parquet", "csv", "csv.gz", "json", "jsonl"])
def test_a_raw_table_reads_back_the_same_in_every_format(write_raw, tmp_path, format):
    rows = [{"id": "a", "value": 1.5}, {"id": "b", "note": "two, \"quoted\"\nlines"}]
    write_raw(tmp_path, {"raw.notes": rows}, format=format)
    read = duckdb.sql(f"select id, value, note from '{tmp_path}/raw/notes.{format}' order by id").fetchall()
    assert read == [("a", 1.5, None), ("b", None, "two, \"quoted\"\nlines")]


def test_a_raw_table_without_rows_keeps_the_columns_it_must_have(write_raw, tmp_path):
    write_raw(tmp_path, {"crm.orders": []})
    read = duckdb.sql(f"describe select * from '{tmp_path}/crm/orders.parquet'").fetchall()
    assert "ordered_at" in [column[0] for column in read]


def test_a_column_of_nulls_alone_is_text(write_raw, tmp_path):
    write_raw(tmp_path, {"raw.notes": [{"id": 1, "note": None}]})
    read = duckdb.sql(f"select typeof(note) from '{tmp_path}/raw/notes.parquet'").fetchall()
    assert read == [("VARCHAR",)]


def test_every_model_and_dbt_test_passes_on_the_small_world(golden_build):
    assert golden_build.not_passed() == {}
    assert golden_build.exit_code == 0
