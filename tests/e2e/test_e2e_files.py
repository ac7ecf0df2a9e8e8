"""Files both ways through the installed hooks, worker and mgrctl, byte for byte and under their own names."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.e2e.live import Live

LONGEST = "Ж" * 125 + "a.txt"  # 255 bytes
NOISE = random.Random(7).randbytes(300_000)


def test_files_of_any_name_and_content_go_both_ways(live: Live) -> None:
    """A name of 255 bytes in Cyrillic, quotes, blanks, an emoji; an empty file; bytes that look like a form's own."""
    assert len(LONGEST.encode()) == 255
    outwards = [
        (LONGEST, NOISE),
        ('отчёт "за май" (копия) №1.pdf', b"%PDF-1.7\n\r\n--boundary--\r\n\0"),
        ("🙂 фото.png", b"\x89PNG\r\n\x1a\n" + NOISE[:1000]),
        ("пусто.txt", b""),
    ]
    back = [(name.replace('"', "'"), data[::-1]) for name, data in outwards]
    one = live.ticket("Сейчас пришлю файлы")
    live.panel.client_writes(live.ivan, one.ticket, "вот", outwards)
    live.equal(one)
    there = live.desk.messages(one.case)[-1]
    assert [(file.name, file.data) for file in there.files] == outwards
    assert [file.mime_type for file in there.files][1:3] == ["application/pdf", "image/png"]
    attachments = [(name, "application/octet-stream", data) for name, data in back]
    live.desk.agent_reply(one.case, live.staff, text="и обратно", attachments=attachments)
    live.equal(one)
    here = live.panel.messages(one.ticket)[-1]
    assert [(file.name, file.content) for file in here.files] == back
    live.watch.settled()
    left = live.world.root / "var" / "omnidesk" / "files"
    assert not list(left.rglob("*"))
    assert live.problems() == []


def test_a_message_with_more_files_than_one_holds_goes_as_two(live: Live) -> None:
    """In order, the same author, no file twice."""
    files = [(f"{number}.log", b"%d\n" % number) for number in range(21)]
    one = live.ticket("Сейчас пришлю журналы")
    live.panel.client_writes(live.ivan, one.ticket, "все журналы", files)
    live.until("both parts are there", lambda: len(live.texts(one)) == 3)
    live.watch.settled()
    assert live.texts(one)[1:] == ["все журналы", "Файлы, часть 2 из 2"]
    there = live.desk.messages(one.case)
    assert [(file.name, file.data) for message in there for file in message.files] == files
    assert len({message.user_id for message in there}) == 1


def test_files_of_notes_go_both_ways_where_the_panel_keeps_them(make_live: Callable[..., Live]) -> None:
    """The client gets none of them; a file that Omnidesk refuses by its type is named."""
    live = make_live({"FileStorage": "https://files.example"}, note_files="column")
    live.desk.settings.refused_types = (".exe",)
    one = live.ticket("Есть вопрос")
    live.panel.execute("REPLACE INTO omnidesk_state VALUES ('note_files', 'true', UNIX_TIMESTAMP())")
    files = [("план.pdf", b"%PDF-1.7"), ("b.exe", b"MZ" * 9)]
    live.panel.employee_notes(live.anna, one.ticket, "см. план", files)

    def notes() -> list[Any]:
        return [message for message in live.desk.messages(one.case) if message.note]

    live.until("the note is there", notes)
    (there,) = notes()
    assert [(file.name, file.data) for file in there.files] == files[:1]
    assert "b.exe не передан" in there.content and "https://files.example" in there.content
    back = [(name, "application/octet-stream", data) for name, data in files]
    live.desk.agent_note(one.case, live.staff, text="и обратно", attachments=back)
    live.until("the note is here", lambda: len(live.panel.notes(one.ticket)) == 2)
    live.watch.settled()
    here = live.panel.notes(one.ticket)[-1]
    assert (here.text, [(file.name, file.content) for file in here.files]) == ("и обратно", files)
    assert len(live.panel.messages(one.ticket)) == 1
