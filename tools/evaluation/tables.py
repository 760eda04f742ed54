"""A small table of text: on the terminal, as HTML and as Markdown."""

import html
import textwrap
from dataclasses import dataclass

TEXT_WIDTH = 120  # of a note on the terminal


@dataclass(frozen=True)
class Table:
    """`head` and `rows` are cells of text, the first to the left; `note` says how to read it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def text(self) -> str:
        """For the terminal."""
        lines = [self.head, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.head))]
        drawn = [
            "  ".join(
                cell.rjust(width) if place else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        drawn.insert(1, "─" * (sum(widths) + 2 * len(widths) - 2))
        return "\n".join([self.title, *textwrap.wrap(self.note, TEXT_WIDTH), *drawn, ""])

    def html(self) -> str:
        """For the report's page."""
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in self.head)
        body = "\n".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows
        )
        note = f"<p>{html.escape(self.note)}</p>\n" if self.note else ""
        return (
            f"<h2>{html.escape(self.title)}</h2>\n{note}<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n"
            "</tbody></table>"
        )

    def markdown(self) -> str:
        """For the documentation."""
        lines = [f"## {self.title}", ""]
        lines += [self.note, ""] if self.note else []
        lines += ["| " + " | ".join(self.head) + " |", "|---" + "|--:" * (len(self.head) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join([*lines, ""])


def percent(share: float, digits: int = 1, sign: bool = False) -> str:
    """A share as text; – where it is not a number."""
    return "–" if share != share else f"{100 * share:{'+' if sign else ''}.{digits}f} %"
