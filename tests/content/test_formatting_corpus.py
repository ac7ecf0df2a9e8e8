"""Messages as people write them, and what becomes of each; every result was read by a person.

To add one: put the message into ``tests/data/formatting/out`` (BILLmanager's Markdown, ``NAME.md``) or ``in``
(Omnidesk: ``NAME.html``, or ``NAME.txt`` for plain content; ``NAME.cut.html`` with ``CutRatingLinks on``). The test
fails and shows what comes of it. When that is right, put it beside the message as ``NAME.….expected``.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from omnidesk.content import dialect, identity, urls
from omnidesk.core.settings import Secret, Settings
from omnidesk.core.text import clean
from omnidesk.sync import compose
from tests.content.formatting_views import elements, panel, seen, words

FOLDER = Path(__file__).resolve().parents[1] / "data" / "formatting"
OUT = sorted(FOLDER.glob("out/*.md"))
IN = sorted([*FOLDER.glob("in/*.html"), *FOLDER.glob("in/*.txt")])
ON = Settings("https://acme.omnidesk.ru", "i@example.com", Secret("k"), "cch1", Secret("s"))
CUT = replace(ON, cut_rating_links=True)


def read(path: Path) -> str:
    return path.read_bytes().decode()


def outgoing(path: Path) -> str:
    """As it is sent: the name of the field, and its value."""
    ((name, value),) = compose.to_omnidesk(ON, read(path)).fields().items()
    return f"{name}\n{value}"


def incoming(path: Path) -> str:
    settings = CUT if ".cut." in path.name else ON
    html_reply = path.suffix == ".html"
    return compose.to_billing(settings, "" if html_reply else read(path), read(path) if html_reply else "")


def expected(path: Path) -> str:
    wanted = path.with_name(path.name + ".expected")
    return read(wanted).removesuffix("\n") if wanted.exists() else f"(there is no {wanted.name})"


def test_there_are_enough() -> None:
    assert len(OUT) + len(IN) >= 60
    answers = {path.name.removesuffix(".expected") for path in FOLDER.glob("*/*.expected")}
    assert answers == {path.name for path in (*OUT, *IN)}


@pytest.mark.parametrize("path", OUT, ids=lambda path: str(path.stem))
def test_a_message_goes_out_as_reviewed(path: Path) -> None:
    assert outgoing(path) == expected(path)


@pytest.mark.parametrize("path", IN, ids=lambda path: str(path.stem))
def test_a_message_comes_in_as_reviewed(path: Path) -> None:
    assert incoming(path) == expected(path)


@pytest.mark.parametrize("path", OUT, ids=lambda path: str(path.stem))
def test_what_went_out_says_the_same_when_it_comes_back(path: Path) -> None:
    """And it is known as ours."""
    there = compose.to_omnidesk(ON, read(path))
    back = compose.to_billing(ON, there.content, there.content_html)
    paragraphs = html.escape(there.content).split("\n\n")
    sent = there.content_html or "".join(f"<p>{one.replace(chr(10), '<br>')}</p>" for one in paragraphs)
    assert words(seen(panel(back))).replace(">", "") == words(seen(sent)).replace(">", "")
    assert identity.is_ours(identity.sent(there), there.content, there.content_html)


@pytest.mark.parametrize("path", [*OUT, *IN], ids=lambda path: str(path.stem))
def test_nothing_in_it_acts(path: Path) -> None:
    markup = panel(incoming(path)) if path in IN else compose.to_omnidesk(ON, read(path)).content_html
    pictures = {"img"} if path in IN else set()  # outgoing ones are links
    assert {tag for tag, _ in elements(markup)} <= dialect.TAGS | {"s"} | pictures
    assert {name for _, names in elements(markup) for name in names} <= {"href", "title", "src", "alt", "start"}
    for address in re.findall(r'(?:href|src)="([^"]*)"', markup):
        assert urls.may_link(html.unescape(address))


@pytest.mark.parametrize("path", [path for path in IN if path.suffix == ".txt"], ids=lambda path: str(path.stem))
def test_plain_content_is_shown_as_it_was_typed(path: Path) -> None:
    typed = clean(html.unescape(read(path)))
    assert words(seen(panel(incoming(path)))).replace(">", "") == words(typed).replace(">", "")


def test_an_image_of_a_client_is_a_link_whatever_its_address() -> None:
    """An agent's browser would request it with the agent's cookies."""
    for address in ("https://acme.omnidesk.ru/user/logout", "https://pictures.example/a.png"):
        sent = compose.to_omnidesk(ON, f"Смотрите ![]({address}) и ![снимок]({address})").content_html
        assert "<img" not in sent
        assert sent.count(f'href="{address}"') == 2


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://acme.omnidesk.ru/a.png", True),
        ("https://acme.omnidesk.ru:443/a.png", True),
        ("http://acme.omnidesk.ru/a.png", False),
        ("https://acme.omnidesk.ru:8443/a.png", False),
        ("https://user@acme.omnidesk.ru/a.png", False),
        ("https://acme.omnidesk.ru.evil.example/a.png", False),
        ("//acme.omnidesk.ru/a.png", False),
    ],
)
def test_a_picture_of_omnidesk_is_shown_only_by_https_from_the_account_itself(address: str, shown: bool) -> None:
    assert urls.may_show(address, "acme.omnidesk.ru") is shown


@pytest.mark.parametrize("text", ["```1. \n```", "```bash\n```", "```\n\n```", "~~~ x\n~~~\nдальше"])
def test_an_empty_code_block_is_sent_as_it_was_typed(text: str) -> None:
    sent = compose.to_omnidesk(ON, text)
    shown = sent.content or html.unescape(re.sub(r"<[^>]+>", "", sent.content_html))
    assert "".join(shown.split()) == "".join(text.split())


def test_a_links_title_is_kept() -> None:
    sent = compose.to_omnidesk(ON, "[панель](https://example.com/ \"Вход 'для' <клиентов>\")").content_html
    assert 'href="https://example.com/"' in sent
    assert "title=" in sent and "Вход" in sent and "<клиентов>" not in sent
