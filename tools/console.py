"""What programs print for people: colours, signs and widths that suit the terminal, and plain text where there is none.

NO_COLOR (any value) takes colours away, CLICOLOR_FORCE or FORCE_COLOR (not 0) brings them where there is no terminal,
COLUMNS sets the width. Without a terminal the width is 80. Needs nothing but Python, whichever 3 it is: `make doctor` uses
it before anything is installed.
"""

import os
import shutil
import sys
import textwrap

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
# What stands for a sign where the terminal cannot show it.
PLAIN = {"●": "*", "○": "o", "✓": "+", "✗": "x", "█": "#", "░": ".", "–": "-", "…": "...", "→": "->", "×": "x"}
WIDEST = 100  # longer lines are hard to read


class Console:
    """Prints to a stream what it can show."""

    def __init__(self, stream=None, environment=os.environ):
        self.stream = stream or sys.stdout
        self.is_terminal = self.stream.isatty()
        self.has_colours = wants_colours(self.is_terminal, environment)
        self.environment = environment

    @property
    def width(self):
        """Columns of the terminal as it is now, so that a resized window counts."""
        return int_or(self.environment.get("COLUMNS"), shutil.get_terminal_size().columns if self.is_terminal else 80)

    def paint(self, text, *styles):
        """The text in colours; the text alone where colours are not wanted."""
        if not (self.has_colours and styles and text):
            return text
        return f"\x1b[{';'.join(STYLES[style] for style in styles)}m{text}\x1b[0m"

    def print(self, text="", end="\n"):
        """Print with stand-ins for signs that the stream's encoding lacks."""
        encoding = self.stream.encoding or "ascii"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = "".join(PLAIN.get(sign, sign) for sign in text).encode(encoding, "replace").decode(encoding)
        print(text, end=end, file=self.stream, flush=True)

    def title(self, text, note=""):
        """A heading, and in the same line what to know about it where there is room."""
        self.print()
        room = min(self.width, WIDEST) - len(text) - 2
        self.print(self.paint(text, "bold") + (self.paint(f"  {note}", "dim") if note and len(note) <= room else ""))

    def text(self, text, indent=2):
        """A paragraph, wrapped."""
        for line in wrap(text, min(self.width, WIDEST) - indent):
            self.print(" " * indent + line)

    def entry(self, label, text, *styles, sign="●", label_width=11):
        """A sign and a label in colours, and beside them a text that wraps in its own column; below, where that is narrow."""
        room = min(self.width, WIDEST) - label_width - 4
        first = f"  {self.paint(sign, *styles)} "
        if room < 24:
            self.print(first + self.paint(label, "bold"))
            self.text(text, indent=4)
            return
        for line in wrap(text, room):
            self.print(first + self.paint(label.ljust(label_width), "bold") + line)
            first, label = " " * 4, ""

    def table(self, head, lines, left=1):
        """Columns as wide as they need to be, the first `left` to the left and the rest to the right; stacked where they do
        not fit: a line's first cell, and below it the others by their names."""
        cells = [[str(cell) for cell in line] for line in [head, *lines]]
        widths = [max(len(line[place]) for line in cells) for place in range(len(head))]
        if self.is_terminal and sum(widths) + 2 * len(widths) > self.width:
            for line in cells[1:]:
                self.print("  " + self.paint(line[0], "bold"))
                self.text(", ".join(f"{name} {cell}" for name, cell in zip(cells[0][1:], line[1:]) if cell != "–"), indent=4)
            return
        for number, line in enumerate(cells):
            aligned = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))]
            self.print("  " + self.paint("  ".join(aligned).rstrip(), *(["dim"] if number == 0 else [])))


def wants_colours(is_terminal, environment):
    """Whether to colour: no when NO_COLOR says so, yes when a FORCE does, else on a terminal that can."""
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in ("", "0") for name in ("CLICOLOR_FORCE", "FORCE_COLOR")):
        return True
    return is_terminal and environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"


def wrap(text, width):
    return textwrap.wrap(text, max(width, 16), break_long_words=False, break_on_hyphens=False) or [""]


def int_or(text, default):
    """A whole number above 0, else the default."""
    return int(text) if (text or "").isdecimal() and int(text) else default


def run(main):
    """Run a command's `main` and leave with its exit code; an interrupt or a reader who left early is no traceback."""
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
