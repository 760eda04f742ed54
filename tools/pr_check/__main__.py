"""What would this change do? The working tree against a base, on the demo world.

    .venv/bin/python -m tools.pr_check [--base main] [--out target/pr_check] [--raw folder]

The head is the working tree as it is, the base the commit where it left BASE. Lints the changed SQL, parses both, compares
contracts, builds the base on the small demo world, and then, in a copy of that store, only what changed and its children,
with their dbt tests. Compares gold row by row, names who reads what changes, and writes all of it to {out}/comment.md.

Exit code 0: it may be merged, whatever the rows say; 1: lint, parse, a contract or the build fails, or the check cannot run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tools.pr_check.check import check
from tools.pr_check.comment import as_markdown, as_text, could_not_run
from tools.pr_check.problem import Problem


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--base", default="main", help="branch, tag or commit to compare with")
    arguments.add_argument("--out", type=Path, default="target/pr_check", help="folder of comment.md")
    arguments.add_argument("--raw", type=Path, help="raw files to build from, instead of the small demo world")
    chosen = arguments.parse_args()
    comment = chosen.out.resolve() / "comment.md"
    comment.parent.mkdir(parents=True, exist_ok=True)
    comment.unlink(missing_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="pr_check-") as scratch:
            result = check(chosen.base, comment.parent, Path(scratch).resolve(), chosen.raw and chosen.raw.resolve())
    except Problem as problem:
        comment.write_text(could_not_run(str(problem)))
        print(f"pr_check: {problem}", file=sys.stderr)
        return 1
    comment.write_text(as_markdown(result))
    print(f"\n{as_text(result)}\nComment: {comment}")
    return 1 if result.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
