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
        "gone": Text("it is no longer on the server", "его больше нет на сервере"),
        "unreadable": Text("it cannot be read", "он не читается"),
        "no_file": Text("there is no regular file at its path", "по этому пути не обычный файл"),
        "refused": Text("the other side refused it", "другая сторона его не приняла"),
        "failed": Text("it could not be transferred", "передать его не удаётся"),
        "no_room": Text("the server's disk is nearly full", "на диске сервера мало места"),
        "note": Text("a note cannot contain files", "заметка не может содержать файлы"),
        "elsewhere": Text("it is stored on another server", "он хранится на другом сервере"),
        "of_ticket": Text(
            "It belongs to ticket {ticket} in BILLmanager.", "Он относится к запросу №{ticket} в BILLmanager."
        ),
        "at_address": Text("Its address in Omnidesk: {url}", "Адрес в Омнидеске: {url}"),
        "in_case": Text("It is in Omnidesk, case {case}.", "Он есть в Омнидеске, в обращении {case}."),
        "part": Text("Files, part {number} of {total}", "Файлы, часть {number} из {total}"),
    },
    "file",
)
