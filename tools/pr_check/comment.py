"""The result as a Markdown comment: the verdict first, everything that may be long folded away."""

from collections.abc import Iterable
from dataclasses import replace

from tools.pr_check.result import Result, count
from tools.pr_check.rows import MOVES, Compared, Move, moved_by_model

MARKER = "<!-- attribution feature store: pull-request check -->"  # by which the workflow finds its earlier comment
LONGEST = 20  # lines of any list


def verdict(result: Result) -> str:
    """The first line, without Markdown."""
    failures = result.failures()
    if failures:
        listed = "; ".join(failures)
        return f"Fails. {listed[0].upper()}{listed[1:]}. {_what_changes(result)}".strip()
    return f"Passes. {_what_changes(result) or 'No table changes.'}"


def _what_changes(result: Result) -> str:
    if not (result.rebuilt or result.removed or result.models or result.sources):
        return ""
    differing = ", ".join(table.table for table in result.differences())
    gold = f"; gold differs in {differing}" if differing else "; gold stays as it is"
    tables = f"{count(len(result.changed), 'table')} changed, {len(result.rebuilt)} built again"
    tables += f", {len(result.removed)} no longer made" if result.removed else ""
    return f"{tables}{'' if result.compared is None else gold}."


def as_markdown(result: Result) -> str:
    """The whole comment."""
    word, rest = verdict(result).split(" ", 1)
    parts = [f"**{word}** {rest}", _compared_with(result)]
    parts += [_failing(result), _contracts(result), _credits(result), _gold(result), _readers(result), _built(result)]
    parts += [f"> {note}" for note in result.notes]
    return "\n\n".join(part for part in parts if part) + f"\n\n{MARKER}\n"


def as_text(result: Result) -> str:
    """What a person at a terminal wants to know at once; the comment has the rest."""
    lines = [*_failures(result)[:5]]
    lines += [f"{change.subject}: {change.detail}" for change in (*result.models, *result.sources) if change.is_breaking]
    lines += [
        f"{table.table}: {table.added:,} added, {table.removed:,} removed, {table.changed_rows:,} changed"
        for table in result.differences()
    ]
    lines += [
        f"{move.attribution_model} gives {move.channel} {move.points * 100:+.1f} points of {move.conversion_type} credit"
        f" ({move.context_policy})"
        for move in result.moves[:3]
    ]
    if result.readers:
        lines.append("read by: " + ", ".join(f"{reader.label} ({reader.owner})" for reader in result.readers))
    return "\n".join([verdict(result), *(f"  {line}" for line in lines)])


def could_not_run(problem: str) -> str:
    return f"**Fails.** The check could not run: {problem}.\n\n{MARKER}\n"


def _compared_with(result: Result) -> str:
    files = count(result.files, "file")
    return f"Against `{result.base}` ({result.commit[:10]}), {files} changed. Rows are those of {result.data}."


def _failures(result: Result) -> list[str]:
    broken = [f"{_name(node)}: {message}" for node, message in result.broken.items()]
    return [*([result.parse] if result.parse else []), *result.lint, *broken]


def _failing(result: Result) -> str:
    lines = _failures(result)
    return _folded("What fails", "\n".join(_bullets(lines)), is_open=True) if lines else ""


def _name(unique_id: str) -> str:
    kind, *names = unique_id.split(".")
    return f"{kind.replace('_', ' ')} {names[1]}" if len(names) > 1 else unique_id


def _contracts(result: Result) -> str:
    changes = [*result.models, *result.sources]
    if not changes:
        return ""
    lines = [[change.subject, change.detail, "**yes**" if change.is_breaking else "no"] for change in changes]
    breaking = sum(change.is_breaking for change in changes)
    table = _table(["contract", "what changes", "breaking"], lines)
    hint = "\n\nHow to make a breaking change: docs/pull_requests.md, \"A breaking change\"." if breaking else ""
    return _folded(f"Contracts: {count(len(changes), 'change')}, {breaking} breaking", table + hint, is_open=bool(breaking))


def _credits(result: Result) -> str:
    if not result.moves:
        return ""
    by_model: dict[tuple[str, str, str], list[str]] = {}
    for (kind, policy, model), share in moved_by_model(result.moves).items():
        by_model.setdefault((kind, model, f"{share:.1%}"), []).append(policy)
    moved = [[kind, ", ".join(policies), model, share] for (kind, model, share), policies in by_model.items()]
    moves = _policies_joined(result.moves)
    largest = [_move(move) for move in moves[:MOVES]]
    body = _table(["conversion type", "policy", "model", "credit that moves"], moved)
    body += "\n\n" + _table(["conversion type", "policy", "model", "channel", "before", "after", "points", "revenue"], largest)
    body += _more(len(moves) - MOVES, "smaller move")
    return _folded("What this would do to the credits: " + _headline(result.moves[0]), body, is_open=True)


def _policies_joined(moves: list[Move]) -> list[Move]:
    """One move where both context policies say the same."""
    joined: dict[tuple, list[Move]] = {}
    for move in moves:
        same = (move.conversion_type, move.attribution_model, move.channel, move.before, move.after)
        joined.setdefault(same, []).append(move)
    return [replace(moves[0], context_policy=", ".join(sorted(move.context_policy for move in moves))) for moves in joined.values()]


def _headline(move: Move) -> str:
    shares = f"{_share(move.before)} → {_share(move.after)}"
    return f"{move.channel} by {move.attribution_model} {shares} of {move.conversion_type} credit"


def _move(move: Move) -> list[str]:
    return [
        move.conversion_type, move.context_policy, move.attribution_model, move.channel, _share(move.before),
        _share(move.after), f"{move.points * 100:+.2f}", f"{move.revenue:+,.0f}",
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _gold(result: Result) -> str:
    if result.compared is None:
        return ""
    differing = result.differences()
    if not differing:
        return ""
    lines = [
        [table.table, *(f"{number:,}" for number in _counts(table)), _by_column(table)]
        for table in differing
    ]  # fmt: skip
    body = _table(["table", "rows before", "after", "added", "removed", "changed", "changed by column"], lines)
    examples = [f"{table.table} by {', '.join(table.key)}: {_examples(table)}" for table in differing if table.examples]
    if examples:
        body += "\n\nFor example\n" + "\n".join(_bullets(examples))
    return _folded(f"Rows of gold: {len(differing)} of {count(len(result.compared), 'promised table')} differ", body)


def _counts(table: Compared) -> tuple[int, ...]:
    return (table.before, table.after, table.added, table.removed, table.changed_rows)


def _by_column(table: Compared) -> str:
    columns = sorted(table.changed.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {number:,}" for name, number in columns[:8]] + ([f"{len(columns) - 8} more"] if len(columns) > 8 else [])
    return ", ".join([*([table.note] if table.note else []), *shown]) or "–"


def _examples(table: Compared) -> str:
    return "; ".join(f"`{' / '.join('–' if value is None else value for value in key)}`" for key in table.examples)


def _readers(result: Result) -> str:
    if not result.readers:
        return ""
    lines = [[reader.label, reader.kind, reader.maturity, reader.owner, _some(reader.through)] for reader in result.readers]
    table = _table(["who reads it", "kind", "maturity", "owner", "through"], lines)
    names = ", ".join(reader.label for reader in result.readers)
    return _folded(f"Who reads what changes: {names}", table, is_open=True)


def _some(names: Iterable[str], most: int = 6) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _built(result: Result) -> str:
    if not result.rebuilt and not result.removed:
        return ""
    ran = ", ".join(count(number, kind.replace("_", " ")) for kind, number in result.counts.items()) or "nothing"
    lines = [f"changed: {_some(result.changed, 30) or 'nothing by itself'}", f"built again: {_some(result.rebuilt, 60) or 'nothing'}"]
    lines += [f"no longer made: {_some(result.removed, 30)}"] if result.removed else []
    body = "\n".join(_bullets(lines))
    if result.build_all:
        body += f"\n\nEverything was built again, because of {'; '.join(result.build_all)}."
    return _folded(f"Built and tested: {ran}", body)


def _table(head: list[str], lines: list[list[str]]) -> str:
    shown = [head, ["---"] * len(head), *([_cell(cell) for cell in line] for line in lines[:LONGEST])]
    return "\n".join(f"| {' | '.join(line)} |" for line in shown) + _more(len(lines) - LONGEST, "more line")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _bullets(lines: list[str]) -> list[str]:
    more = [f"- and {len(lines) - LONGEST} more"] if len(lines) > LONGEST else []
    return [f"- {line}" for line in lines[:LONGEST]] + more


def _more(number: int, word: str) -> str:
    return f"\n\nand {count(number, word)}" if number > 0 else ""


def _folded(summary: str, body: str, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>\n\n{body}\n\n</details>"
