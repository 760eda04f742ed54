"""What is shown while dbt builds: one line of progress, what went wrong in full and what to do about it, dbt's exit code.

`play` stands for dbt: it prints what dbt would. One run of the real dbt, on a project of a few lines, says that what it
prints is still what is read here.
"""

import fcntl
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time

import pytest

from tools.console import Console
from tools.progress.__main__ import Watch
from tools.progress.advice import ADVICE, advise, first_words
from tools.progress.display import Display
from tools.progress.events import Build, follow, read_event

LOCKED = 'IO Error: Could not set lock on file "a.duckdb": Conflicting lock is held in python3.11 (PID 1051). See also https://duckdb.org'
NO_TABLE = """Encountered an error:
Compilation Error in operation attribution_feature_store-on-run-start-2 (./dbt_project.yml)
  required raw table crm.orders was not found below raw (as .parquet, .csv, .csv.gz, .json, .jsonl or a folder of them)

  > in macro stop (macros/landing/raw_tables.sql)
  > called by operation attribution_feature_store-on-run-start-2 (./dbt_project.yml)"""


def event(name, message="", level="info", /, **data):
    return json.dumps({"info": {"name": name, "msg": message, "level": level}, "data": data})


def node(name, kind="model", schema="silver"):
    return {"unique_id": f"{kind}.{name}", "node_name": name, "resource_type": kind, "node_relation": {"schema": schema}}


def start(name, total, **kind):
    return event("LogStartLine", total=total, node_info=node(name, **kind))


def model(name, status="success", **kind):
    return event("LogModelResult", status=status, node_info=node(name, **kind))


def models(count, name="model"):
    """A build of so many models, which passes."""
    built = [line for number in range(count) for line in (start(f"{name}_{number}", count), model(f"{name}_{number}"))]
    done = event("StatsLine", stats={"pass": count, "warn": 0, "error": 0, "skip": 0, "noop": 0, "total": count})
    return [event("ConcurrencyLine", node_count=count), *built, done]


class Screen(io.StringIO):
    encoding = "utf-8"

    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


class Asked:
    def __init__(self, asked=False):
        self.asked = asked


@pytest.fixture
def play():
    """Show the lines of a build that ends with a code: `play(lines, code=0, terminal=False, width=80)` gives what was printed,
    a tenth of a second after another."""

    def show(lines, code=0, terminal=False, width=80, stopped=False):
        screen, times = Screen(terminal), iter(range(10**6))
        watch = Watch(Display(Console(screen, {"COLUMNS": str(width), "NO_COLOR": "1"}), lambda: next(times) / 10), Asked(stopped))
        for line in lines:
            watch.line(line)
        assert watch.end(code) == (128 - code if code < 0 else 130 if stopped and not code else code)
        return screen.getvalue()

    return show


@pytest.fixture
def progress(tmp_path, project_root):
    """Start `python -m tools.progress` with a script in the place of dbt."""
    (tmp_path / "python").symlink_to(sys.executable)
    dbt = tmp_path / "dbt"

    def begin(script, **options):
        dbt.write_text(f"#!{sys.executable}\nimport signal, sys, time\n{script}")
        dbt.chmod(0o755)
        code = f"import tools.progress.__main__ as p; from pathlib import Path; p.DBT = Path({str(dbt)!r}); p.run(p.main)"
        return subprocess.Popen([sys.executable, "-c", code, "--select", "x"], cwd=project_root, text=True, **options)

    return begin


# --- Progress -----------------------------------------------------------------------------------------------------------


def test_without_a_terminal_there_is_a_line_every_tenth(play):
    shown = play(models(200)).splitlines()
    steps = [line for line in shown if "of 200" in line]
    assert [int(line.split("%")[0]) for line in steps] == list(range(10, 101, 10))
    assert len(shown) == 11 and shown[-1].startswith("  ✓ dbt: 200 steps in")
    assert all("silver" in line for line in steps) and "\r" not in "".join(shown)


@pytest.mark.parametrize("width", [80, 60, 30, 16])
def test_a_terminal_has_one_line_that_is_never_too_wide(play, width):
    frames = play(models(50, "a_model_with_a_name_for_a_wider_screen"), terminal=True, width=width).split("\r\x1b[2K")
    assert len(frames) > 20 and all(len(frame) < width for frame in frames[:-1])
    assert all("\n" not in frame for frame in frames[:-1])
    assert "25/5" in "".join(frames)
    assert ("a_mod" in "".join(frames)) == (width >= 60)


def test_what_is_running_is_named_until_it_has_ended():
    build = Build()
    for line in [start("sessions", 2), start("visits", 2), model("visits")]:
        name, _, data, _ = read_event(line)
        follow(build, name, data)
    assert list(build.running.values()) == ["sessions"] and build.layer == "silver"


@pytest.mark.parametrize("line", ["", "[]", "3", "{}", '{"info": 3}', "Warning: something", '{"info": {"name": "x"}}', "\x00"])
def test_what_is_no_event_is_shown_and_breaks_nothing(play, line):
    assert read_event(line) is None
    shown = play([*models(3), line])
    assert line in shown and "✓ dbt: 3 steps" in shown


# --- What went wrong ----------------------------------------------------------------------------------------------------


def test_a_failed_test_is_told_as_it_comes_and_counted(play):
    shown = play([
        *models(20)[:10],
        event("LogTestResult", status="fail", num_failures=3, name="unique_journeys", node_info=node("unique_journeys", "test")),
        event("RunResultFailure", "Failure in test unique_journeys (models/gold.yml)", "error"),
        event("RunResultError", "  Got 3 results, configured to fail if != 0", "error"),
        event("SQLCompiledPath", "  compiled code at target/compiled/unique_journeys.sql"),
        event("StatsLine", stats={"pass": 5, "warn": 0, "error": 1, "skip": 2}),
    ], code=1)  # fmt: skip
    assert "✗ test unique_journeys failed: 3 rows\n" in shown
    assert "compiled code at target/compiled/unique_journeys.sql" in shown and "Got 3" not in shown
    assert re.search(r"✗ dbt: 5 steps, 1 failed, 2 skipped in \d:\d\d  \(logs/dbt.log", shown)


def test_a_broken_model_is_told_with_dbts_whole_message(play):
    shown = play([
        model("sessions", "error"),
        event("RunResultFailure", "Failure in model sessions (models/silver/sessions.sql)", "error"),
        event("RunResultError", "  Runtime Error in model sessions\n  Binder Error: no column x\n  LINE 3: select x", "error"),
    ], code=1)  # fmt: skip
    assert "✗ model silver.sessions broke\n" in shown
    assert "Failure in model sessions (models/silver/sessions.sql):\n" in shown
    assert "Binder Error: no column x" in shown and "LINE 3: select x" in shown


def test_a_warning_stays_on_the_screen_and_fails_nothing(play):
    breaker = node("the_breaker_is_closed", "test")
    shown = play([event("LogTestResult", "", "warn", status="warn", num_failures=2, name=breaker["node_name"], node_info=breaker)])
    assert "● test the_breaker_is_closed warns: 2 rows\n" in shown and "✗" not in shown


@pytest.mark.parametrize(
    ("message", "says", "advice"),
    [
        (NO_TABLE, "required raw table crm.orders was not found below raw", "models/bronze/_sources.yml"),
        (LOCKED, "Could not set lock", "PID 1051"),
        ("Runtime Error\n  Out of Memory Error: could not allocate block\n\n  Possible solutions:\n  * more", "Out of Memory", "MEMORY=8GB"),
        ('Could not write file "a.wal": No space left on device', "No space left", "disk is full"),
        ("Runtime Error\n  Invalid Input Error: No magic bytes found at end of file 'o.parquet'\n  LINE 3: x", "o.parquet", "deliver it again"),
        ('IO Error: The file "a" exists, but it is not a valid DuckDB database file!', "not a valid", "FEATURE_STORE_DB"),
        ("Compilation Error in operation o\n  var markov_order is '0': it must be one of 1, 2, 3", "markov_order is '0'", "dbt_project.yml"),
    ],
)
def test_what_users_can_do_something_about_is_two_lines(play, message, says, advice):
    shown = play([event("MainEncounteredError", message, "error"), event("MainStackTrace", "Traceback (most …", "error")], code=2)
    problem, what_to_do = shown.splitlines()
    assert problem.startswith("  ✗ dbt stopped: ") and says in problem
    assert what_to_do.startswith("    → ") and advice in what_to_do


def test_advice_is_given_for_what_is_known_only():
    assert advise("Binder Error: no column x") == ""
    assert first_words("\n") == "dbt said nothing"
    for pattern, words in ADVICE:
        assert len(words) < 120 and re.compile(pattern).groups == words.count("{")


def test_of_a_traceback_only_the_last_line_is_shown(play):
    shown = play(["Traceback (most recent call last):", '  File "a.py", line 1', "    x()", "ImportError: no y"], code=1)
    assert shown.splitlines() == ["  ✗ dbt stopped:", "      ImportError: no y"]


def test_an_end_without_a_word_is_told(play):
    assert "✗ dbt ended with exit code 2 and no word why: see logs/dbt.log" in play([], code=2)
    assert "signal 9" in play([], code=-9) and "FEATURE_STORE_MEMORY" in play([], code=-9)


# --- The process --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_exit_code_is_dbts_and_its_arguments_are_passed_on(progress, code):
    run = progress(f"print(*sys.argv[1:]); sys.exit({code})", stdout=subprocess.PIPE)
    assert "--log-format json build --select x" in run.communicate(timeout=60)[0] and run.returncode == code


def test_verbose_shows_dbts_own_lines(progress):
    run = progress("print('1 of 9 OK', *sys.argv[1:])", stdout=subprocess.PIPE, env={**os.environ, "VERBOSE": "1"})
    assert run.communicate(timeout=60)[0] == "1 of 9 OK build --select x\n"


def test_ctrl_c_reaches_dbt_once_and_ends_in_one_line(progress):
    """dbt says how often it was interrupted by its exit code."""
    mine, theirs = pty.openpty()
    script = """
hits = 0
def hit(*_):
    global hits
    hits += 1
signal.signal(signal.SIGINT, hit)
print('ready', flush=True)
end = time.time() + 20
while time.time() < end and not hits: time.sleep(0.05)
time.sleep(0.5)
print('{"info": {"name": "MainEncounteredError", "msg": "interrupted", "level": "error"}, "data": {}}', flush=True)
sys.exit(40 + hits)
"""

    def as_a_shell_starts_it():
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where the tests themselves run in the background

    run = progress(
        script, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=as_a_shell_starts_it
    )
    os.close(theirs)
    shown = read_until(mine, "ready")
    os.write(mine, b"\x03")
    shown += read_until(mine, None)
    assert run.wait(timeout=30) == 41
    assert shown.splitlines()[-1].split("\x1b[2K")[-1].strip().startswith("stopped after 0:0")
    assert "Traceback" not in shown and "interrupted" not in shown


def read_until(terminal, word):
    """What a terminal shows until a word, or to its end."""
    shown, end = "", time.monotonic() + 30
    while time.monotonic() < end and (word is None or word not in shown):
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:
            break
    return shown


def wait_until_ready(run):
    for line in run.stdout:
        if "ready" in line:
            return
    pytest.fail("dbt ended before it was ready")


def test_a_killed_dbt_is_told_and_a_signal_is_passed_on(progress):
    run = progress("print('ready', flush=True); time.sleep(20)", stdout=subprocess.PIPE)
    wait_until_ready(run)
    run.send_signal(signal.SIGTERM)
    assert "stopped after" in run.communicate(timeout=30)[0] and run.returncode != 0


def test_a_signal_that_is_ignored_stays_ignored(progress):
    """As under nohup."""
    script = "signal.alarm(20); print('ready', flush=True); time.sleep(1); print('whole', flush=True)"
    run = progress(script, stdout=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_until_ready(run)
    run.send_signal(signal.SIGHUP)
    assert "whole" in run.communicate(timeout=30)[0] and run.returncode == 0


# --- The real dbt -------------------------------------------------------------------------------------------------------

PROJECT = {
    "dbt_project.yml": "name: tiny\nprofile: tiny\nmodels: {tiny: {+materialized: table}}\n"
                       "flags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": "tiny: {target: dev, outputs: {dev: {type: duckdb, path: tiny.duckdb}}}\n",
    "models/good.sql": "select 1 as one",
    "models/bad.sql": "select no_such_column from {{ ref('good') }}",
    "models/after.sql": "select * from {{ ref('bad') }}",
    "models/models.yml": """
models: [{name: good, columns: [{name: one, data_tests: [{accepted_values: {arguments: {values: [2]}, config: {severity: warn}}}]}]}]
unit_tests:
  - {name: one_is_one, model: good, given: [], expect: {rows: [{one: 1}]}}
  - {name: one_is_two, model: good, given: [], expect: {rows: [{one: 2}]}, config: {enabled: false}}
""",
}  # fmt: skip


def test_a_build_by_the_real_dbt_is_understood(tmp_path, project_root):
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "tools.progress", "--project-dir", tmp_path, "--profiles-dir", tmp_path, "--target-path", tmp_path,
         "--log-path", tmp_path, "--threads", "1"],
        cwd=project_root, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 1, run.stdout
    assert "✗ model main.bad broke" in run.stdout and "no_such_column" in run.stdout
    assert "● test accepted_values_good_one__2 warns: 1 row\n" in run.stdout
    assert " 100%  5 of 5 " in run.stdout  # a unit test counts once
    assert "✗ dbt: 5 steps, 1 warned, 1 failed, 1 skipped" in run.stdout
    assert run.stderr == "" and "Traceback" not in run.stdout
