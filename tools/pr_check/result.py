"""What the check found, and whether that is a failure."""

from dataclasses import dataclass, field

from tools.pr_check import contracts, rows, scope


@dataclass
class Result:
    """Filled step by step; what a step did not reach is empty."""

    base: str = ""
    commit: str = ""
    files: int = 0
    data: str = "the small demo world"
    lint: list[str] = field(default_factory=list)
    parse: str = ""
    models: list[contracts.Change] = field(default_factory=list)
    sources: list[contracts.Change] = field(default_factory=list)
    build_all: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # tables whose own definition changed
    rebuilt: list[str] = field(default_factory=list)  # these and their children
    removed: list[str] = field(default_factory=list)  # tables that are no longer made
    counts: dict[str, int] = field(default_factory=dict)  # what was run, by kind
    broken: dict[str, str] = field(default_factory=dict)
    compared: list[rows.Compared] | None = None  # None: nothing to compare, or the build broke
    moves: list[rows.Move] = field(default_factory=list)
    readers: list[scope.Reader] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def failures(self) -> list[str]:
        """One line per kind of failure; none: the check passes."""
        found = []
        if self.parse:
            found.append("the project does not parse")
        if self.lint:
            found.append(f"lint: {count(len(self.lint), 'finding')}")
        for what, changes in [("contract", self.models), ("raw contract", self.sources)]:
            subjects = dict.fromkeys(change.subject for change in changes if change.is_breaking)
            if subjects:
                found.append(f"{what} broken without a new version: {', '.join(subjects)}")
        tests = [node for node in self.broken if node.split(".")[0] in ("test", "unit_test")]
        if tests:
            found.append(f"{count(len(tests), 'dbt test')} {'does' if len(tests) == 1 else 'do'} not hold")
        if len(self.broken) > len(tests):
            found.append(f"the build broke: {', '.join(node.split('.')[2] for node in self.broken if node not in tests)}")
        return found

    def differences(self) -> list[rows.Compared]:
        return [table for table in self.compared or [] if not table.is_same]


def count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"
