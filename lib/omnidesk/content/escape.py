"""The last step towards Markdown: a backslash before each literal sign that would otherwise be read as markup.

Only there, so that a plain sentence stays as it was typed. A text comes with its literal signs as stand-ins and its
markup as it is (:mod:`marks`), code between its marks. What stands before its lines (quotes, items) is the writer's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from omnidesk.content import dialect, marks
from omnidesk.content.marks import CODE_OFF, CODE_ON, FORCED, hidden, show

_ANY = f"[{hidden(marks.SIGNS)}]"


def _h(signs: str) -> str:
    return f"[{hidden(signs)}]"


_ITEM = re.compile(f"({_h('-')}) (?=[^ \t{hidden('-+*#>=')}])")
_NUMBER = re.compile(f"([0-9]{{1,9}})({_h('.')}) (?=[^ \t{hidden('-+*#>=')}])")
_NUMBERED = re.compile(f"[0-9]{{1,9}}{_h('.')} ")
_LABEL = re.compile(f"{_h('[')}[^{hidden('[]')}]{{1,2000}}{_h(']')}{_h(':')}")
_STARTS = re.compile(
    f"(?P<heading>{_h('#')}{{1,6}}(?=[ \t]|$))"
    f"|(?P<quote>{_h('>')})"
    f"|(?P<bullet>{_h('-+*')}(?=[ \t]|$))"
    f"|(?P<number>[0-9]{{1,9}}(?={_h('.)')}(?:[ \t]|$)))"
    f"|(?P<rule>(?={_h('-*_=|:')}[{hidden('-*_=|:')} \t]*$)(?!{_h('|:')}[{hidden('|:')} \t]*$))"
    f"|(?P<fence>(?={_h('`')}{{3}}|{_h('~')}{{3}}))"
    f"|(?P<label>(?={_LABEL.pattern}))"
)
_NO_URL = f"\\s{hidden('<>`[]' + chr(92))}<>\\[\\]()*~!{CODE_ON}{CODE_OFF}{FORCED}"
_URL = f"(?:https?|ftp){_h(':')}{_h('/')}{_h('/')}[^{_NO_URL}]{{1,2000}}"
_ENTITY = re.compile(
    f"{_h('&')}(?=(?:{_h('#')}[0-9]{{1,7}}|{_h('#')}[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}}){_h(';')})"
)
_TOKEN = re.compile(
    f"(?P<code>{CODE_ON}[^{CODE_OFF}]*{CODE_OFF})"
    f"|(?P<forced>{FORCED}{_ANY})"
    f"|(?P<auto><[a-z]+:[^\\s<>]*>|\\]\\([^)\\s]*\\))"
    f"|(?P<url>{_URL})"
    f"|(?P<back>{_h(chr(92))}(?={_ANY}|[!-/:-@\\[-`{{-~{CODE_ON}{FORCED}]|$|\\n|https?|ftp))"
    f"|(?P<angle>{_h('<')}(?=[A-Za-z{hidden('/!?')}]|[^\\s@<>]{{1,80}}{_h('@')}))"
    f"|(?P<amp>{_ENTITY.pattern})"
    f"|(?P<bracket>{_h('[]')})"
    f"|(?P<run>{_h('*')}+|{_h('_')}+|{_h('~')}+)"
    f"|(?P<ticks>{_h('`')}+)"
    f"|(?P<bar>{_h('|')})"
)
_OPENING, _LINK = hidden("["), hidden("](")
# Of one paragraph that stay without their backslash: for each, readers of Markdown look for its partner to the end.
MOST_BRACKETS = 50
_TRAILING = hidden(".,;:!?)'\"*_~") + "»…"


def paragraph(lines: Sequence[str], beside: tuple[bool, bool] = (False, False)) -> list[str]:
    """Lines of one paragraph: what pairs up, pairs up within them.

    ``beside``: whether a numbered list stands right above and below.
    """
    text = "\n".join(lines)
    pairs = _Pairs(text)
    kept = _own_list(lines, beside)
    found = []
    if _LABEL.match(text):  # its lines would vanish, and any such words become a link
        lines = [FORCED + lines[0], *lines[1:]]
    for number, line in enumerate(lines):
        mark, (start, rest) = show(line[: kept.get(number, 0)]), pairs.start(line[kept.get(number, 0) :])
        found.append((mark + start, rest))
    # Each line's start first: what it finds may concern them all.
    escaped = partial(pairs.escaped, in_table=False)
    return [show(start + _TOKEN.sub(escaped, rest)) for start, rest in found]


def heading(text: str) -> str:
    """What stands behind a heading's signs; the last of its own would be taken for their end."""
    closing = re.search(f"{_h('#')}+$", text)
    if closing:
        text = text[: closing.start()] + FORCED + text[closing.start() :]
    pairs = _Pairs(text)
    return show(_TOKEN.sub(partial(pairs.escaped, in_table=False), text))


def cell(text: str) -> str:
    """A cell of a table: bars are escaped even in code."""
    pairs = _Pairs(text)
    return show(_TOKEN.sub(partial(pairs.escaped, in_table=True), text))


def code(lines: Sequence[str]) -> list[str]:
    """Code on lines of its own, in a fence longer than any run of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *lines, fence]


def is_numbered(line: str) -> bool:
    """Whether a line was typed as an item of a numbered list."""
    return _NUMBERED.match(line) is not None


def unescaped(line: str) -> str:
    """The line for whom nothing is rendered: its signs as they are, code between backticks."""
    return show(line.replace(FORCED, "").replace(CODE_OFF + CODE_ON, "").replace(CODE_ON, "`").replace(CODE_OFF, "`"))


def _own_list(lines: Sequence[str], beside: tuple[bool, bool]) -> dict[int, int]:
    """Lines that were typed as a list's items and may be read as one (line -> width of its mark).

    All from the first such line on must be items, so that nothing is drawn into one; numbers in their order from 1, or
    from any number at the paragraph's start, so that none is changed; nor right ``beside`` another numbered list (one
    above, a real one below), as both would be read as one.
    """
    for pattern, numbered in ((_ITEM, False), (_NUMBER, True)):
        first = next((number for number, line in enumerate(lines) if pattern.match(line)), None)
        if first is None:
            continue
        found = [pattern.match(line) for line in lines[first:]]
        if not all(found):
            continue
        if numbered:
            numbers = [int(one[1]) for one in found if one]
            if beside[1] or (beside[0] and not first):
                continue
            if numbers != list(range(numbers[0], numbers[0] + len(numbers))) or (first and numbers[0] != 1):
                continue
            if any(one and one[1].startswith("0") and one[1] != "0" for one in found):
                continue
        return {first + number: one.end() for number, one in enumerate(found) if one}
    return {}


class _Pairs:
    """What of a paragraph's emphasis signs and backticks finds a partner in it."""

    def __init__(self, text: str) -> None:
        self.signs = {sign for sign in "*_~" if self._pair(text, sign)}
        runs: set[int] = set()
        self.brackets = _LINK in text or text.count(_OPENING) > MOST_BRACKETS
        self.ticks = CODE_ON in text
        for found in re.finditer(f"{_h('`')}+", text):
            self.ticks = self.ticks or len(found[0]) in runs
            runs.add(len(found[0]))

    def _pair(self, text: str, sign: str) -> bool:
        """Whether a run that can begin emphasis stands before one that can end it."""
        if sign != "_" and sign in text:  # real markup, with which it might pair
            return True
        opened = False
        for found in re.finditer(f"{_h(sign)}+", text):
            before = text[found.start() - 1] if found.start() else " "
            after = text[found.end()] if found.end() < len(text) else " "
            opens, closes = not after.isspace(), not before.isspace()
            if sign == "_":  # within a word it is a letter
                opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
            if closes and opened:
                return True
            opened = opened or opens
        return False

    def start(self, line: str) -> tuple[str, str]:
        """What must not be read as the beginning of a block is escaped: (it, the rest of the line)."""
        found = _STARTS.match(line)
        if not found:
            return "", line
        if found.lastgroup == "number":
            return found[0] + "\\" + show(line[found.end()]), line[found.end() + 1 :]
        if found.lastgroup == "fence":  # a shorter run would be left, and might find a partner
            self.ticks = self.ticks or show(line[0]) == "`"
            self.signs.add("~")
            return "", line
        length = len(line) - len(line.lstrip(line[0])) if show(line[0]) in "*_" else 1  # the rest would be another run
        return "".join("\\" + sign for sign in show(line[:length])), line[length:]

    def escaped(self, found: re.Match[str], in_table: bool) -> str:
        """A token as Markdown."""
        kind, text = found.lastgroup, found[0]
        if kind == "code":
            return _code(text[1:-1], in_table)
        if kind == "forced":
            return "\\" + show(text[1])
        if kind == "url":
            return self._url(text, in_table)
        if kind == "back" or (kind == "bracket" and self.brackets):
            return "\\" + show(text)
        if kind == "angle":
            return dialect.ANGLE
        if kind == "amp":
            return dialect.AMPERSAND
        escape = (
            (kind == "run" and show(text[0]) in self.signs)
            or (kind == "ticks" and self.ticks)
            or (kind == "bar" and in_table)
        )
        return "".join("\\" + sign for sign in show(text)) if escape else text

    def _url(self, text: str, in_table: bool) -> str:
        """An address is left alone or put in angle brackets; a backslash in it would lead elsewhere."""
        if _ENTITY.search(text):  # whether one is resolved within angle brackets, parsers do not agree
            text = _ENTITY.sub(dialect.AMPERSAND, text)
            signs = {*self.signs, *("|" if in_table else "")}
            return "".join("\\" + sign if sign in signs else sign for sign in show(text))
        kept = text.rstrip(_TRAILING)
        shown, rest = show(kept), text[len(kept) :]
        tail = _TOKEN.sub(lambda found: self.escaped(found, in_table), rest) if rest else ""
        shown = shown.replace("|", "\\|") if in_table else shown
        doubtful = any(sign in self.signs for sign in shown)
        return (f"<{shown}>" if doubtful else shown) + tail


def _code(text: str, in_table: bool) -> str:
    """A code span whose backticks are more than any of its own."""
    text = " ".join(show(text).split("\n"))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    if text.startswith("`") or text.endswith("`"):
        text = f" {text} "
    return f"{ticks}{text.replace('|', chr(92) + '|') if in_table else text}{ticks}"
