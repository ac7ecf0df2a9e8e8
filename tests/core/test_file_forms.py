"""Forms with files: what PHP reads out of them, their length, and files that change while they are read."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.core import filenames, multipart
from omnidesk.core.errors import TryLater
from sandbox.omnidesk.bodies import Upload, parsed
from sandbox.omnidesk.wire import Request

NAMES = [
    "отчёт за май.pdf", 'say "hi".txt', "a\\b.txt", "'one' & two;three=4.txt", "🙂👩\u200d👧.png", "%22.txt",
    "Ж" * 125 + ".txt", "x" * 251 + ".log", "a  b.txt", "=?utf-8?B?eA==?=.txt", "name=\"x\"; filename=\"y.txt",
]  # fmt: skip


def form(files: list[tuple[str, bytes]], fields: list[tuple[str, str]] | None = None) -> multipart.Body:
    parts = [
        multipart.FilePart(f"message[attachments][{number}]", name, io.BytesIO(data), len(data), "text/plain")
        for number, (name, data) in enumerate(files)
    ]
    return multipart.Body(fields or [("message[content]", "текст")], parts)


def read(body: multipart.Body) -> dict[str, object]:
    data = b"".join(body)
    assert len(data) == len(body), "the length was promised before"
    found: dict[str, object] = parsed(Request("POST", "/", "", {"Content-Type": body.content_type}, data))["message"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_php_reads_the_name_that_was_meant(name: str) -> None:
    """Raw UTF-8; quotation marks come back. (PHP takes what stands behind a backslash for the name.)"""
    found = read(form([(name, b"data")]))
    assert found == {"content": "текст", "attachments": {"0": Upload(name.rpartition("\\")[2], "text/plain", b"data")}}


@given(st.lists(st.tuples(st.text(min_size=1, max_size=80), st.binary(max_size=200)), max_size=4), st.text(max_size=50))
def test_whatever_is_sent_arrives(files: list[tuple[str, bytes]], text: str) -> None:
    """Bytes for bytes, also where they look like the form's own; names as they are once they are made safe."""
    safe = [(filenames.safe(name, quotes=True), data) for name, data in files]
    found = read(form(safe, [("message[content]", text)]))
    assert found["content"] == text.encode("utf-8", "replace").decode()
    arrived = found.get("attachments", {})
    assert isinstance(arrived, dict)
    assert [(one.name, one.data) for one in arrived.values()] == safe


def test_a_form_can_be_read_again() -> None:
    """Whoever sends it twice sends the same."""
    body = form([("a.txt", b"data" * 1000)])
    assert b"".join(body) == b"".join(body)


def test_only_what_was_promised_is_read_of_a_stream_in_its_middle() -> None:
    content = io.BytesIO(b"skipped data")
    content.seek(8)
    assert multipart.size_of(content) == 4
    part = multipart.FilePart("message[f]", "a", content, 4, "a/b")
    assert read(multipart.Body([], [part])) == {"f": Upload("a", "a/b", b"data")}


def test_blocks_are_small_however_large_the_file(tmp_path: Path) -> None:
    """Nothing holds more than a block of it."""
    with open(tmp_path / "big", "w+b") as file:
        file.truncate(10 * multipart.BLOCK + 5)
        part = multipart.FilePart("f", "big", file, 10 * multipart.BLOCK + 5)
        assert max(map(len, multipart.Body([], [part]))) == multipart.BLOCK


@pytest.mark.parametrize(("change", "words"), [(-1, "shorter"), (1, "longer"), (-200_000, "shorter")])
def test_a_file_that_changes_while_it_is_read_is_never_passed_off_as_whole(
    tmp_path: Path, change: int, words: str
) -> None:
    """The form breaks off, so it has not the length that was promised, and the failure says that nobody knows."""
    size = 200_000
    (tmp_path / "f").write_bytes(b"x" * size)
    with open(tmp_path / "f", "rb") as file:
        body = multipart.Body([], [multipart.FilePart("f", "f.log", file, size)])
        sent = 0
        with pytest.raises(TryLater, match=words) as caught:
            for block in body:
                sent += len(block)
                os.truncate(tmp_path / "f", size + change)
    assert caught.value.uncertain
    assert sent < len(body)


def test_a_file_that_cannot_be_read_on_breaks_the_form_off(tmp_path: Path) -> None:
    """A failing disk, say; a folder's descriptor stands in for it."""

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(TryLater, match="Input/output error"):
        b"".join(multipart.Body([], [multipart.FilePart("f", "f.log", Failing(b"data"), 4)]))
