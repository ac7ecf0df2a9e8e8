"""The pictures of the documentation: each that is named exists and is small, and none lies about that nobody shows."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from tests.docs.pages import PAGES, REPOSITORY

IMAGES = REPOSITORY / "docs" / "images"
_SHOWN = re.compile(r"!\[(?P<words>[^]]*)\]\((?P<path>[^)\s]+)\)")
LARGEST = 150 * 1024


def shown() -> dict[Path, str]:
    """The files that pages show, with what is said for those who do not see them."""
    return {
        (page.path.parent / found["path"]).resolve(): found["words"]
        for page in PAGES
        for found in _SHOWN.finditer(page.text)
        if not found["path"].startswith("http")
    }


def test_every_picture_that_is_shown_exists_and_is_described() -> None:
    assert shown(), "no page shows a picture"
    for path, words in shown().items():
        assert path.is_file(), path
        assert len(words.split()) >= 4, f"{path.name} is described by {words!r}"


def test_pictures_are_small_and_all_are_shown() -> None:
    files = sorted(IMAGES.iterdir())
    assert set(files) <= set(shown()), "pictures that no page shows"
    for path in files:
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n"), path
        width, height = struct.unpack(">II", content[16:24])
        assert 300 <= width <= 1400 and height <= 1400, f"{path.name}: {width}x{height}"
        assert len(content) <= LARGEST, f"{path.name}: {len(content) // 1024} KB"


def test_both_languages_have_the_same_pictures() -> None:
    names = {path.name for path in IMAGES.iterdir()}
    assert {name.replace(".ru.", ".en.") for name in names if ".ru." in name} == {n for n in names if ".en." in n}
