"""The type of a file: its content says, its name where that leaves it open; always one that can stand in a header."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnidesk.attachments import file_types
from omnidesk.core.filenames import UNKNOWN

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(*names: str) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, "x" * 50)
        return file.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KNOWN = [
    ("снимок.png", PNG, "image/png"),
    ("снимок", PNG, "image/png"),
    ("photo.txt", PNG, "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(50), "image/jpeg"),
    ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(50), "application/pdf"),
    ("plain.pdf", b"%PDF-1.7\nall of it letters\n", "application/pdf"),
    ("договор.docx", DOCX, WORD),
    ("archive.zip", zipped("a.txt"), "application/zip"),
    ("archive.bin", zipped("a.txt"), "application/zip"),
    ("picture.png", zipped("a.txt"), "application/zip"),
    ("old.doc", OLE, "application/msword"),
    ("log.txt", b"2026-11-22 line\n", "text/plain"),
    ("журнал.txt", "строка\n".encode("cp1251"), "text/plain"),
    ("utf16.txt", "строка\n".encode("utf-16"), "text/plain"),
    ("table.csv", b"a;b;c\n", "text/csv"),
    ("data.json", b'{"a": 1}', "application/json"),
    ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    ("note.txt", b"BM is a good name\n", "text/plain"),  # two letters that a picture begins with, too
    ("note.txt", b"MZ starts this line\n", "text/plain"),
    ("notes", b"just words\n", "text/plain"),
    ("fake.png", b"no picture at all\n", "text/plain"),
    ("fake.png", b"\0\1\2\3 no picture", UNKNOWN),
    ("fake.txt", b"\0\1\2\3 no text", UNKNOWN),
    ("empty.txt", b"", "text/plain"),
    ("empty", b"", UNKNOWN),
    ("movie.mp4", b"\0\0\0\x18ftypmp42" + bytes(20), "video/mp4"),
]


@pytest.mark.parametrize(("name", "head", "kind"), KNOWN, ids=[f"{name}-{kind}" for name, _, kind in KNOWN])
def test_what_a_file_is_said_to_be(name: str, head: bytes, kind: str) -> None:
    assert file_types.of(head, name) == kind


@given(st.binary(max_size=300), st.text(max_size=30))
@example(b"\xff\xfe", "x")
@example(b"PK\x03\x04", "a\r\nb.zip")
@example(PNG, "\ud800.png")
def test_whatever_is_in_it_the_type_can_stand_in_a_header(head: bytes, name: str) -> None:
    assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", file_types.of(head, name), re.ASCII)
