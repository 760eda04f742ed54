"""Install the dbt packages of packages.yml into dbt_packages/.

From the package hub where it answers (`dbt deps`, at the versions of package-lock.yml), else from compat/, which holds
our own package of the same name and interface. DBT_PACKAGE_HUB_URL names a mirror of the hub and
DBT_PACKAGES_INSTALL_PATH another folder, as dbt itself has it.

`dbt deps` empties its folder before it downloads, so it runs in a throw-away project; what is installed is replaced only
by a complete set.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DBT = Path(sys.executable).with_name("dbt")
SOURCES = ("auto", "hub", "compat")
SOURCE_MARK = ".source"  # the file in dbt_packages/ that says where they came from
DEFAULT_HUB = "https://hub.getdbt.com/"
ANSWER_SECONDS = 3
PROBE = "import requests, sys; requests.get(sys.argv[1], stream=True).raise_for_status()"
THROW_AWAY_PROJECT = """\
name: packages_only
packages-install-path: "{packages}"
flags:
  send_anonymous_usage_stats: false
"""


class HubFailed(Exception):
    """The hub gave no packages; the message says why, on one line."""


def main():
    options = read_options()
    install_path = Path(PROJECT, os.environ.get("DBT_PACKAGES_INSTALL_PATH", "dbt_packages"))
    install_path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=install_path.parent, prefix=f".{install_path.name}-") as scratch:
        try:
            packages, source = fetch(options.source, Path(scratch), options.time_limit)
        except HubFailed as reason:
            return f"dbt packages: {reason}. What was installed before is untouched; DBT_UTILS=compat needs no hub."
        (packages / SOURCE_MARK).write_text(source + "\n")
        swap_in(packages, install_path, Path(scratch, "replaced"))
    print(f"dbt packages: installed from {source}")


def read_options():
    parser = argparse.ArgumentParser(description="Install the dbt packages of packages.yml into dbt_packages/.")
    parser.add_argument(
        "--from",
        dest="source",
        choices=SOURCES,
        default=os.environ.get("DBT_UTILS") or "auto",
        help="the hub, our stand-in in compat/, or the first of the two that works (default: $DBT_UTILS, else auto)",
    )
    parser.add_argument("--time-limit", type=float, default=30, help="seconds `dbt deps` may take (default: 30)")
    options = parser.parse_args()
    if options.source not in SOURCES:
        parser.error(f"DBT_UTILS must be one of {', '.join(SOURCES)}, not '{options.source}'")
    return options


def fetch(source, scratch, time_limit):
    """Return a folder inside `scratch` that holds a complete set of packages, and in words where it came from."""
    if source == "compat":
        return copy_compat(scratch), "compat/"
    try:
        return download(scratch, hub_url(), time_limit), hub_url()
    except HubFailed as reason:
        if source == "hub":
            raise
        return copy_compat(scratch), f"compat/, because {reason}"


def copy_compat(scratch):
    return Path(shutil.copytree(PROJECT / "compat", scratch / "copied"))


def hub_url():
    """With the slash at its end, which dbt expects of the variable but does not add."""
    return (os.environ.get("DBT_PACKAGE_HUB_URL") or DEFAULT_HUB).rstrip("/") + "/"


def download(scratch, hub, time_limit):
    """Run `dbt deps` in a throw-away project. Raises HubFailed."""
    if not DBT.exists():
        raise HubFailed("this Python has no dbt beside it (.venv/bin/python has)")
    check_that_hub_answers(hub)
    project, packages = scratch / "project", scratch / "downloaded"
    project.mkdir()
    (project / "dbt_project.yml").write_text(THROW_AWAY_PROJECT.format(packages=packages))
    for name in ("packages.yml", "package-lock.yml"):
        shutil.copy(PROJECT / name, project)
    try:
        run = subprocess.run(
            [DBT, "--quiet", "--no-use-colors", "deps"],
            cwd=project,
            env={**os.environ, "DBT_PACKAGE_HUB_URL": hub},
            timeout=time_limit,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise HubFailed(f"{hub} took longer than {time_limit:g} s") from None
    if run.returncode != 0:
        raise HubFailed(f"dbt deps failed with {hub}: {last_message(run.stdout + run.stderr)}")
    return packages


def check_that_hub_answers(hub):
    """A closed door costs `dbt deps` 20 s of retries; ask first, through the proxy and certificates dbt would use.

    In a process of its own, because nothing inside Python bounds the time of a name look-up. Raises HubFailed.
    """
    try:
        subprocess.run(
            [sys.executable, "-c", PROBE, f"{hub}api/v1/index.json"],
            timeout=ANSWER_SECONDS,
            check=True,
            capture_output=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise HubFailed(f"{hub} does not answer") from None


def last_message(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1].split("Error: ")[-1] if lines else "no message"


def swap_in(new, installed, replaced):
    """Two renames on one file system, so that no reader finds a half-filled folder."""
    if installed.exists():
        installed.rename(replaced)
    try:
        new.rename(installed)
    except OSError:
        if replaced.exists():
            replaced.rename(installed)
        raise


if __name__ == "__main__":
    sys.exit(main())
