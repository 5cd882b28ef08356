# SPDX-License-Identifier: MIT
"""sheet.py - an SVG picture of boxes, lines and words, for pictures.py.

It follows the reader's light or dark theme and needs no font of its own.
"""
from xml.sax.saxutils import escape

# class: (fill, line) in the light and in the dark theme
COLOURS = {
    "plain": (("#ffffff", "#57606a"), ("#161b22", "#8b949e")),
    "grey": (("#eaeef2", "#8c959f"), ("#21262d", "#6e7681")),
    "blue": (("#ddf4ff", "#0969da"), ("#0c2d6b", "#58a6ff")),
    "green": (("#dafbe1", "#1a7f37"), ("#04401f", "#3fb950")),
    "yellow": (("#fff8c5", "#9a6700"), ("#4b2900", "#d29922")),
    "red": (("#ffebe9", "#cf222e"), ("#67060c", "#f85149")),
}
THEMES = (("#ffffff", "#1f2328", "#57606a"), ("#0d1117", "#e6edf3", "#9da7b3"))
LINE = 16  # from one line of text to the next


def theme(index):
    """The style rules of the light (0) or dark (1) theme."""
    page, ink, faint = THEMES[index]
    rules = [f".page{{fill:{page}}}", f"text{{fill:{ink}}}", f".faint{{fill:{faint}}}",
             f".line{{stroke:{faint}}}", f".tip{{fill:{faint}}}"]
    rules += [f".{name}{{fill:{pair[index][0]};stroke:{pair[index][1]}}}"
              for name, pair in COLOURS.items()]
    return "".join(rules)


class Sheet:
    """A picture that is being drawn; (0, 0) is the top left corner."""

    def __init__(self, width, height, title):
        self.size = width, height
        self.title = title
        self.parts = []

    def text(self, x, y, words, anchor="start", style=""):
        """Lines of text; y is the base line of the first. Style: bold, faint, code."""
        for number, line in enumerate(words.split("\n")):
            self.parts.append(f'<text x="{x}" y="{y + LINE * number}" text-anchor="{anchor}"'
                              f' class="{style}">{escape(line)}</text>')

    def box(self, x, y, width, height, words, colour="plain"):
        """A box with its words in the middle; the first line is bold."""
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5"'
                          f' class="{colour}"/>')
        first, *rest = words.split("\n")
        top = y + height / 2 - LINE * len(rest) / 2 + 5
        self.text(x + width / 2, top, first, "middle", "bold")
        if rest:
            self.text(x + width / 2, top + LINE, "\n".join(rest), "middle")

    def arrow(self, *points, words="", at=None, anchor="middle"):
        """A line through points with a tip at its end; words are placed at `at`."""
        path = " ".join(f"{x},{y}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" class="line" marker-end="url(#tip)"/>')
        if words:
            self.text(*at, words, anchor, "faint")

    def svg(self):
        """The file."""
        width, height = self.size
        style = ("text{font:13px 'DejaVu Sans',Verdana,sans-serif}.bold{font-weight:bold}"
                 ".code{font-family:'DejaVu Sans Mono',monospace}"
                 ".line{fill:none;stroke-width:1.5}rect{stroke-width:1.5}.page{stroke:none}"
                 f"{theme(0)}@media(prefers-color-scheme:dark){{{theme(1)}}}")
        body = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
                f' width="{width}" height="{height}" role="img">\n'
                f"<title>{escape(self.title)}</title>\n<style>{style}</style>\n"
                '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
                ' markerHeight="7" orient="auto"><path d="M0,0 10,5 0,10z" class="tip"/>'
                "</marker></defs>\n"
                f'<rect width="{width}" height="{height}" class="page"/>\n{body}\n</svg>\n')
