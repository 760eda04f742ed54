"""What to do about what stopped a build, by what dbt and DuckDB say of it."""

import re

# The first that matches rules. {0} is what the pattern's group holds.
ADVICE = [
    (r"Could not set lock on file .*\(PID (\d+)\)",
     "another process (PID {0}) has the store open: wait for it or close it, or set FEATURE_STORE_DB to another file"),
    (r"Could not set lock on file", "another process has the store open: wait for it or close it"),
    (r"not a valid DuckDB database file",
     "FEATURE_STORE_DB names a file that is no DuckDB database: move it away, or name another"),
    (r"Trying to read a database file with version number",
     "the store was written by another version of DuckDB: move it away and build afresh, or use the version that wrote it"),
    (r"No space left on device|Out of Disk|disk is full|max_temp_directory_size",
     "the disk is full: free some space (make doctor says where) and run it again, nothing that was published is lost"),
    (r"Out of Memory|failed to allocate|could not allocate|MemoryError",
     "DuckDB ran out of memory: give it more (FEATURE_STORE_MEMORY=8GB), or fewer threads (FEATURE_STORE_THREADS=1)"),
    (r"Permission denied|read-only file system|Cannot open file",
     "a file cannot be opened: see that the store's folder can be written and the raw files read"),
    (r"required raw table|lacks the required column|is there in several formats",
     "models/bronze/_sources.yml lists what must be there; make raw-check RAW_DIR=… looks at every file"),
    (r"No magic bytes found|not a Parquet file|too small to be a Parquet|Invalid (?:JSON|unicode)|Sniffing|CSV Error",
     "a raw file cannot be read: it was cut short, or its name promises another format; deliver it again"),
    (r"^\s*vars? \w+ (?:is|and) ", "dbt_project.yml lists the switches, and what they may be"),
    (r"Could not find profile|profiles\.yml|dbt_packages|packages specified in packages\.yml",
     "run it with make build, which sets up packages and profile"),
]  # fmt: skip
NOISE = re.compile(
    r"^(Traceback|File \"|> in macro|> called by|LINE \d+:|\^|Possible solutions|\* |See also)"
    r"|^(Compilation|Runtime|Database) Error"
)


def advise(message):
    """What to do, in one line; nothing where nobody knows better than the message."""
    for pattern, words in ADVICE:
        found = re.search(pattern, message, re.MULTILINE)
        if found:
            return words.format(*found.groups())
    return ""


def first_words(message):
    """The line of dbt's message that says what broke."""
    lines = [line.strip() for line in message.splitlines()]
    telling = [line for line in lines if line and not NOISE.match(line)]
    return telling[0] if telling else next(filter(None, lines), "dbt said nothing")
