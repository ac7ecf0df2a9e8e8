"""Long and strange texts: much of anything in bounded time, and characters that not everything can carry."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.panel import Panel, Upload
from omnidesk.billmanager.program import LONGEST_ARGUMENT, Ran, TooLong, runner
from omnidesk.content import direction, emoji, identity
from omnidesk.content.incoming import Policy, literal, message
from omnidesk.content.outgoing import MOST_LINES, Body, body
from omnidesk.core.paths import Paths
from tests.hostile.limits import FEW, SECONDS, limited
from tests.support.amount import size

MIB = 1 << 20
PART = size(MIB // 16)
UNITS = {
    "prose": "Здравствуйте, сайт **не** открывается, [сюда](https://x.ru/a_b), `ls -la`.\n" * 20 + "\n",
    "open brackets": "[", "asterisks": "*", "openings": "**a ", "closings": "a* ", "quotes": "> ", "backticks": "`",
    "tags": "<b>", "items": "- a\n", "items apart": "- a\n\n", "items in items": "- a\n\n  - b\n\n",
    "numbers": "1. a\n", "wrong numbers": "1. a\n3. b\n",
    "fences": "```\n", "tables": "a|b\n-|-\n", "headings": "## A\n\n",
    "links": "[a](http://x.ru/)", "links never closed": "[a](http://x.ru/", "pictures": "![a](", "angles": "<http://",
    "escapes": "\\*", "entities": "&amp;", "emphasis": "~~a~~ ", "log": "12:00:00 [error] *5 open(\"/x/__y__\")\n",
    "one word": "ж", "words of 4,000": "ж" * 4000 + " ", "empty lines": "\n", "blanks": " ", "tabs": "\tx\n",
    "emoji": "👩‍💻🇷🇺", "overrides": "\u202e\u2066x", "zero width": "\u200b", "line ends": "a\r\n", "diff": "+a\n-b\n",
    "quoted items": "> - a\n", "mails": "<x@", "SQL": "SELECT `a` FROM `t` WHERE `x` = '*';\n",
}  # fmt: skip
SHAPES = {
    "ever longer runs": "".join("`" * (number % 300 + 1) + " " for number in range(PART // 151)),
    "ever shorter fences": "".join("`" * (700 - number) + "\n" for number in range(697)),
    "ever deeper lists": "".join(" " * (2 * (number % 60)) + "- a\n" for number in range(PART // 64)),
    "ever deeper quotes": "".join("> " * (number % 50) + "x\n" for number in range(PART // 60)),
    "one address": "https://x.ru/" + "a" * PART,
    "one heading": "# " + "a " * (PART // 2),
    "one item": "- a\n" + "  b\n" * (PART // 4),
    "one row": "|" + "a|" * (PART // 2) + "\n|" + "-|" * 100,
}
# What is quadratic takes far too long for a sixteenth as well; one is tried in full.
FULL = ("one word",)
TEXTS = {name: unit * ((size(MIB) if name in FULL else PART) // len(unit)) for name, unit in UNITS.items()} | SHAPES


def both_ways(text: str) -> int:
    sent = body([(text, True)], formatting=True)
    identity.sent(sent)
    typed = html.escape(text).replace("\n", "<br>")
    return len(literal(text)) + len(message("", typed, Policy())) + len(emoji.named(direction.settled(text)))


@pytest.mark.parametrize("name", TEXTS)
def test_much_of_anything_goes_both_ways(name: str) -> None:
    """In a second or two and within memory: whatever is quadratic would take minutes."""
    limited(lambda: both_ways(TEXTS[name]), mebibytes=1024, seconds=SECONDS if name in FULL else FEW)


def test_more_markdown_than_anybody_writes_goes_as_plain_text() -> None:
    """Nothing of it is lost, and what might be taken for HTML is still escaped."""
    text = "- пункт\n" * (MOST_LINES + 1)
    assert body([(text, True)], formatting=True) == Body(text.strip())
    marked = body([(text + "<b>", True)], formatting=True).content_html
    assert marked.endswith("- пункт<br>\n&lt;b&gt;</p>")


# Characters


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Спасибо 🙂", "Спасибо :slightly smiling face:"),
        ("👍🏽", ":thumbs up sign:"),
        ("👩‍💻 👨‍👩‍👧", ":woman + personal computer: :man + woman + girl:"),
        ("❤️‍🔥", ":heavy black heart + fire:"),
        ("🇷🇺🇩🇪", ":flag RU::flag DE:"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", ":flag GBENG:"),
        ("🏳️‍🌈", ":waving white flag + rainbow:"),
        ("1️⃣ ❤️ ☎ ©", "1️⃣ ❤️ ☎ ©"),
        ("𝐁𝐨𝐥𝐝 𠮷", "Bold :cjk unified ideograph-20bb7:"),
        ("می‌خواهم क्‍ष 🙂", "می‌خواهم क्‍ष :slightly smiling face:"),
        ("\U0010fffd", ":u+10fffd:"),
    ],
)
def test_emoji_as_words(text: str, words: str) -> None:
    """Each keeps what it says; what three bytes can hold stays, joiners of other scripts too."""
    assert emoji.named(text) == words


@given(st.text(st.sampled_from("a 👩💻🏽\u200d\ufe0f❤🇷🇺🏴\U000e0067\U000e007f1⃣𝐁"), max_size=12))
def test_no_sequence_of_emoji_is_too_much_for_three_bytes(text: str) -> None:
    found = emoji.named(text)
    assert all(sign <= "\uffff" for sign in found)
    assert emoji.named(found) == found
    assert found.count("a") >= text.count("a")


MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


# Runs of one mark: what is opened deeper than is kept, and closed again, is not met among marks drawn one by one.
RUNS = st.builds(lambda sign, times: sign * times, st.sampled_from(MARKS + "aא \n"), st.integers(1, 12))


@given(st.lists(RUNS, max_size=20).map("".join))
@example("\u202a" * 10)
@example("\u202a" * 10 + "\u2066" * 10 + "\u202c" * 5 + "\u2069" * 30 + "\u202c" * 30)
@example("\u2067" + "\u202e" * 20 + "\u2069" + "\u202a")
@example("\u202egpj.exe")
@example("\u2067a\u2066b\nc\u2069")
@example("\u202a\u2067\u202c\u2069")
def test_direction_marks_end_with_their_line(text: str) -> None:
    """Nothing else is changed, nothing stays open, no override is left; doing it twice changes nothing."""
    found = direction.settled(text)
    assert found.translate(dict.fromkeys(map(ord, MARKS[2:]))) == text.translate(dict.fromkeys(map(ord, MARKS[2:])))
    assert not {"\u202d", "\u202e"} & set(found)
    for line in found.split("\n"):
        opened = []
        for sign in line:
            kind = unicodedata.bidirectional(sign)
            if kind in ("LRE", "RLE", "LRI", "RLI", "FSI"):
                opened.append("PDF" if kind[2] == "E" else "PDI")
            elif kind in ("PDF", "PDI"):
                assert opened and opened.pop() == kind
            assert len(opened) <= direction.DEEPEST
        assert not opened
    assert direction.settled(found) == found


def test_ordinary_right_to_left_text_is_not_touched() -> None:
    for text in ("שלום, האתר שלי (502) abc", "\u200fمرحبا\u200e 17", "\u2067שלום\u2069 abc", "\u202bשלום\u202c"):
        assert direction.settled(text) == text


# Too long for a command line


@pytest.fixture
def mgrctl(tmp_path: Path) -> Paths:
    """A panel whose mgrctl answers anything."""
    (tmp_path / "sbin").mkdir()
    program = tmp_path / "sbin" / "mgrctl"
    program.write_text("#!/bin/sh\necho '<doc><ok/></doc>'\n")
    program.chmod(0o755)
    return Paths(str(tmp_path))


class Uploads:
    def __init__(self) -> None:
        self.sent: list[int] = []

    def __call__(self, func: str, params: dict[str, str], files: Sequence[Upload]) -> bytes:
        self.sent.append(sum(len(value.encode()) for value in params.values()))
        return b"<doc><ok/></doc>"


@pytest.mark.parametrize(("length", "uploaded"), [(1, 0), (LONGEST_ARGUMENT // 2, 0), (LONGEST_ARGUMENT // 2 + 1, 1),
                                                  (MIB, 1)])  # fmt: skip
def test_what_a_command_line_cannot_hold_is_uploaded(mgrctl: Paths, length: int, uploaded: int) -> None:
    """Counted in bytes of UTF-8: two for each of these letters. The longest that fits really does."""
    uploads = Uploads()
    Panel(Mgrctl(runner(mgrctl), 10), uploads).call("ticket.edit", {"elid": 1, "message": "ж" * length})
    assert len(uploads.sent) == uploaded


def test_what_this_kernel_does_not_pass_is_uploaded(mgrctl: Paths) -> None:
    """All arguments and the environment together have a limit of their own."""
    uploads = Uploads()
    params = {f"field_{number}": "x" * (LONGEST_ARGUMENT - 20) for number in range(80)}
    Panel(Mgrctl(runner(mgrctl), 10), uploads).call("ticket.edit", params)
    assert len(uploads.sent) == 1


def test_a_short_call_that_cannot_be_started_is_told(mgrctl: Paths) -> None:
    """An environment too large for any program: uploading needs mgrctl as well."""

    def refuse(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        raise TooLong("panel_missing", mgrctl.mgrctl, "Argument list too long")

    with pytest.raises(TooLong):
        Panel(Mgrctl(refuse, 10), Uploads()).call("whoami", {"elid": 1})
