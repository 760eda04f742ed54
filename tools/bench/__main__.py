"""Command line: `python -m tools.bench credit|identity|build|floor|report [options]`."""

import sys
from importlib import import_module

NAMES = ("credit", "identity", "build", "floor", "report")


def main(arguments: list[str]) -> int:
    """Hand on to `tools.bench.<name>.main`, loaded only now: what measures must itself be small."""
    if not arguments or arguments[0] not in NAMES:
        print(f"bench: say which: python -m tools.bench {'|'.join(NAMES)} [options]", file=sys.stderr)
        return 2
    try:
        return import_module(f"tools.bench.{arguments[0]}").main(arguments[1:])
    except (OSError, RuntimeError, ValueError) as error:
        print(f"bench {arguments[0]}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"bench {arguments[0]}: interrupted; finished cells are kept", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
