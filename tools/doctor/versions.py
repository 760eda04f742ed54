"""Whether what is installed is what the locks say."""

import importlib.metadata
import os
import re
import subprocess
from pathlib import Path

from tools.doctor.finding import ok, problem, warning

NAMED = ("duckdb", "dbt-core", "dbt-duckdb")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s\\;]+)", re.MULTILINE)


def environment(place):
    """The stamp in .venv is named after the checksum of the lock it was made from, as the Makefile does it."""
    if not (place.root / ".venv").exists():
        return warning("environment", "no .venv yet", "run make build, which makes it; the checks that need it are left out")
    checksum = subprocess.check_output(["cksum", "requirements.lock"], cwd=place.root, text=True).split()[0]
    if not (place.root / ".venv" / f".lock-{checksum}").exists():
        return warning("environment", ".venv is not of this requirements.lock", "run make build, which sets it up anew")
    return ok("environment", ".venv is of this requirements.lock")


def packages(place):
    """Every pinned version against the one that is installed."""
    pinned = dict(PIN.findall((place.root / "requirements.lock").read_text()))
    wrong = [
        f"{name} {installed(name) or 'missing'}, not {version}"
        for name, version in pinned.items() if installed(name) != version
    ]  # fmt: skip
    if wrong:
        return problem("packages", "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""),
                       "rm -r .venv && make build sets it up from the lock")
    named = ", ".join(f"{name} {pinned[name]}" for name in NAMED)
    return ok("packages", f"{named} and {len(pinned) - len(NAMED)} more are those of the lock")


def installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def dbt_packages(place):
    mark = place.root / os.environ.get("DBT_PACKAGES_INSTALL_PATH", "dbt_packages") / ".source"
    if not mark.exists():
        return warning("dbt packages", "not there yet", "run make build, which installs them")
    return ok("dbt packages", f"from {Path(mark).read_text().strip()}")


CHECKS = [environment, dbt_packages]
CHECKS_OF_THE_ENVIRONMENT = [packages]
