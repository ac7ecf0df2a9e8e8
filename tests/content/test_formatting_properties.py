"""What holds of every message: nothing typed is lost or becomes markup, nothing meant is lost on the way and back."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnidesk.content import dialect, identity, outgoing, urls
from omnidesk.content.incoming import Policy, from_html, literal, message
from omnidesk.content.outgoing import Body, body
from omnidesk.core.text import clean
from tests.content.formatting_views import elements, meaning, panel, seen, words
from tests.support.amount import examples

HOST = "acme.omnidesk.ru"
POLICY = Policy(host=HOST)
PIECES = st.sampled_from(
    ["*", "**", "_", "__", "`", "``", "```", "~~", "[", "](", "](http://x)", ")", "!", "<", "<b>", "</b>", ">", "> ",
     "- ", "+ ", "* ", "1. ", "2. ", "12) ", "# ", "## ", "---", "===", "|", " | ", "|---|---|", "&amp;", "&copy;",
     "&", "#", "\\", "\\\\", "\n", "\n\n", "    ", "\t", " ", "https://x.ru/_a_/b*c", "a", "b", "слово", "x_y", ".",
     "[a]: b", "<!--", "<script>", "\u200b", "\u00a0", "é", "~~~", "!["]
)  # fmt: skip
TYPED = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=60)


def sent(text: str, formatting: bool = True) -> Body:
    return body([(text, True)], formatting=formatting)


def typed(text: str) -> str:
    """A text without its lines of quotation marks alone: a quotation's empty lines."""
    return "\n".join(line for line in clean(text).split("\n") if line.strip("\t\u00a0 >"))


def as_html(sent: Body) -> str:
    """What an employee sees, plain content being shown as it is."""
    paragraphs = html.escape(sent.content).split("\n\n")
    return sent.content_html or "".join(f"<p>{one.replace(chr(10), '<br>')}</p>" for one in paragraphs)


# What comes in


@settings(deadline=None, max_examples=examples(300))
@given(TYPED)
@example("1) a")
@example("a\n- b\n> c")
@example("- a\n-b")
@example("> a\nb\n>> c")
@example("\\* a *b*")
@example("***a**")
@example("```a ``")
@example("[a]: b 'c'")
@example("![https://x](https://y)")
@example("a\n    b")
@example("- - a")
@example("1. 2. a")
def test_what_was_typed_plainly_is_shown_as_typed(text: str) -> None:
    """A Markdown reader shows every sign of it, and nothing of it becomes an element that does something."""
    shown = panel(literal(text))
    plain = typed(text)
    assert words(seen(shown)) == words(plain), literal(text)
    assert not {tag for tag, _ in elements(shown)} & {"script", "b", "a", "img", "em", "strong", "del", "h1", "h2"} - (
        {"a"} if "http" in text else set()
    )


@settings(deadline=None, max_examples=examples(300))
@given(TYPED)
def test_typed_html_is_shown_as_typed(text: str) -> None:
    """The same through an HTML reply: what somebody typed into an editor stands there, sign for sign."""
    markup = html.escape(text).replace("\n", "<br>")
    shown = panel(from_html(markup, POLICY))
    assert words(seen(shown)) == words(typed(text)), from_html(markup, POLICY)


@settings(deadline=None)
@given(TYPED)
def test_reading_twice_is_reading_once(text: str) -> None:
    """What the panel shows of a text, typed anew, is stored as the same text."""
    once = literal(text)
    again = seen(panel(once))
    assert words(seen(panel(literal(again)))) == words(again)


@given(st.lists(st.text("абвгдежз, .!?:;()«»—-0123456789abcXYZ@%№", min_size=1, max_size=60), max_size=5))
def test_plain_sentences_stay_as_they_were_typed(lines: list[str]) -> None:
    """Not one backslash where nothing could be taken for markup."""
    said = [f"Текст {line}".strip() for line in lines]
    text = re.sub(" +", " ", "\n".join(said))
    assert literal(text) == text.strip()


# What goes out


@settings(deadline=None, max_examples=examples(300))
@given(TYPED)
@example("a**b**c <i>x</i>")
@example("- a\n\n-")
@example("| a | b |\n| --- | --- |\n| c |")
def test_nothing_that_was_typed_is_lost_on_the_way_out(text: str) -> None:
    """Every letter and digit arrives; of the signs only markup may go, and of addresses those of links."""
    said = as_html(sent(text))
    letters = re.findall(r"[^\W_]", re.sub(r"https?://\S*|&\w+;", "", clean(text)))
    shown = seen(said)
    for letter in set(letters):
        assert letter in shown
    assert elements(sent(text).content_html) <= {
        (tag, frozenset(some)) for tag, _ in elements(sent(text).content_html) if tag in dialect.TAGS
        for some in ([], ["href"], ["src", "alt"], ["start"])
    }  # fmt: skip


@settings(deadline=None, max_examples=examples(300))
@given(st.lists(st.sampled_from(["<", ">", "script", "img", " ", "src=x", "onerror=", "javascript:alert(1)", "[a](",
                                 ")", "![a](", "https://evil.example/p.gif", "data:text/html,x", '"', "'", "`", "&lt;",
                                 "&#106;", "<svg/onload=x>", "\n", "**", "style=", "java\tscript:x", "<https://x>"]),
                max_size=15).map("".join))  # fmt: skip
def test_nothing_typed_acts_on_either_side(text: str) -> None:
    """No element beyond the list, no address that runs, no picture of strangers, whatever is typed."""
    for markup in (sent(text).content_html, panel(message("", f"<p>{text}</p>", POLICY)), panel(literal(text))):
        for tag, _ in elements(markup):
            assert tag in dialect.TAGS | {"s"}, markup
        for address in re.findall(r'(?:href|src)="([^"]*)"', markup):
            assert urls.may_link(html.unescape(address)), markup
        assert not re.search(r'<img[^>]*src="(?!https://acme\.omnidesk\.ru/)', markup), markup


@pytest.mark.parametrize("formatting", [True, False])
@settings(deadline=None)
@given(text=TYPED)
def test_what_we_sent_is_known_when_it_comes_back(formatting: bool, text: str) -> None:
    """As HTML, tidied up, as plain text made of it, or as both: it is the same message."""
    said = sent(text, formatting)
    known = identity.sent(said)
    assert identity.is_ours(known, said.content, said.content_html)
    assert identity.is_ours(known, html.escape(said.content), said.content_html)
    if said.content_html:
        tidied = said.content_html.replace("<p>", '<p class="x">').replace("\n", "").replace("<br>", "<br />")
        assert identity.is_ours(known, "", tidied)
        assert identity.is_ours(known, said.content_html, "")
        assert identity.is_ours(known, seen(re.sub(r"<(li|blockquote)[^>]*>", "<p>", said.content_html)), "")


# There and back


def _inline(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        children.map("**{}**".format), st.tuples(children, children).map(lambda two: f"*{two[0]} {two[1]}*"),
        children.map("~~{}~~".format), children.map("[{}](<https://example.com/a_b?c=d>)".format),
    )  # fmt: skip


WORD = st.text("абвгдежзиклмн", min_size=2, max_size=8)
PLAIN = st.sampled_from(["2 * 3", "snake_case", "__init__", "*.txt", "a|b", "100%", "C:\\x", "1.5", "и т. д.", "#5"])
INLINE = st.lists(WORD | PLAIN | _inline(WORD) | WORD.map("`{}`".format), min_size=1, max_size=5).map(" ".join)
LINE = st.tuples(WORD, INLINE).map(" ".join)
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
CODE = st.lists(st.text("ab*_<&>` #-|", max_size=10), min_size=1, max_size=4).map(
    lambda lines: "````\n" + "\n".join(line.replace("````", "").rstrip() or "x" for line in lines) + "\n````"
)
ITEMS = st.lists(LINE, min_size=2, max_size=4)
BULLETS = ITEMS.map(lambda items: "\n".join(f"- {item}" for item in items))
NUMBERS = ITEMS.map(lambda items: "\n".join(f"{place}. {item}" for place, item in enumerate(items, 1)))
NESTED = st.tuples(ITEMS, ITEMS).map(
    lambda two: "\n".join([*(f"- {item}" for item in two[0]), *(f"  - {item}" for item in two[1])])
)
TABLE = st.lists(st.tuples(LINE, LINE), min_size=2, max_size=4).map(
    lambda rows: "\n".join(
        line.replace("a|b", "ab") if number != 1 else line
        for number, line in enumerate(
            [f"| {rows[0][0].replace('a|b', 'ab')} | {rows[0][1].replace('a|b', 'ab')} |", "| --- | --- |",
             *(f"| {one.replace('a|b', 'ab')} | {two.replace('a|b', 'ab')} |" for one, two in rows[1:])]
        )
    )
)  # fmt: skip
HEADING = WORD.map("## {}".format)
BLOCK = st.one_of(PARAGRAPH, CODE, BULLETS, NUMBERS, NESTED, TABLE, HEADING, st.just("---"))
QUOTED = st.lists(BLOCK, min_size=1, max_size=2).map(
    lambda blocks: "\n".join(f"> {line}".rstrip() for line in "\n\n".join(blocks).split("\n"))
)
DOCUMENT = st.lists(st.tuples(BLOCK | QUOTED, LINE).map(list), min_size=1, max_size=4).map(
    lambda pairs: "\n\n".join(block for pair in pairs for block in pair)
)


@settings(deadline=None, max_examples=examples(200))
@given(DOCUMENT)
@example("слово `a|b` **x**\n\n- один\n- два\n\nконец")
def test_a_documents_meaning_survives_the_way_there_and_back(document: str) -> None:
    """Lists, links, code, quotes, tables, emphasis and lines are the same for a reader on both sides."""
    there = sent(document)
    back = message(there.content, there.content_html, POLICY)
    assert meaning(panel(back)) == meaning(as_html(there)), (there, back)


@settings(deadline=None, max_examples=examples(200))
@given(DOCUMENT)
def test_a_document_is_sent_as_the_panel_shows_it(document: str) -> None:
    """What is clearly Markdown is rendered as CommonMark has it."""
    for doubtful in ("__init__", "*.txt", "C:\\x"):  # CommonMark shows one in bold; a line with the others is a command
        document = document.replace(doubtful, "слово")
    assert meaning(as_html(sent(document))) == meaning(panel(document))


SPAN = st.recursive(
    st.text("абв ,.!:»*_", min_size=1, max_size=6).map(html.escape),
    lambda inner: st.tuples(st.sampled_from(["b", "i", "strong", "em", "s", "code"]),
                            st.lists(inner, min_size=1, max_size=3).map("".join)).map("<{0[0]}>{0[1]}</{0[0]}>".format),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=examples(300))
@given(st.lists(SPAN, min_size=1, max_size=5).map("".join))
@example("<b>Важно:</b>текст и<i>«так»</i>")
@example("<b>a</b><b>:</b> <i>b</i><b>c</b>")
@example("<b>a</b>, <i>, b</i>,c")
def test_no_emphasis_leaves_its_signs_in_the_text(markup: str) -> None:
    """However an editor splits and nests it, a reader sees the words and nothing else."""
    shown = panel(from_html(f"<p>x {markup} x</p>", POLICY))
    assert words(seen(shown)) == words(seen(f"<p>x {markup} x</p>"))


@settings(deadline=None)
@given(DOCUMENT)
def test_nothing_is_rendered_when_formatting_is_off(document: str) -> None:
    """Plain text, letter for letter."""
    assert sent(document, formatting=False) == Body(clean(document).strip())


def test_the_two_halves_use_one_list_of_addresses() -> None:
    """What may be followed is decided once."""
    assert urls in vars(outgoing).values()
    assert {"javascript", "data", "vbscript", "file", "blob"}.isdisjoint(dialect.SCHEMES)
