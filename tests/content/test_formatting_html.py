"""Omnidesk's HTML as Markdown: each construct with its meaning, and nothing of it that acts."""

from __future__ import annotations

import cProfile
import pstats

import pytest

from omnidesk.content import final_check, incoming, markdown_writer, nodes
from omnidesk.content.incoming import Policy, from_html, message
from omnidesk.core.text import clean
from tests.content.formatting_views import elements, panel, seen, words
from tests.fuzz import net as trial
from tests.support.amount import ALL
from tests.support.hostile_html import fragment, long_shapes

POLICY = Policy(host="acme.omnidesk.ru")
PICTURE = "https://pictures.example/1.png"


def check(cases: dict[str, str]) -> None:
    """All of them at once: what differs is shown together."""
    found = {markup: from_html(markup, POLICY) for markup in cases}
    assert found == cases


def test_nothing_between_angle_brackets_but_addresses() -> None:
    check({
        '<a href="mailto:script">script</a>fetch(1)<a href="mailto:/script">/script</a>':
            "[script](mailto:script)fetch(1)[/script](mailto:/script)",
        '<a href="mailto:x">x</a>': "[x](mailto:x)",
        '<a href="mailto:!--">!--</a>': "[!--](mailto:!--)",
        '<a href="mailto:a@b.ru">a@b.ru</a>': "<a@b.ru>",
        '<a href="https://x.ru/a?b=1&amp;c=2">https://x.ru/a?b=1&amp;c=2</a>': "<https://x.ru/a?b=1&c=2>",
        '<a href="https://x.ru">x.ru</a>': "[x.ru](https://x.ru)",
        '<a href="tel:+74951234567">+7 495 123-45-67</a>': "[+7 495 123-45-67](tel:+74951234567)",
    })  # fmt: skip


def test_no_bracket_of_a_text_closes_its_link() -> None:
    check({
        '<a href="https://ok.example">a](javascript:alert(1)) [b</a>':
            "[a\\](javascript:alert(1)) \\[b](https://ok.example)",
        f'<img src="{PICTURE}" alt="a](javascript:alert(1)) [b">': f"[a\\](javascript:alert(1)) \\[b]({PICTURE})",
        '<a href="https://ok.example">a\\](x) b</a>': "[a\\\\\\](x) b](https://ok.example)",
        '<a href="https://ok.example/a)b&lt;c">x</a>': "[x](https://ok.example/a%29b%3Cc)",
    })  # fmt: skip


def test_no_exclamation_mark_makes_a_picture_of_a_link() -> None:
    check({
        f'https://a.example!<img src="{PICTURE}">': f"https://a.example\\![image]({PICTURE})",
        f'Смотрите!<a href="{PICTURE}">снимок</a>': f"Смотрите\\![снимок]({PICTURE})",
        f'<b>Вот!</b><img src="{PICTURE}">': f"**Вот**\\![image]({PICTURE})",
    })  # fmt: skip


def test_code_stands_alone_wherever_it_stood() -> None:
    code = "<pre>&lt;script&gt;x&lt;/script&gt;</pre>"
    shown = "```\n<script>x</script>\n```"
    inside = shown.replace("\n", "\n  ")
    check({
        f"<dl><dt>a{code}</dt></dl>": f"a\n\n{shown}",
        f"x<li>{code}": f"x\n\n- {inside}",
        f"&gt; <sub>{code}</sub>": f"\\>\n\n{shown}",
        f"<ul><li>a{code}b</ul>": f"- a\n\n  {inside}\n\n  b",
        f"<h2>a{code}</h2>": "## a &lt;script>x&lt;/script>",
        f"<blockquote>{code}</blockquote>": "> " + shown.replace("\n", "\n> "),
    })  # fmt: skip


def test_nothing_becomes_a_definition_of_a_link() -> None:
    """Over two lines as well."""
    check({"<p>[a<br>b]: javascript:x</p><p>[a b]</p>": "\\[a\nb]: javascript:x\n\n[a b]"})


@pytest.mark.parametrize("first", range(0, 3000 if ALL else 1000, 1000))
def test_random_hostile_messages_need_no_net(first: int) -> None:
    """What must hold of each, by a parser with everything enabled; more of them: ``python -m tests.fuzz.net``."""
    assert {seed: found for seed in range(first, first + 1000) if (found := trial.outcome(seed))} == {}


def test_the_generator_gives_the_same_messages_everywhere() -> None:
    assert [fragment(seed) for seed in range(50)] == [fragment(seed) for seed in range(50)]
    assert len({fragment(seed) for seed in range(500)}) > 450


# The net


@pytest.mark.parametrize(
    ("markdown", "what"),
    [
        ("a <b>x</b>", "raw HTML"),
        ("<script>x", "raw HTML"),
        ("- <!-- x -->", "raw HTML"),
        ("[x](javascript:alert(1))", "a link of scheme 'javascript'"),
        ("<data:text/html,x>", "a link of scheme 'data'"),
        ("[x]\n\n[x]: vbscript:y", "a link of scheme 'vbscript'"),
        ("| a |\n| --- |\n| [x](java&#115;cript:y) |", "a link of scheme 'javascript'"),
        ("> 1. ~~[x](/relative)~~", "a link of scheme ''"),
        (f"![x]({PICTURE})", "a picture"),
        ("![x](https://acme.omnidesk.ru/1.png)", ""),
        ("[x](https://x.ru) <https://x.ru> <a@b.ru> `<b>` \\<b> &lt;b>", ""),
        ("```\n<b>\n```", ""),
    ],
)
def test_the_net_finds_what_acts(markdown: str, what: str) -> None:
    assert final_check.caught(markdown, "acme.omnidesk.ru") == what


def test_what_the_net_catches_arrives_as_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, and somebody is told, without a word of the message."""
    markup = '<p>слово <b>важно</b> &lt;i&gt;</p><p><a href="https://pay.example/1">оплатить</a></p>'
    monkeypatch.setattr(markdown_writer, "markdown", _once("<script>x</script>", markdown_writer.markdown))
    told: list[str] = []
    found = from_html(markup, POLICY, told.append)
    assert found == "слово важно &lt;i>\nоплатить https://pay.example/1"
    assert told == ["raw HTML"]


def test_what_is_caught_even_then_is_shown_as_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_writer, "markdown", lambda blocks, formatting=True: "<script>x</script>")
    told: list[str] = []
    assert from_html("<p>слово ```</p>", POLICY, told.append) == "````\nслово ```\n````"
    assert message("слово", "", POLICY, told.append) == "```\nслово\n```"
    assert told == ["raw HTML", "its words as well"] * 2


def _once(first: str, then: object) -> object:
    answers = iter([first])

    def answer(*given: object, **named: object) -> object:
        return next(answers, None) or then(*given, **named)  # type: ignore[operator]

    return answer


# What is deep or much


@pytest.mark.parametrize("name", long_shapes(100))
def test_no_shape_takes_more_than_its_share(name: str) -> None:
    """Counted in calls, not in time: four times the text may not take much more than four times as many."""
    calls = []
    from_html(long_shapes(500)[name], POLICY)  # what is compiled once counts for neither
    for size in (2_000, 8_000):
        markup, profile = long_shapes(size)[name], cProfile.Profile()
        profile.runcall(from_html, markup, POLICY)
        calls.append(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]
    assert calls[1] < 9 * calls[0] + 5_000, calls


@pytest.mark.parametrize("tag", ["caption", "div", "blockquote", "b", "ul><li", "table><tr><td", "x-y", "a"])
def test_what_is_nested_too_deeply_is_shown_as_its_words(tag: str) -> None:
    """Before anything that goes into the depth has looked at it."""
    deep = f"<{tag}>" * 9_000 + "слово <i>*два*</i><script>x</script>"
    assert incoming._read(deep, POLICY) is None
    assert "слово \\*два\\*" in from_html(deep, POLICY)


def test_the_depth_is_counted_before_anything_recursive() -> None:
    def nested(levels: int) -> str:
        return "<div>" * levels + "слово" + "</div>" * levels

    assert from_html(nested(nodes.DEEPEST - 10), POLICY) == "слово"
    with pytest.raises(nodes.TooMuch):
        nodes.parse(nested(nodes.DEEPEST))
    with pytest.raises(nodes.TooMuch):
        nodes.parse("<p>x</p>" * nodes.MOST_NODES)


# What nobody sees


def test_what_is_invisible_stays_so() -> None:
    hidden = ["hidden", 'style="display:none"', 'style="DISPLAY : None !important"', 'style="mso-hide:all"',
              'style="visibility:hidden"', 'style="font-size:0"', 'style="opacity:0"', 'hidden="until-found"',
              'style="max-height:0;overflow:hidden"', 'style="color:red;display:/**/none"']  # fmt: skip
    check({f"a<span {one}>b</span><div {one}>c</div>" if "max-height" not in one else f"a<div {one}>c</div>": "a"
           for one in hidden})  # fmt: skip
    check({
        '<div style="visibility:hidden">a<p style="visibility:visible">b</p></div>': "b",
        f'<td style="font-size:0"><img src="{PICTURE}" alt="c"><span style="font-size:14px">d</span></td>':
            f"[c]({PICTURE})d",
        "<p hidden><b>" + "a" * 10 + "</b></p>b": "b",
    })  # fmt: skip
    deep = "<div>" * 200 + '<p style="display:none">a</p>b'
    assert from_html(deep, POLICY) == "b"


def test_pictures_of_a_pixel_vanish() -> None:
    tiny = ["width=1 height=1", "height='0'", 'style="width:1px;height:1px"', 'style="max-width: 2px"']
    check({f'a<img src="{PICTURE}" {one}>': "a" for one in tiny})
    check({f'<img src="{PICTURE}" {one} alt=x>': f"[x]({PICTURE})" for one in ("width=100%", "style='width:1em'")})


@pytest.mark.parametrize(
    "blank",
    ["<p><br></p>", "&nbsp;", f'<img src="{PICTURE}" width=1>', "<!-- x -->", "<div hidden>x</div>", "<p>&#8203;</p>"],
)
def test_html_that_shows_nothing_gives_way_to_the_plain_text(blank: str) -> None:
    assert message("Да, *можно*", blank, POLICY) == "Да, \\*можно\\*"
    assert message("", blank, POLICY) == ""


def test_only_a_name_with_its_semicolon_is_an_entity_of_plain_text() -> None:
    assert message("https://x.ru/?id=5&currency=RUB&timestamp=17", "", POLICY) == (
        "https://x.ru/?id=5&currency=RUB&timestamp=17"
    )
    assert message("A &amp; B &copy; &copy 5", "", POLICY) == "A & B © &copy 5"


# What it means


def test_cells_stay_under_their_heading() -> None:
    check({
        "<table><caption>Тарифы</caption><tr><th>A<th>B<th>C</tr><tr><td colspan=2>1<td>2</tr></table>":
            "Тарифы\n\n| A | B | C |\n| --- | --- | --- |\n| 1 |  | 2 |",
        "<table><tr><th>A<th>B<tr><td rowspan=2>1<td>2<tr><td>3</table>":
            "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 1 | 3 |",
        "<table><thead><tr><th rowspan=2>T<th colspan=2>P<tr><th>m<th>y</thead><tr><td>S<td>1<td>2</table>":
            "| T | P: m | P: y |\n| --- | --- | --- |\n| S | 1 | 2 |",
        "<table><tr><th>A<th>B<tr><td>1<td><ul><li>x<li>y</ul><tr><td>2<td>z</table>":
            "A: 1\nB:\n\n- x\n- y\n\nA: 2\nB: z",
        "<table><tr><td>a<th>b<tr><td>1<td>2</table>": "|  |  |\n| --- | --- |\n| a | b |\n| 1 | 2 |",
        "<table><tr><td>a|b<td><code>c|d</code><tr><td>\\|<td>https://x.ru/|</table>":
            "|  |  |\n| --- | --- |\n| a\\|b | `c\\|d` |\n| \\\\\\| | https://x.ru/\\| |",
        "<table>слово<tr><td>a<td>b<tr><td>c<td>d</table>": "слово\na\nb\nc\nd",
    })  # fmt: skip


def test_emphasis_by_element_and_by_style() -> None:
    check({
        '<strike>a</strike> <s>b</s> <span style="text-decoration: line-through">c</span>': "~~a~~ ~~b~~ ~~c~~",
        '<span style="font-weight:bold">a</span> <i style="font-weight:700">b</i>': "**a** ***b***",
        '<b style="font-weight:normal"><p>слово</p></b>': "слово",
        '<b style="font-weight:normal">a<span style="font-weight:700">b</span></b>': "a**b**",
        '<span style="font-style:italic">a</span> <em style="font-style:normal">b</em>': "*a* b",
        "<b><p>a</p><p>b</p></b>": "**a**\n\n**b**",
        "<b>a</b><i>b</i>": "**a***b*",
    })  # fmt: skip


def test_indents_that_were_meant_are_kept() -> None:
    code = "```\nif x:\n    y()\n```"
    check({
        "<p>if x:<br>&nbsp;&nbsp;&nbsp;&nbsp;y()</p>": code,
        "<div>if x:</div><div>&nbsp; &nbsp; y()</div>": code,
        '<div style="white-space: pre">if x:\n    y()</div>': code,
        '<p style="white-space: pre-wrap">if x:\n    y()\n</p>': code,
        "<pre><div>if x:</div><div>    y()</div></pre>": code,
        "<pre>if x:<br>    y()</pre>": code,
        "Адрес:<br>&nbsp;&nbsp;ул. Ленина, 1": "Адрес:\n\u00a0\u00a0ул. Ленина, 1",
        "Так.&nbsp; Потом &nbsp;ещё": "Так.  Потом  ещё",
        '<p style="white-space: pre-line">a\nb   c</p>': "a\nb c",
    })  # fmt: skip


def test_every_block_has_lines_of_its_own() -> None:
    tags = "center address header footer main nav aside figure fieldset legend details summary hgroup dialog search"
    for tag in [*tags.split(), "section", "article", "form", "div", "p", "h2", "dd", "figcaption"]:
        lines = [line for line in from_html(f"a<{tag}>b</{tag}>c", POLICY).split("\n") if line]
        assert lines == ["a", "## b" if tag == "h2" else "b", "c"], tag
    for tag in ("menu", "dir", "ul"):
        assert from_html(f"a<{tag}><li>b</{tag}>c", POLICY) == "a\n\n- b\n\nc"
    check({'a<span style="display:block">b</span>c': "a\nb\nc", 'a<div style="display:inline">b</div>c': "abc"})


def test_lists_keep_their_numbers() -> None:
    check({
        "<ol><li>a<li value=5>b<li>c</ol>": "1. a\n\n5) b\n6) c",
        "<ol start=3><li>a<ol><li>b</ol></ol>": "3. a\n   1. b",
        "<ol><li>a<ol start=4><li>b</ol></ol>": "1. a\n\n   4. b",
        "<ol reversed><li>a<li>b</ol>": "2. a\n\n1) b",
        "<ol><li>a</ol><ol><li>b</ol>": "1. a\n\n1) b",
        "<ol start=999999999999><li>a</ol>": "1. a",
        "<ul><li>a<ul><li>b</ul><ul><li>c</ul></ul>": "- a\n\n  - b\n\n  * c",
        "<p>1. a<br>2. b</p><ol><li>c</ol>": "1\\. a\n2\\. b\n\n1. c",
        "<ul><li><hr></ul>": "- ***",
    })  # fmt: skip


def test_emoji_pictures_are_emoji() -> None:
    check(
        {
            'Да <img alt="😀" src="https://fonts.example/1.png">!': "Да 😀!",
            '<img alt="❤️" src="cid:1">': "❤️",
            f'<img alt="5" src="{PICTURE}">': f"[5]({PICTURE})",
        }
    )


def test_what_cannot_be_shown_keeps_its_address() -> None:
    check({
        '<a href="https://pay.example/1"><button>Оплатить</button></a>': "[Оплатить](https://pay.example/1)",
        '<a href="https://pay.example/1"><table><tr><td>Оплатить</td></tr></table></a>':
            "[Оплатить](https://pay.example/1)",
        '<audio src="https://x.example/a.mp3"></audio>': "<https://x.example/a.mp3>",
        'a<video><source src="https://x.example/v.mp4"></video>b': "a\n<https://x.example/v.mp4>\nb",
        '<iframe src="//video.example/1" title="Обзор"></iframe>': "[Обзор](https://video.example/1)",
        '<iframe src="javascript:x"></iframe><video>нет</video><embed src="https://x.example/1">a':
            "нет\n<https://x.example/1>\na",
        "<form><button>Войти</button></form>a": "a",
        '<pre>см. <a href="https://x.ru/">тут</a></pre>': "```\nсм. тут (https://x.ru/)\n```",
    })  # fmt: skip


def test_relative_addresses_are_the_accounts() -> None:
    check({
        '<a href="/files/1.pdf">счёт</a>': "[счёт](https://acme.omnidesk.ru/files/1.pdf)",
        '<a href="files/1.pdf">счёт</a>': "[счёт](https://acme.omnidesk.ru/files/1.pdf)",
        '<img src="/files/1.png" alt="снимок">': "![снимок](https://acme.omnidesk.ru/files/1.png)",
        '<a href="//x.ru/1">a</a>': "[a](https://x.ru/1)",
        '<a href="#top">вверх</a> <a href="">x</a>': "вверх x",
        '<a href="https:x">a</a> <a href="https://">b</a> <a href="http:\\\\x.ru">c</a>': "a b c",
    })  # fmt: skip
    assert from_html('<a href="/1">a</a>', Policy(base="http://127.0.0.1:8080")) == "[a](http://127.0.0.1:8080/1)"


def test_every_kind_of_line_end_is_one() -> None:
    check({"a\x0bb\x0cc\x85d\u2028e\u2029f&#8232;g&#11;h": "a\nb\nc\nd\ne\nf\ng\nh", "a\r\nb\rc": "a b c"})
    assert message("a\x0bb\x0cc\x85d\u2028e\r\nf\rg", "", POLICY) == "a\nb\nc\nd\ne\nf\ng"
    assert clean("\x0b\x0c\x85\u2028\u2029\r") == "\n" * 6


def test_no_visible_letter_is_lost() -> None:
    """In random messages of elements that only look different."""
    for seed in range(300):
        text = f"слово{seed}"
        markup = fragment(seed).replace("<", "&lt;") + f"<p>{text}"
        shown = seen(panel(from_html(markup, POLICY)))
        assert words(text) in words(shown)
        assert not {tag for tag, _ in elements(panel(from_html(markup, POLICY)))} & {"script", "img", "iframe"}
