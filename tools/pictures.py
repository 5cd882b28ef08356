#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pictures.py - draws the pictures of docs/pictures.

Each picture is a function below that places boxes, lines and words on a sheet. The SVG files
follow the reader's light or dark theme and need no font of their own. To change a picture, change
its function and run this.
"""
import argparse
import pathlib
import sys
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


def column(sheet, x, y, width, rows):
    """Boxes on top of each other, with the address of the lower edge of each at its left."""
    for height, address, words, colour in rows:
        sheet.box(x, y, width, height, words, colour)
        y += height
        if address:
            sheet.text(x - 10, y + 4, address, "end", "code")


def address_map():
    """What lies where in every address space."""
    sheet = Sheet(980, 560, "The address map: user half and kernel half")
    sheet.text(340, 30, "user half: each program's own", "middle", "bold")
    sheet.text(175, 58, "0x8000_0000_0000", "end", "code")
    column(sheet, 185, 54, 310, (
        (70, "0x40_0000_0000", "more program memory\nSv48 only", "grey"),
        (80, "0x3f_c000_0000", "handle window, 1 GiB\n262 144 slots of a page\nleaves with U = 0",
         "blue"),
        (60, "0x3f_8000_0000", "info window, 1 GiB\none page, read-only, the same in all", "green"),
        (220, "0x1000", "program memory, 254 GiB\ntext, data, heap, stacks, shared memory,\n"
         "devices\nleaves with U = 1", "plain"),
        (36, "0x0", "page 0: never mapped", "red")))
    sheet.text(820, 30, "kernel half: the same in all", "middle", "bold")
    sheet.text(655, 58, "2^64", "end", "code")
    column(sheet, 665, 54, 300, (
        (56, "0xffffffffd0000000", "device pages of the kernel\ntest finisher", "yellow"),
        (80, "0xffffffffc0000000", "hart stacks: 16 KiB every 64 KiB\nthe pages between are not\n"
         "mapped", "yellow"),
        (100, "0xffffffff80000000", "kernel image, at most 2 MiB\ntext RX, rodata R, data RW\n"
         "with it: global page, info page,\nthe boot hart's page", "blue"),
        (50, "0xffffffff00000000", "not used", "grey"),
        (120, "0xffffffd000000000", "direct map, 188 GiB: RW, never X\nphysical 0 is at its start\n"
         "not in it: the image, what the\ntree reserves (firmware)", "green"),
        (60, "0xffffffc000000000", "never mapped: entries 256 to 319\nhold words of struct vas",
         "red")))
    sheet.text(30, 545, "Not to scale. The kernel half is drawn as Sv39 numbers it; under Sv48 the "
               "addresses are the same.", style="faint")
    return sheet


def state_bits(sheet):
    """The bits of the state word, from high to low."""
    sheet.text(30, 30, "the state word, at 0x200 of the executor page", style="bold")
    bits = (("EVENT", "0x80", "green"), ("OWNED", "0x40", "blue"), ("DEAD", "0x20", "red"),
            ("", "0x10", "grey"), ("", "0x08", "grey"), ("", "0x04", "grey"),
            ("PARKED", "0x02", "yellow"), ("STOPPED", "0x01", "yellow"))
    for number, (name, value, colour) in enumerate(bits):
        sheet.box(30 + 115 * number, 44, 115, 34, name, colour)
        sheet.text(87 + 115 * number, 96, value, "middle", "code")
    sheet.text(30, 124, "Reasons not to run: STOPPED, PARKED, DEAD. OWNED: a hart runs it, it is in "
               "the run queue, or its registers are in use.\nEVENT is no reason: the next park_if "
               "returns at once.", style="faint")


def state_word():
    """How an executor lives."""
    sheet = Sheet(980, 500, "The life of an executor, told by its state word")
    state_bits(sheet)
    sheet.box(40, 200, 190, 56, "new or stopped\nSTOPPED", "yellow")
    sheet.box(400, 200, 190, 56, "queued\nOWNED, in the run queue", "blue")
    sheet.box(760, 200, 180, 56, "running\nOWNED, on a hart", "blue")
    sheet.box(400, 310, 190, 56, "parked\nPARKED", "yellow")
    sheet.box(760, 420, 180, 56, "dead\nDEAD | OWNED", "red")
    sheet.box(360, 420, 230, 56, "buried\nthe page waits for its handles", "grey")
    sheet.arrow((230, 218), (400, 218), words="executor_start:\nstate_remove, enqueue",
                at=(315, 188))
    sheet.arrow((590, 218), (760, 218), words="a hart dequeues it", at=(675, 210))
    sheet.arrow((760, 240), (590, 240), words="yield, end of slice:\nkeeps OWNED", at=(675, 258))
    sheet.arrow((800, 256), (800, 338), (590, 338),
                words="park_if: state_park,\nlet go", at=(695, 312))
    sheet.arrow((495, 310), (495, 256), words="unpark: state_remove, enqueue", at=(487, 288),
                anchor="end")
    sheet.arrow((850, 200), (850, 165), (135, 165), (135, 200),
                words="executor_stop: state_add; its hart sees it and lets go", at=(620, 180))
    sheet.arrow((880, 256), (880, 420), words="terminate,\nfault", at=(890, 330),
                anchor="start")
    sheet.arrow((135, 256), (135, 395), (690, 395), (690, 435), (760, 435),
                words="terminate by another (of a parked one,\ntoo): state_claim, enqueue",
                at=(60, 412), anchor="start")
    sheet.arrow((760, 460), (590, 460), words="its owner: bury", at=(675, 480))
    return sheet


def frame_life():
    """Where a frame of RAM is in its life."""
    sheet = Sheet(980, 430, "The life of a frame")
    sheet.box(30, 40, 200, 66, "block never used\n512 frames, their entries\nnot yet written",
              "grey")
    sheet.box(30, 190, 200, 66, "free in its block\nglobal lists, under\nthe frame lock", "plain")
    sheet.box(380, 190, 200, 66, "dirty cache of a hart\nat most 32 frames,\nno lock", "green")
    sheet.box(380, 40, 200, 66, "zeroed cache of a hart\nat most 32 frames,\nno lock", "green")
    sheet.box(750, 100, 200, 90, "in use\ntype: USER, TABLE,\nVAS or EXECUTOR\nreferences > 0",
              "blue")
    sheet.box(750, 310, 200, 76, "gathered\nits leaf is gone, translations\nmay be left", "yellow")
    sheet.box(380, 310, 200, 76, "dead list of a hart\nVAS and EXECUTOR: waits\n"
              "until no hart looks at it", "red")
    sheet.arrow((130, 106), (130, 190), words="first use", at=(140, 153), anchor="start")
    sheet.arrow((230, 213), (380, 213), words="refill: 16", at=(305, 205))
    sheet.arrow((380, 237), (230, 237), words="full: 16 back", at=(305, 256))
    sheet.arrow((460, 190), (460, 106), words="an idle hart zeroes", at=(452, 153), anchor="end")
    sheet.arrow((580, 73), (665, 73), (665, 120), (750, 120), words="frame_take", at=(707, 112))
    sheet.arrow((580, 213), (665, 213), (665, 165), (750, 165),
                words="frame_take:\nzeroed first", at=(672, 205), anchor="start")
    sheet.arrow((870, 190), (870, 310), words="unmap,\nteardown", at=(880, 245), anchor="start")
    sheet.arrow((750, 330), (640, 330), (640, 237), (580, 237),
                words="USER: after the shoot, at\nthe last reference (many:\nstraight to their blocks)", at=(648, 262),
                anchor="start")
    sheet.arrow((750, 365), (580, 365), words="VAS, EXECUTOR:\nlast reference", at=(665, 384))
    sheet.arrow((480, 310), (480, 256), words="grace period over", at=(472, 290), anchor="end")
    sheet.arrow((850, 100), (850, 25), (480, 25), (480, 40),
                words="TABLE: empty means zero", at=(665, 18))
    return sheet


def syscall_path():
    """From ecall to sret."""
    sheet = Sheet(980, 600, "The path of a system call")
    sheet.box(30, 40, 220, 56, "program: ecall\nnumber in a7", "plain")
    sheet.box(30, 170, 220, 84, "trap_entry\nt6 and sscratch change places:\nt6 = the executor; then"
              "\njump by syscall_table", "blue")
    sheet.box(330, 30, 270, 84, "fast paths: no stack, no C\nyield: nobody is ready\n"
              "unpark: it is not parked\npark_if: the word differs", "green")
    sheet.box(330, 170, 270, 84, "save little\nra, sp, gp, tp, s0, pc; of most\n"
              "calls also a0 to a7; then\nload gp, tp, sp of the kernel", "blue")
    sheet.box(330, 310, 270, 56, "sys_<name>()\nin C, on the hart's stack", "yellow")
    sheet.box(690, 40, 230, 66, "sret to the caller\nsaved registers as they were,\n"
              "the others zero or its own", "green")
    sheet.box(690, 160, 230, 56, "status, 0 or below\na0, a1 from the function")
    sheet.box(690, 240, 230, 56, "LEAVE_RESULTS\na0 to a3 from the page")
    sheet.box(690, 320, 230, 66, "LEAVE_RESTART\npc stays on the ecall,\na6 says what is done")
    sheet.box(690, 410, 230, 66, "LEAVE_SWITCH\nsave s1 to s11: now all that a\n"
              "call of a function keeps")
    sheet.box(690, 510, 230, 56, "sched_leave()\nlet go or queue; take the next", "yellow")
    sheet.box(330, 510, 270, 56, "trap_resume\nsret to the executor that is next", "green")
    sheet.arrow((140, 96), (140, 170))
    sheet.arrow((250, 190), (290, 190), (290, 72), (330, 72))
    sheet.arrow((250, 220), (330, 220))
    sheet.arrow((465, 114), (465, 170), words="not so: the long way", at=(475, 147), anchor="start")
    sheet.arrow((465, 254), (465, 310))
    sheet.arrow((600, 72), (690, 72))
    for y in 188, 268, 353, 443:
        sheet.arrow((600, 338), (645, 338), (645, y), (690, y))
    for y in 188, 268, 353:
        sheet.arrow((920, y), (950, y), (950, 72), (920, 72))
    sheet.arrow((805, 476), (805, 510))
    sheet.arrow((690, 538), (600, 538))
    return sheet


PICTURES = {"address-map": address_map, "state-word": state_word, "frame-life": frame_life,
            "syscall-path": syscall_path}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--output", type=pathlib.Path, default=root / "docs/pictures",
                        metavar="FOLDER", help="where to write (default: docs/pictures)")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail if a file there is not what would be written")
    args = parser.parse_args()
    stale = []
    for name, draw in PICTURES.items():
        path = args.output / f"{name}.svg"
        if not args.check:
            path.write_text(draw().svg(), encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != draw().svg():
            stale.append(str(path))
    if stale:
        sys.exit("not up to date, run tools/pictures.py: " + " ".join(stale))


if __name__ == "__main__":
    main()
