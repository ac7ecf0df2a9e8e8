"""What Omnidesk's messages say, as Markdown for BILLmanager."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from omnidesk.content import escape, final_check, layout, markdown_writer, marks, plain
from omnidesk.content.document import Block, Code, Paragraph, Quote
from omnidesk.content.marks import hidden, hide
from omnidesk.core.text import LINE_ENDS, clean, is_blank, printable, unescape

_QUOTED = re.compile(f"(?:{hidden('>')} ?)+")
_MARK = hidden(">")
_LINE_ENDS = re.compile(f"[{LINE_ENDS}]")


@dataclass(frozen=True)
class Policy:
    """What an administrator chose. ``base``: the account's own address, ``host`` its host, whose pictures are shown."""

    formatting: bool = True
    host: str = ""
    cut_quotes: bool = True
    cut_rating: bool = False
    cut_signature: bool = False
    signature: str = ""  # the author's, as Omnidesk knows it
    base: str = ""

    @property
    def address(self) -> str:
        return self.base or (f"https://{self.host}" if self.host else "")


Report = Callable[[str], None]  # takes what the final check found, in words without the message's


def _ignore(what: str) -> None:
    pass


def message(content: str, content_html: str, policy: Policy, report: Report = _ignore) -> str:
    """What an Omnidesk message says: its HTML if anything of it can be seen, else its plain text."""
    if content_html.strip():
        found = from_html(content_html, policy, report)
        if not is_blank(found):
            return found
    text = clean(unescape(content)).strip("\n")
    if not policy.formatting:
        return text.strip()
    return _safe(_markdown(_cut(typed(text), policy)), lambda: text, policy.host, report)


def of_message(content: str, content_html: str) -> str:
    """What an Omnidesk message says, as text: its HTML if it has any, else its plain text without entities."""
    if content_html.strip():
        return from_html(content_html, Policy(formatting=False))
    return clean(unescape(content)).strip()


def _safe(markdown: str, words: Callable[[], str], host: str, report: Report) -> str:
    """``markdown`` unless something in it acts; then its words, as they are."""
    what = final_check.caught(markdown, host)
    if not what:
        return markdown
    report(what)
    text = literal(words())
    if final_check.caught(text, host):
        report("its words as well")
        text = _tidied("\n".join(escape.code(clean(words()).split("\n"))))
    return text


def _markdown(blocks: list[Block]) -> str:
    return _tidied(markdown_writer.markdown(blocks))


def _cut(blocks: list[Block], policy: Policy) -> list[Block]:
    from omnidesk.content import cuts, quotes

    blocks = quotes.without(blocks) if policy.cut_quotes else blocks
    return cuts.signature(blocks, policy.signature) if policy.cut_signature else blocks


def literal(text: str) -> str:
    """Markdown that shows ``text`` as it was typed."""
    return _markdown(typed(text))


def typed(text: str) -> list[Block]:
    """The blocks of plain text: paragraphs, what was quoted as in e-mail, and what has columns that mean something."""
    out: list[Block] = []
    lines = [line.rstrip() for line in marks.free(clean(text)).split("\n")]
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and lines[end]:
            end += 1
        out += _chunk(lines[place:end])
        place = end + 1
    return out


def _chunk(lines: list[str]) -> list[Block]:
    """Lines without a blank one between them, literal; in a block of their own where columns mean something."""
    if lines and lines[0][:1] != ">" and (layout.is_drawn(lines) or layout.is_aligned(lines)):
        head = 1 if len(lines) > 1 and layout.is_introduction(lines[0]) else 0
        before: list[Block] = [Paragraph([hide(lines[0])])] if head else []
        return [*before, Code(lines[head:])]
    lines = [line.strip() for line in lines]
    return _quotes(Paragraph([hide(line) for line in lines if line])) if any(lines) else []


def _quotes(paragraph: Paragraph) -> list[Block]:
    """Lines quoted as in e-mail become quotes, apart from the answers between them."""
    out: list[Block] = []
    lines, place = paragraph.lines, 0
    while place < len(lines):
        end, quoted = place, bool(_depth(lines[place]))
        while end < len(lines) and bool(_depth(lines[end])) == quoted:
            end += 1
        run = lines[place:end]
        if quoted and any(line.strip(f"{_MARK} ") for line in run):
            out.append(Quote(_quoted(run, 1)))
        elif out and isinstance(out[-1], Paragraph):
            out[-1].lines += run
        else:
            out.append(Paragraph(run, paragraph.ruled, paragraph.attribution))
        place = end
    return out


def _quoted(lines: list[str], depth: int) -> list[Block]:
    """Quoted lines of at least that depth, without their marks; deeper ones in a quote of their own."""
    out: list[Block] = []
    deeper: list[str] = []
    for line in [*lines, None]:
        if line is not None and _depth(line) > depth:
            deeper.append(line)
            continue
        if deeper:
            out.append(Quote(_quoted(deeper, depth + 1)))
            deeper = []
        text = line[_marks(line) :].strip() if line is not None else ""
        if not text:
            out.append(Paragraph([]))  # a blank line: what follows is another paragraph
        elif out and isinstance(out[-1], Paragraph):
            out[-1].lines.append(text)
        else:
            out.append(Paragraph([text]))
    return [block for block in out if not isinstance(block, Paragraph) or block.lines]


def _depth(line: str) -> int:
    """How deep a line is quoted; ``>text`` is not, as it may be anything, and more than two marks may be a prompt."""
    marked = line[: _marks(line)]
    depth = marked.count(_MARK)
    return depth if 0 < depth < 3 and (marked.endswith(" ") or len(marked) == len(line)) else 0


def _marks(line: str) -> int:
    found = _QUOTED.match(line)
    return found.end() if found else 0


def from_html(markup: str, policy: Policy, report: Report = _ignore) -> str:
    """Markdown for an HTML reply; scripts and styles leave nothing behind."""
    # What ends a line is a blank to HTML, but was meant as more; the separator is kept until the text is read.
    markup = markup.replace("\r\n", "\n").replace("\r", "\n")
    markup = marks.free(printable(_LINE_ENDS.sub("\u2028", markup)))
    blocks = _read(markup, policy)
    if blocks is None:
        words = plain.words(markup, policy.address)
        if not policy.formatting:
            return _tidied(words)
        return _safe(literal(words), lambda: words, policy.host, report)
    if not policy.formatting:
        return _tidied(markdown_writer.markdown(blocks, formatting=False))
    return _safe(_markdown(blocks), lambda: plain.words(markup, policy.address), policy.host, report)


def _read(markup: str, policy: Policy) -> list[Block] | None:
    """The message's blocks; None for what nobody wrote: too deep, or too much."""
    from omnidesk.content import cuts, nodes
    from omnidesk.content.html_reader import Reader

    try:
        root = nodes.parse(markup)
    except nodes.TooMuch:
        return None
    if policy.cut_rating and policy.host:
        cuts.rating_links(root, policy.host)
    blocks: list[Block] = []
    for block in Reader(base=policy.address, host=policy.host, formatting=policy.formatting).document(root):
        blocks += _quotes(block) if isinstance(block, Paragraph) else [block]
    return _cut(blocks, policy)


def _tidied(text: str) -> str:
    """Once more clean, without blanks at line ends and more than one blank line."""
    text = "\n".join(line.rstrip(" \t") for line in marks.free(clean(text)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
