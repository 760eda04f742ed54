"""The base as a folder of its own, and which files differ from it. The repository itself is only read."""

import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tools.pr_check.problem import Problem


@dataclass(frozen=True)
class Change:
    """What is compared: the commit where the work began, and the files in which the working tree differs from it."""

    base: str  # as it was asked for
    commit: str
    files: tuple[str, ...]  # of the project, without deleted ones
    deleted: tuple[str, ...]

    def touches(self, *places: str) -> list[str]:
        """Files in one of the places, changed or deleted: a folder ends with a slash, a file does not."""
        return [
            file for file in (*self.files, *self.deleted)
            if any(file == place or (place.endswith("/") and file.startswith(place)) for place in places)
        ]  # fmt: skip


def find_change(project: Path, base: str) -> Change:
    """Committed, staged and other changes alike, new files included: the head is the working tree as it is."""
    if _git(project, "rev-parse", "--is-inside-work-tree", check=False).strip() != "true":
        raise Problem(f"{project} is no git checkout: clone the project, or run git init and commit, to have a base")
    if not _git(project, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", check=False).strip():
        raise Problem(f"there is no base {base} here: name a branch, tag or commit (git fetch brings those of others)")
    commit = _git(project, "merge-base", base, "HEAD", check=False).strip()
    if not commit:
        raise Problem(f"{base} and this checkout have no commit in common: fetch the whole history (git fetch --unshallow)")
    differing = _lines(project, "diff", "--relative", "--name-only", "--no-renames", commit)
    untracked = _lines(project, "ls-files", "--others", "--exclude-standard")
    names = sorted({*differing, *untracked})
    there = tuple(name for name in names if (project / name).exists())
    return Change(base, commit, there, tuple(name for name in names if name not in there))


def copy_base(project: Path, commit: str, folder: Path) -> None:
    """The project's folder as it was at the commit. An archive, so that a run that is killed leaves no trace in git."""
    folder.mkdir(parents=True)
    with subprocess.Popen(["git", "archive", commit], cwd=project, stdout=subprocess.PIPE) as archive:
        with tarfile.open(fileobj=archive.stdout, mode="r|") as files:
            files.extractall(folder, filter="data")
    if archive.returncode:
        raise Problem(f"git could not write out {commit[:10]}")


def _lines(project: Path, *arguments: str) -> list[str]:
    return [line for line in _git(project, *arguments, "-z").split("\0") if line]


def _git(project: Path, *arguments: str, check: bool = True) -> str:
    try:
        run = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True)
    except FileNotFoundError:
        raise Problem("git is not installed") from None
    if check and run.returncode:
        raise Problem(f"git {arguments[0]} failed: {(run.stderr.strip().splitlines() or ['no message'])[-1]}")
    return run.stdout
