"""Run `dbt build`, and show one line of progress; warnings and failures come in full, each with what to do.

    .venv/bin/python -m tools.progress --profiles-dir profiles [whatever else dbt build takes]

VERBOSE=1 shows dbt's own lines instead. dbt's whole log is in logs/dbt.log. The exit code is dbt's. Ctrl-C is passed on to
dbt: it takes back what it was at, and the next build makes good what was cut short.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tools.console import Console, run
from tools.dbt_runs import PROJECT_ROOT
from tools.progress.display import Display
from tools.progress.events import COLOURS, Build, Trouble, follow, read_event, trouble_of

DBT = Path(sys.executable).with_name("dbt")
READING = "dbt reads the project"
STOPPING = "stopping: dbt takes back what it was at"
TICK_SECONDS = 0.5


def main() -> int:
    arguments = sys.argv[1:]
    if os.environ.get("VERBOSE", "0") not in ("", "0"):
        os.execv(DBT, [str(DBT), "build", *arguments])
    return show_build([str(DBT), "--log-format", "json", "build", *arguments], Display(Console()))


def show_build(command, display):
    """Run dbt, show what it says, and give its exit code (128 and more when a signal ended it)."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", process_group=0,
        )  # fmt: skip
    except OSError as problem:
        display.trouble(Trouble(f"{command[0]} cannot be run ({problem.strerror}): run make build, which sets it up"))
        return 127
    stop = Stop(process)
    watch = Watch(display, stop)
    if not display.console.is_terminal:
        display.note(f"{READING}, a build from nothing takes a while")
    for line in lines_of(process):
        watch.line(line)
    return watch.end(process.wait())


def lines_of(process):
    """The lines of a process as they come; None when it says nothing for a moment, so that the clock goes on."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=TICK_SECONDS)
        except queue.Empty:
            yield None
            continue
        if not line:
            return
        yield line


class Stop:
    """Passes signals on to dbt, which is in a process group of its own and hears each only once. What was to be ignored
    (nohup) stays ignored. A second Ctrl-C ends dbt at once."""

    def __init__(self, process):
        self.process, self.asked = process, False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.pass_on)

    def pass_on(self, number, _frame):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if self.asked and number == signal.SIGINT else number)
        self.asked = True


class Watch:
    """What is known of the run so far, and what was shown of it."""

    def __init__(self, display, stop):
        self.display, self.stop = display, stop
        self.build, self.shown, self.failure = Build(), 0, None
        self.is_in_traceback = False

    def line(self, line):
        """One line of dbt's; None says that time has passed."""
        event = read_event(line) if line else None
        if event:
            self.event(*event)
        elif line and line.strip() and not self.stop.asked:
            self.foreign(line.rstrip())
        if self.stop.asked:
            self.display.waiting(STOPPING)
        elif self.build.total:
            self.display.progress(self.build)
        else:
            self.display.waiting(READING)

    def event(self, name, message, data, level):
        follow(self.build, name, data)
        if name == "JinjaLogInfo":
            self.display.note(message)
        elif name == "RunResultFailure":
            self.failure = message
        elif name == "RunResultError" and not message.strip().startswith("Got "):  # a test's rows were counted as it ended
            self.tell(Trouble(self.failure or "dbt", message))
        elif name == "SQLCompiledPath":
            self.display.note(f"  {self.failure}: {message.strip()}")
        else:
            self.tell(trouble_of(name, message, data, level))

    def tell(self, trouble):
        """Show a trouble; after Ctrl-C everything that breaks does so because it was told to."""
        if trouble and not self.stop.asked:
            self.shown += not trouble.is_warning
            self.display.trouble(trouble)

    def foreign(self, line):
        """A line that is no event: shown as it is, but of a traceback only the last line."""
        if line.startswith("Traceback (most recent call last)"):
            self.is_in_traceback = True
        elif not self.is_in_traceback:
            self.display.note(COLOURS.sub("", line))
            self.shown += 1
        elif not line.startswith(" "):
            self.is_in_traceback = False
            self.tell(Trouble("dbt stopped", line))

    def end(self, code):
        """The last line; gives the exit code."""
        self.display.clear()
        if self.stop.asked:
            self.display.note(f"stopped after {self.display.elapsed()}: the next make build makes good what was cut short")
            return code if code > 0 else 130
        if code < 0:
            self.tell(Trouble("dbt stopped", f"it was ended by signal {-code}{', MemoryError or by hand' * (code == -9)}"))
            return 128 - code
        if code and not self.shown:
            self.tell(Trouble(f"dbt ended with exit code {code} and no word why: see {log_file()}"))
        self.summary(code)
        return code

    def summary(self, code):
        """One line that says how much of the build there is, where dbt got as far as saying so."""
        stats, console = self.build.stats, self.display.console
        if not stats:
            return
        words = {"warn": "warned", "error": "failed", "skip": "skipped"}
        counts = [f"{self.build.done:,} steps", *(f"{stats[key]:,} {words[key]}" for key in words if stats.get(key))]
        sign = console.paint("✗", "red") if code else console.paint("✓", "green")
        console.print(f"  {sign} dbt: {', '.join(counts)} in {self.display.elapsed()}  ({log_file()}; VERBOSE=1 shows all)")


def log_file():
    return os.path.relpath(PROJECT_ROOT / "logs" / "dbt.log")


if __name__ == "__main__":
    run(main)
