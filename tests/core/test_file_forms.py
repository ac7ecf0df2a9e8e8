"""Forms with files: what PHP reads out of them, and files that change or fail."""

from __future__ import annotations

import errno
import io
import os
import tempfile
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


def read(files: list[tuple[str, bytes]], fields: list[tuple[str, str]] | None = None) -> dict[str, object]:
    parts = [
        multipart.FilePart(f"message[attachments][{number}]", name, io.BytesIO(data), "text/plain")
        for number, (name, data) in enumerate(files)
    ]
    with multipart.form(fields or [("message[content]", "текст")], parts) as form:
        found: dict[str, object] = parsed(Request("POST", "/", "", form.headers, form.content.read()))["message"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_php_reads_the_name_that_was_meant(name: str) -> None:
    """Raw UTF-8; quotation marks come back. (PHP takes what stands behind a backslash for the name.)"""
    expected = Upload(name.rpartition("\\")[2], "text/plain", b"data")
    assert read([(name, b"data")]) == {"content": "текст", "attachments": {"0": expected}}


@given(st.lists(st.tuples(st.text(min_size=1, max_size=80), st.binary(max_size=200)), max_size=4), st.text(max_size=50))
def test_whatever_is_sent_arrives(files: list[tuple[str, bytes]], text: str) -> None:
    """Bytes for bytes, also where they look like the form's own; names as they are once they are made safe."""
    safe = [(filenames.safe(name, quotes=True), data) for name, data in files]
    found = read(safe, [("message[content]", text)])
    assert found["content"] == text.encode("utf-8", "replace").decode()
    arrived = found.get("attachments", {})
    assert isinstance(arrived, dict)
    assert [(one.name, one.data) for one in arrived.values()] == safe


def test_a_file_is_sent_from_its_beginning() -> None:
    """Also when it was read before, to find out its type, or sent once already."""
    content = io.BytesIO(b"data")
    content.read()
    for _ in range(2):
        with multipart.form([], [multipart.FilePart("f", "f.log", content)]) as form:
            assert b"\r\n\r\ndata\r\n" in form.content.read()


@pytest.mark.parametrize("size", [0, 100, 300_000])
def test_a_file_that_changes_while_it_is_sent_goes_as_it_was(tmp_path: Path, size: int) -> None:
    (tmp_path / "f").write_bytes(b"x" * 200_000)
    with (
        open(tmp_path / "f", "rb") as file,
        multipart.form([], [multipart.FilePart("f", "f.log", file)]) as form,
    ):
        os.truncate(tmp_path / "f", size)
        assert form.content.read().count(b"x") == 200_000


def test_a_file_that_cannot_be_read_fails_before_anything_is_sent() -> None:
    """A failing disk, say."""

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    parts = [multipart.FilePart("f", "f.log", Failing(b"data"))]
    with pytest.raises(TryLater, match="Input/output error") as caught, multipart.form([], parts):
        raise AssertionError("there is no form")
    assert not caught.value.uncertain


def test_a_form_without_room_fails_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files is full: the disk of ``/dev/full`` always is."""
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: open("/dev/full", "w+b"))  # noqa: SIM115 - the form closes it
    parts = [multipart.FilePart("f", "f.log", io.BytesIO(b"data"))]
    with pytest.raises(TryLater, match=os.strerror(errno.ENOSPC)) as caught, multipart.form([], parts):
        raise AssertionError("there is no form")
    assert not caught.value.uncertain
