"""What a check finds."""

from collections import namedtuple

OK, WARNING, PROBLEM = "ok", "warning", "problem"

# status: ok, warning (works, but you should know) or problem (a build will not work); advice: what to do about it.
Finding = namedtuple("Finding", "status name text advice")


def ok(name, text):
    return Finding(OK, name, text, "")


def warning(name, text, advice):
    return Finding(WARNING, name, text, advice)


def problem(name, text, advice):
    return Finding(PROBLEM, name, text, advice)


def size_of(count):
    """Bytes in words: 1.5 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:,.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000


def first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


def nearest_folder(path):
    """The folder itself, or the nearest one above it that exists."""
    return next(folder for folder in [path, *path.parents] if folder.is_dir())
