"""The lines that the module writes into messages: of whom and of which ticket they are, which files are missing."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "wrote": Text("{name} wrote:", "{name} пишет:"),
        "deleted_author": Text("An author whose account was deleted", "Автор, учётная запись которого удалена"),
        "system": Text("System message of BILLmanager:", "Системное сообщение BILLmanager:"),
        "unsigned": Text(
            "From BILLmanager itself, or from an author whose account was deleted:",
            "Сообщение BILLmanager или автора, учётная запись которого удалена:",
        ),
        "files": Text("Files: {names}", "Файлы: {names}"),
        "correction": Text("Correction:", "Исправление:"),
        "files_added": Text("Files added: {names}", "Добавлены файлы: {names}"),
        "files_removed": Text("Files removed: {names}", "Убраны файлы: {names}"),
        "ticket": Text("Ticket {ticket}", "Запрос №{ticket}"),
    },
    "message",
)
register(
    {
        "lost": Text("The file {name} was not sent: {why}. {where}", "Файл {name} не передан: {why}. {where}"),
        "large": Text("it is larger than {most} MB", "он больше {most} МБ"),
        "large_size": Text(
            "its size is {size} MB, and the limit is {most} MB", "его размер {size} МБ, а предел — {most} МБ"
        ),
        "gone": Text("it is no longer on the server", "его больше нет на сервере"),
        "unreadable": Text("it cannot be read", "он не читается"),
        "no_file": Text("there is no regular file at its path", "по этому пути не обычный файл"),
        "refused": Text("the other side refused it", "другая сторона его не приняла"),
        "withheld": Text("the other side does not hand it out", "другая сторона его не отдаёт"),
        "refused_kind": Text(
            "the other side refused it; perhaps it does not take files of this type ({kind}, {size} MB)",
            "другая сторона его не приняла; возможно, она не принимает файлы такого типа ({kind}, {size} МБ)",
        ),
        "refused_size": Text("the other side refused it ({size} MB)", "другая сторона его не приняла ({size} МБ)"),
        "many": Text(
            "one note does not take so many files, or such large ones together",
            "в одну заметку не входит столько файлов или их общий размер слишком велик",
        ),
        "failed": Text("it could not be transferred", "передать его не удаётся"),
        "no_room": Text("the server's disk is nearly full", "на диске сервера мало места"),
        "note": Text("a note cannot contain files", "заметка не может содержать файлы"),
        "elsewhere": Text("it is stored on another server", "он хранится на другом сервере"),
        "of_ticket": Text(
            "It belongs to ticket {ticket} in BILLmanager.", "Он относится к запросу №{ticket} в BILLmanager."
        ),
        "at_address": Text("Its address in Omnidesk: {url}", "Адрес в Омнидеске: {url}"),
        "in_case": Text("It is in Omnidesk, case {case}.", "Он есть в Омнидеске, в обращении {case}."),
        "of_note": Text(
            "This note has files in BILLmanager that cannot be had from there: {count}. They are in ticket {ticket}.",
            "У этой заметки есть файлы в BILLmanager, которые нельзя получить: {count}. Они в запросе №{ticket}.",
        ),
        "storage": Text("a file storage", "файловое хранилище"),
        "storage_at": Text("the file storage ({place})", "файловое хранилище ({place})"),
        "put": Text(
            "To pass it on, put it into {storage} and send the link.",
            "Чтобы передать его, выложите файл в {storage} и пришлите ссылку.",
        ),
        "ask": Text(
            "If it does not open, ask for a link to it in {storage}.",
            "Если он не открывается, попросите выложить его в {storage} и прислать ссылку.",
        ),
        "part": Text("Files, part {number} of {total}", "Файлы, часть {number} из {total}"),
    },
    "file",
)
