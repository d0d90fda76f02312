"""What the demo puts on the screen: steps, marks and a table; colours on a terminal only."""

import os
import shutil
import sys
import unicodedata


class Terminal:
    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.is_tty = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in os.environ
        self.width = shutil.get_terminal_size((80, 24)).columns if stream.isatty() else None

    def _paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.is_tty else text

    def bold(self, text):
        return self._paint("1", text)

    def dim(self, text):
        return self._paint("2", text)

    def good(self, text):
        return self._paint("32", text)

    def bad(self, text):
        return self._paint("1;31", text)

    def line(self, text=""):
        print(text, file=self.stream, flush=True)

    def title(self, text):
        self.line()
        self.line(self.bold(text))

    def step(self, text):
        self.line(f"{self._paint('36', '•')} {text}")

    def tell(self, text):
        for line in text.splitlines():
            self.line(f"    {line}")

    def mark(self, is_good):
        return self.good("✔") if is_good else self.bad("✘")

    def check(self, is_good, text):
        self.line(f"  {self.mark(is_good)} {text}")

    def table(self, headings, rows, aside):
        """A table; where it is too wide for the terminal, the column `aside` goes on a line of its own."""
        columns = list(range(len(headings)))
        widths = [max(_width(row[i]) for row in [headings, *rows]) for i in columns]
        narrow = self.width is not None and sum(widths) + 3 * len(widths) > self.width
        if narrow:
            columns.remove(aside)
        rule = "─".join("─" * (widths[i] + 2) for i in columns)
        self.line(self.dim(rule))
        self.line(self._row(headings, columns, widths, self.bold))
        self.line(self.dim(rule))
        for row in rows:
            self.line(self._row(row, columns, widths, lambda text: text))
            if narrow:
                self.line("   " + self.dim(row[aside]))
        self.line(self.dim(rule))

    def _row(self, cells, columns, widths, paint):
        def cell(i):
            text = cells[i] + " " * (widths[i] - _width(cells[i]))
            shown = paint(text)
            return shown.replace("✔", self.good("✔")).replace("✘", self.bad("✘"))
        return " " + "   ".join(cell(i) for i in columns)


def _width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
