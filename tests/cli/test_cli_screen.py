"""Texts on a terminal: never wider than it, never steering it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from omnidesk.wording.screen import STYLES, Screen, columns, cut, hanging, pad, plain, span, table, wrap

WIDTHS = some.integers(1, 60)


@given(some.text(max_size=200))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    """One line of printable letters, and cleaning twice is cleaning once."""
    shown = plain(text)
    assert shown.isprintable() and shown == plain(shown)


@given(some.text(max_size=80), some.sampled_from(["\x1b[31m", "\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202e"]))
def test_known_sequences_do_not_survive(text: str, sequence: str) -> None:
    assert not any(letter in plain(text + sequence + text) for letter in "\x1b\x9b\x07\u202e")
    assert plain("a\x1b[31mb\x1b[0mc") == "abc"


@given(some.text(max_size=100).map(plain), WIDTHS)
def test_cut_and_padded_texts_have_their_width(text: str, width: int) -> None:
    assert columns(cut(text, width)) <= width
    assert columns(pad(text, width)) == width
    assert cut(text, columns(text)) == text


@given(some.text(max_size=300).map(plain), some.integers(8, 60))
def test_wrapping_keeps_every_letter(text: str, width: int) -> None:
    """Only blanks go; wide letters may stand over the edge by one column."""
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(columns(line) <= width + 1 for line in lines)


@given(
    some.lists(some.tuples(*[some.text(max_size=30).map(plain)] * 2, some.text(max_size=120).map(plain)), max_size=5),
    some.integers(80, 140),
)
def test_a_table_fits_its_screen(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = table(Screen(width=width), ("one", "two", "three"), rows)
    assert len(lines) >= len(rows) + 1
    wide = max([0, *(columns(a) + columns(b) for a, b, _ in rows)])
    assert all(columns(line) <= max(width, wide + 26) + 1 for line in lines)


def test_colours_only_where_they_are_wanted() -> None:
    for style in STYLES:
        assert Screen().paint(style, "x") == "x"
        assert Screen(colour=True).paint(style, "x").startswith("\x1b[")


def test_spans_are_told_in_their_largest_units() -> None:
    cases = {0: "0 s", 119: "119 s", 150: "2 min", 7300: "2 h 1 min", 200000: "2 d 7 h"}
    assert {seconds: span(seconds, "en") for seconds in cases} == cases
    assert span(7300, "ru") == "2 ч 1 мин"


def test_prose_is_wrapped_below_its_beginning() -> None:
    said = "✗ panel: the panel does not answer\n    → start it, and then try it once more"
    assert hanging(said, 24) == [
        "✗ panel: the panel", "    does not answer", "    → start it, and then", "      try it once more",
    ]  # fmt: skip
    assert hanging("one\n\ntwo", 20) == ["one", "", "two"]
