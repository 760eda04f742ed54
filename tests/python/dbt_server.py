"""dbt that has parsed the project once: every run is a fork of it, a process of its own with nothing left to parse.

Reads a JSON line per run, {"arguments": […], "environment": {…}, "output": file}, and answers with its exit code. The first
line that it writes says that the project is parsed. One parse serves all, so that
vars must rule neither which tables a model refers to nor any configuration.
"""

import gc
import json
import os
import signal
import sys
import time

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

NOTHING_IS_READ = ["--vars", "{raw_dir: nowhere}", "--no-partial-parse", "--no-write-json", "--log-level-file", "none"]


def main():
    seconds, scratch = int(sys.argv[1]), sys.argv[2]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    folders = ["--profiles-dir", "profiles", "--target-path", scratch, "--log-path", scratch]
    parsed = dbtRunner().invoke(["--quiet", "parse", *folders, *NOTHING_IS_READ])
    if not parsed.success:
        sys.exit(1)
    gc.disable()
    gc.freeze()
    print("parsed", file=answers, flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.alarm(seconds)
            run(parsed.result, **json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


def run(manifest, arguments, environment, output):
    """One run of dbt, and the end of this process. The store is closed before, so that DuckDB's log is written into its file."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    result = dbtRunner(manifest=manifest).invoke(arguments)
    DuckDBConnectionManager.close_all_connections()
    sys.stdout.flush()
    os._exit(0 if result.success else 2 if result.exception else 1)


if __name__ == "__main__":
    main()
