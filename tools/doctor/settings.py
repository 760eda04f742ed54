"""What the environment and dbt_project.yml say."""

import fcntl
import os

from tools.doctor.finding import first_line, nearest_folder, ok, problem, warning

KEY = "DBT_ENV_SECRET_CONTACT_HASH_KEY"
TIMES = ("as_of", "rework_from", "rework_until")  # the build itself reads them in the words of the engine


def store_file(place):
    """Whether the file can be written, and nobody else has it open. It is not opened as a database: that would write to it."""
    folder, file = nearest_folder(place.store.parent), place.shown(place.store)
    if not place.store.exists():
        if os.access(folder, os.W_OK):
            return ok("store file", f"{file} will be made")
        return problem("store file", f"{place.shown(folder)} cannot be written", "set FEATURE_STORE_DB to another folder's")
    if not os.access(place.store, os.W_OK) or not os.access(folder, os.W_OK):
        return problem("store file", f"{file} cannot be written", "change its rights, or set FEATURE_STORE_DB to another")
    with open(place.store, "r+b") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return problem("store file", f"another process has {file} open", "wait for it or close it before you build")
    return ok("store file", f"{file} can be written, and nobody else has it open")


def key(place):
    if os.environ.get(KEY):
        return ok("key", f"{KEY} is set")
    if place.is_demo:
        return ok("key", "the demo key, which is fine for the demo world")
    return warning("key", "e-mail addresses would be hashed with the demo key, which everybody can read", f"set {KEY}")


def switches(place):
    """The switches as a build would take them: by its own macro."""
    import duckdb
    from expectations.macros import Macros, RawProblem

    profile = place.read_yaml("profiles/profiles.yml")["attribution_feature_store"]
    chosen = place.read_yaml("dbt_project.yml")["vars"]
    try:
        Macros(duckdb.connect(), place.raw_dir, {**chosen, **dict.fromkeys(TIMES)}).check_switches()
    except RawProblem as why:
        return problem("switches", first_line(why), "dbt_project.yml lists them, and what they may be")
    now = chosen["as_of"] or "follows the data"
    return ok("switches", f"{len(chosen)} vars can be read; target {profile['target']}; as_of {now}")


CHECKS = [store_file, key]
CHECKS_OF_THE_ENVIRONMENT = [switches]
