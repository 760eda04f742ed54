"""Folders that are there as a whole or not at all, and the pointer that says which one to read.

A snapshot is a folder of files with a manifest.json. It is written under another name and renamed when it is complete, and it
never changes afterwards. current.json and the link `current` are replaced by a rename, so that a reader finds the old one or
the new one.
"""

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from tools.exports.tables import sha256, sha256_of_file

MANIFEST, POINTER, LINK, UNFINISHED = "manifest.json", "current.json", "current", ".writing"


@contextmanager
def one_at_a_time(out: Path):
    """Another export of the same folder waits for this one."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep_snapshot(place: Path, write, about: dict, name: str | None = None) -> tuple[Path, bool]:
    """The folder of a snapshot below `place`, and whether it had to be written.

    `write(folder)` makes the files and gives their entries in the manifest. With a name, a whole folder of that name is left
    as it is; without one the folder is named after what is in it.
    """
    if name and is_whole(place / name):
        return place / name, False
    unfinished = place / UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)  # left by an export that was killed
    unfinished.mkdir(parents=True)
    try:
        files = write(unfinished)
        folder = place / (name or sha256("".join(file["sha256"] for file in files).encode())[:12])
        if is_whole(folder):
            return folder, False
        (unfinished / MANIFEST).write_text(as_json({"format": 1, **about, "files": files}))
        shutil.rmtree(folder, ignore_errors=True)  # somebody changed or removed a file of it
        os.replace(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder, True


def is_whole(folder: Path) -> bool:
    """Whether every file that the manifest names is there with the bytes that were written."""
    try:
        files = json.loads((folder / MANIFEST).read_text())["files"]
        return all(sha256_of_file(folder / file["file"]) == file["sha256"] for file in files)
    except (OSError, ValueError, KeyError):
        return False


def point_to(place: Path, what: dict):
    """Replace the pointer, and the link for programs that want one path for ever; what is right already stays untouched."""
    pointer, link, text = place / POINTER, place / LINK, as_json(what)
    if not pointer.exists() or pointer.read_text() != text:
        fresh = place / f"{UNFINISHED}-{POINTER}"
        fresh.write_text(text)
        os.replace(fresh, pointer)
    if not link.is_symlink() or os.readlink(link) != what["folder"]:
        fresh = place / f"{UNFINISHED}-{LINK}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(what["folder"])
        os.replace(fresh, link)


def prune(place: Path, keep: int, current: Path):
    """Remove the oldest snapshots; the one that is read stays. Folders without a manifest are somebody else's."""
    others = [path.parent for path in place.glob(f"*/{MANIFEST}") if path.parent not in (current, place / LINK)]
    others.sort(key=lambda folder: ((folder / MANIFEST).stat().st_mtime_ns, folder.name), reverse=True)
    for folder in others[keep - 1 :]:
        shutil.rmtree(folder)


def as_json(content: dict) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=as_text) + "\n"


def as_text(value):
    """Instants are UTC."""
    return value.isoformat(timespec="microseconds") + "Z" if hasattr(value, "hour") else str(value)
