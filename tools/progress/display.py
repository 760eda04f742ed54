"""How a build is shown: a line that moves on a terminal, a line every tenth elsewhere, and what went wrong as it comes."""

import time

from tools.progress.advice import advise, first_words

STEPS = 10  # lines of progress where there is no terminal
FRAME_SECONDS = 0.1
BAR = 20  # columns


class Display:
    """Prints to a Console. `clock` gives seconds."""

    def __init__(self, console, clock=time.monotonic):
        self.console, self.clock = console, clock
        self.started = clock()
        self.drawn_at, self.has_line, self.step = 0.0, False, 0

    def note(self, text):
        """A line that stays."""
        self.clear()
        self.console.print(f"  {text}")

    def trouble(self, trouble):
        """A warning or a failure, in full, with what to do about it."""
        self.clear()
        sign, colour = ("●", "yellow") if trouble.is_warning else ("✗", "red")
        advice = advise(trouble.message or trouble.headline)
        if not trouble.message:
            self.console.print(f"  {self.console.paint(sign, colour)} {trouble.headline}")
        elif advice:
            self.console.print(f"  {self.console.paint(sign, colour)} {trouble.headline}: {first_words(trouble.message)}")
        else:
            self.console.print(f"  {self.console.paint(sign, colour)} {trouble.headline}:")
            for line in trouble.message.strip().splitlines():
                self.console.print(f"      {line}".rstrip())
        if advice:
            self.console.print(f"    {self.console.paint('→', 'cyan')} {advice}")

    def progress(self, build):
        """Show how far the build is, as often as somebody can read it."""
        if not self.console.is_terminal:
            self.print_step(build)
        elif self.clock() - self.drawn_at >= FRAME_SECONDS:
            self.draw(build)

    def print_step(self, build):
        step = int(build.share * STEPS)
        if build.done and step > self.step:
            self.step = step
            self.console.print(f"  {build.share:4.0%}  {build.done:,} of {build.total:,}  {self.elapsed()}  {build.layer}")

    def draw(self, build):
        """The moving line, never wider than the terminal."""
        full = round(build.share * BAR)
        counts = f"{build.share:4.0%}  {build.done:,}/{build.total:,}  {self.elapsed()}"
        now = ", ".join(name for name in build.running.values())
        line = f"  {'█' * full}{'░' * (BAR - full)} {counts}  {build.layer:<9}  {now}"
        if self.console.width < 60:
            line = f"  {counts}  {build.layer}"
        self.clear()
        self.console.print(shortened(line, self.console.width - 1), end="")
        self.has_line, self.drawn_at = True, self.clock()

    def waiting(self, words):
        """The moving line before dbt has begun; where there is no terminal, a line once."""
        if self.console.is_terminal:
            self.clear()
            self.console.print(shortened(f"  {words} {self.elapsed()}", self.console.width - 1), end="")
            self.has_line = True

    def clear(self):
        if self.has_line:
            self.console.print("\r\x1b[2K", end="")
            self.has_line = False

    def elapsed(self):
        minutes, seconds = divmod(int(self.clock() - self.started), 60)
        return f"{minutes}:{seconds:02}"


def shortened(text, width):
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
