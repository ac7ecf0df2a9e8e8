"""Text and line ends in their order, gathered into paragraphs as a browser would show them."""

from __future__ import annotations

import re

from omnidesk.content import layout, marks, spans
from omnidesk.content.document import Block, Code, Paragraph
from omnidesk.content.spans import Atom
from omnidesk.content.styles import Look
from omnidesk.core.text import LINE_ENDS, printable

_BLANKS = re.compile(r"[ \t\n\r]+")
_ENDS = re.compile(f"[{LINE_ENDS}]")
_ENDS_KEPT = re.compile(f"\r\n?|[\n{LINE_ENDS}]")
_BLANKS_KEPT = re.compile(r"^ +| {2,}|\t")
KEPT = "\u00a0"  # a blank that was meant
_INDENT = re.compile(f"[ {KEPT}]*")
_COLUMNS = re.compile(f" ?{KEPT}[ {KEPT}]{{2,}}")


class Flow:
    """Collects what stands behind each other; :meth:`done` gives its blocks."""

    def __init__(self, *, formatting: bool) -> None:
        self.formatting = formatting
        self.blocks: list[Block] = []
        self.lines: list[list[Atom]] = [[]]
        self.ruled = self.attribution = False

    def text(self, text: str, look: Look, picture: str = "") -> None:
        """A piece of text; blanks are folded unless its look keeps them."""
        if look.unseen or look.size_zero:
            return
        ends = _ENDS_KEPT if look.kept else _ENDS
        for number, part in enumerate(ends.split(text)):
            if number:
                self.end_line()
            self._piece(marks.free(printable(part)), look, picture)

    def _piece(self, text: str, look: Look, picture: str) -> None:
        if look.kept == "all":
            text = _BLANKS_KEPT.sub(lambda found: KEPT * (8 if found[0] == "\t" else len(found[0])), text)
        else:
            text = _BLANKS.sub(" ", text)
            if text[:1] == " " and (not self.lines[-1] or self.lines[-1][-1].text[-1:] == " "):
                text = text[1:]
        if text:
            self.lines[-1].append(Atom(text, look, picture))

    def end_line(self) -> None:
        """A line end that was written: two in a row leave a blank line."""
        self.lines.append([])

    def edge(self) -> None:
        """Where a block begins or ends: what follows stands on a new line."""
        if self.lines[-1]:
            self.lines.append([])

    def apart(self) -> None:
        """Where a paragraph ends."""
        lines, self.lines = self.lines, [[]]
        group: list[list[Atom]] = []
        for line in [*lines, []]:
            if _is_blank(line):
                if group:
                    self._paragraph(group)
                group = []
            else:
                group.append(line)

    def add(self, *blocks: Block) -> None:
        """Blocks of another kind."""
        self.apart()
        self.blocks += blocks

    def done(self) -> list[Block]:
        """All of it."""
        self.apart()
        return self.blocks

    def _paragraph(self, lines: list[list[Atom]]) -> None:
        typed = ["".join(atom.text for atom in line).replace(KEPT, " ").rstrip() for line in lines]
        if self._is_code(lines, typed):
            before = self.blocks[-1] if self.blocks else None
            if isinstance(before, Code) and not self.ruled:  # a blank line within it
                before.lines += ["", *typed]
            else:
                self.blocks.append(Code(typed))
            return
        shown = [_line(line, self.formatting) for line in lines]
        shown = [line for line in shown if line.strip(KEPT)]
        if shown:
            self.blocks.append(Paragraph(shown, self.ruled, self.attribution))
            self.ruled = self.attribution = False

    def _is_code(self, lines: list[list[Atom]], typed: list[str]) -> bool:
        """Whether indents and columns were kept because they mean something, in text that is nothing else."""
        atoms = [atom for line in lines for atom in line]
        if len(lines) < 2 or not any(KEPT in atom.text for atom in atoms):
            return False
        if any(atom.picture or atom.look.link for atom in atoms):
            return False
        if all(atom.look.code for atom in atoms):
            return True
        if any(atom.look.bold or atom.look.italic or atom.look.strike for atom in atoms):
            return False
        return layout.is_drawn(typed) or (layout.is_aligned(typed) and layout.is_code(typed))


def _is_blank(line: list[Atom]) -> bool:
    return all(not atom.picture and not atom.text.strip() for atom in line)


def _line(atoms: list[Atom], formatting: bool) -> str:
    """A line without blanks at its ends, but for an indent that was made of blanks that count."""
    text = "".join(atom.text for atom in atoms)
    indent = _INDENT.match(text)
    width = len(indent[0]) if indent and indent[0].count(KEPT) > 1 else 0
    shown = spans.line(atoms, formatting=formatting).strip(" \t" + KEPT)
    shown = _COLUMNS.sub(lambda found: KEPT * len(found[0]), shown)
    return KEPT * width + re.sub(f"(?<!{KEPT}){KEPT}(?!{KEPT})", " ", shown)
