"""Python, processors, memory, disks, language and time zone, git, and a browser for the tests of pages."""

import locale
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.doctor.finding import nearest_folder, ok, problem, size_of, warning

PYTHON = (3, 11)
STORE_BYTES = 3_000_000_000  # the default world's store, and as much again while it is written
LEAST_BYTES = 500_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def python(place):
    """The Python of .venv, or the one it would be made with, and whether that one can make it."""
    inside = place.root / ".venv" / "bin" / "python"
    found = str(inside) if inside.exists() else os.environ.get("PYTHON") or shutil.which("python3.11") or sys.executable
    try:
        asked = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3])"
        version = subprocess.check_output([found, "-c", asked], stderr=subprocess.DEVNULL, text=True, timeout=30).strip()
    except (OSError, subprocess.SubprocessError):
        return problem("python", f"{place.shown(found)} cannot make a virtual environment",
                       "install Python 3.11 with its venv module, or name one: make build PYTHON=…")
    if not version.startswith("%d.%d." % PYTHON):
        return problem("python", f"{version} at {place.shown(found)}", "install Python 3.11, or name one: make build PYTHON=…")
    return ok("python", f"{version} at {place.shown(found)}")


def cores(place):
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = place.setting("FEATURE_STORE_THREADS", "2")
    if not threads.isdecimal() or int(threads) < 1:
        return problem("cores", f"FEATURE_STORE_THREADS is '{threads}'", "set it to a whole number of 1 or more")
    if int(threads) > count:
        return warning("cores", f"{count}, and FEATURE_STORE_THREADS={threads}", f"set FEATURE_STORE_THREADS={count}")
    return ok("cores", f"{count}, of which DuckDB uses {threads} (FEATURE_STORE_THREADS)")


def memory(place):
    """What DuckDB may use beside what is free; above that, the system ends the build."""
    setting = place.setting("FEATURE_STORE_MEMORY", "4GB")
    limit, free = bytes_of(setting), free_memory()
    if limit is None:
        return problem("memory", f"FEATURE_STORE_MEMORY is '{setting}'", "set it to a size such as 4GB")
    if free is None:
        return ok("memory", f"DuckDB may use {setting} (FEATURE_STORE_MEMORY)")
    if limit > free:
        return warning("memory", f"{size_of(free)} free, and DuckDB may use {setting}",
                       f"set FEATURE_STORE_MEMORY={max(int(free * 0.7 / 1e9), 1)}GB, or close something")
    return ok("memory", f"{size_of(free)} free, of which DuckDB may use {setting} (FEATURE_STORE_MEMORY)")


def bytes_of(text):
    """4GB, 512MiB, … in bytes; None for what DuckDB would not read."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B\s*", text, re.IGNORECASE)
    return float(found.group(1)) * UNITS[found.group(2).upper()] if found else None


def free_memory():
    """Bytes that a process may still take here, in a container of its limit; None where nobody says."""
    free = []
    meminfo, limit, used = Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if meminfo.exists():
        found = re.search(r"MemAvailable:\s+(\d+) kB", meminfo.read_text())
        free += [int(found.group(1)) * 1024] if found else []
    if limit.exists() and used.exists() and limit.read_text().strip().isdecimal():
        free.append(int(limit.read_text()) - int(used.read_text()))
    return min(free, default=None)


def disk_of_store(place):
    folder = nearest_folder(place.store.parent)
    free = shutil.disk_usage(folder).free
    words = f"{size_of(free)} free below {place.shown(folder)}"
    if free < LEAST_BYTES:
        return problem("disk", words, "free some space, or set FEATURE_STORE_DB to a file on another disk")
    if free < STORE_BYTES:
        return warning("disk", words, f"enough for SIZE=small; the default world wants {size_of(STORE_BYTES)}")
    return ok("disk", words)


def disk_of_temporary_files(place):
    try:
        folder = tempfile.gettempdir()
    except OSError:
        return problem("temp", "no folder for temporary files can be written", "set TMPDIR to one that can")
    free = shutil.disk_usage(folder).free
    if free < LEAST_BYTES:
        return warning("temp", f"{size_of(free)} free below {folder}", "free some space, or set TMPDIR to another folder")
    return ok("temp", f"{size_of(free)} free below {folder}")


def language(place):
    """Nothing that is computed depends on language or time zone; what is shown, and names of files, may."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    where = f"{locale.setlocale(locale.LC_CTYPE)}, {encoding}, {time.tzname[0]}; times in the store are UTC wherever you are"
    if not sys.getfilesystemencoding().lower().startswith("utf"):
        return warning("language", where, "set LC_ALL=C.UTF-8: names of files with other letters cannot be read")
    return ok("language", where)


def git(place):
    """The revision is written to each published version."""
    try:
        revision, changed = (
            subprocess.check_output(["git", *words], cwd=place.root, stderr=subprocess.DEVNULL, text=True)
            for words in (["describe", "--always"], ["status", "--porcelain"])
        )
    except (OSError, subprocess.SubprocessError):
        return warning("git", "no repository, or no git", "versions that are published will not say of which code they are")
    count = len(changed.splitlines())
    return ok("git", f"{revision.strip()}, {f'{count} files changed' if count else 'nothing changed'}")


def browser(place):
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        return warning("browser", "no Chromium", "only make test wants one, for the tests of pages: install chromium")
    return ok("browser", f"{found}, for the tests of pages")


CHECKS = [python, cores, memory, disk_of_store, disk_of_temporary_files, language, git, browser]
