from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.core import conf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("DBHost localhost\n", [(1, "DBHost", "localhost")]),
        ("DBPassword a b\tc # d", [(1, "DBPassword", "a b\tc # d")]),
        ("  Name \t  value  \r\n", [(1, "Name", "value")]),
        ("\ufeffName value", [(1, "Name", "value")]),
        ("# comment\n\n   \n  # another\nName value", [(5, "Name", "value")]),
        ("Alone\nAlone2 \n", [(1, "Alone", ""), (2, "Alone2", "")]),
        ("A 1\nA 2", [(1, "A", "1"), (2, "A", "2")]),
        ("Name one\u2028two\x0bthree\x85four", [(1, "Name", "one\u2028two\x0bthree\x85four")]),
        ("Name \u00a0value\u00a0", [(1, "Name", "\u00a0value\u00a0")]),
    ],
)
def test_lines(text: str, expected: list[tuple[int, str, str]]) -> None:
    """Name and value part at the first blanks; only blanks, CR and LF have a meaning."""
    assert conf.parse(text) == expected


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.from_regex(r"\A[A-Za-z]\w*\Z"), st.text().map(lambda v: v.replace("\n", "").strip(" \t\r"))))
)
def test_what_is_written_is_read(settings: list[tuple[str, str]]) -> None:
    """Any value of one line comes back."""
    text = "".join(f"{name} {value}\n" for name, value in settings)
    assert [(name, value) for _, name, value in conf.parse(text)] == settings


def test_other_encodings_survive_byte_for_byte(tmp_path: Path) -> None:
    """A file that is not UTF-8 is read all the same, and its bytes can be had back."""
    (tmp_path / "file").write_bytes(b"Name \xcf\xf0\n")
    ((_, _, value),) = conf.read(str(tmp_path / "file"))
    assert value.encode("utf-8", "surrogateescape") == b"\xcf\xf0"


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """Nobody may take "cannot be read" for "nothing is set"."""
    with pytest.raises(FileNotFoundError):
        conf.read(str(tmp_path / "none"))
