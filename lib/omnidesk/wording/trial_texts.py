"""What ``probe --trial`` says: what it asks and shows while it runs, and what each step has found."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_TRIAL = {
    "nothing_done": Text("Nothing was done.", "Ничего не сделано."),
    "plan": Text(
        "In the name of the client {client} and the employee {employee}, and in the channel {channel}, this will:",
        "От имени клиента {client} и сотрудника {employee} и в канале {channel} будет сделано следующее:",
    ),
    "touches": Text(
        "Nothing but the ticket, the cases and the client made for this is touched; they are deleted at the end, also"
        " after Ctrl-C. Where the panel does not let the ticket be deleted, it stays in the archive.",
        "Затрагиваются только созданные для этого запрос, обращения и клиент; в конце они удаляются, в том числе после"
        " Ctrl-C. Если панель не разрешает удалить запрос, он остаётся в архиве.",
    ),
    "begin": Text("Begin? [y/N] ", "Начать? [y/N] "),
    "cleaning": Text("Cleaning up, please wait.", "Удаление созданного, подождите."),
    "interrupted": Text("Interrupted. Cleaning up, please wait.", "Прервано. Удаление созданного, подождите."),
    "removed": Text("Everything that was made is removed.", "Всё созданное удалено."),
    "stays": Text("These stay: {stays}.", "Остаётся: {stays}."),
    "report": Text(
        "The report, without names, texts and secrets: {path}", "Отчёт без имён, текстов и секретов: {path}"
    ),
    "the_ticket": Text("the ticket", "запрос"),
    "the_case": Text("the case", "обращение"),
    "the_answer": Text("the answer", "ответ"),
    "the_cases": Text("the cases", "обращения"),
    "the_client": Text("the client in Omnidesk", "клиент в Омнидеске"),
    "archived_ticket": Text("ticket {number} (archived)", "запрос {number} (в архиве)"),
    "case": Text("case {number}", "обращение {number}"),
    "client": Text("client {number} in Omnidesk", "клиент {number} в Омнидеске"),
}
_FOUND = {
    "not_tried": Text("not tried, this was not made: {what}", "не проверено, так как не создано: {what}"),
    "accepted": Text("accepted", "принято"),
    "refused": Text("refused: {why}", "отказ: {why}"),
    "no_body": Text("{code} no body", "{code} без тела"),
    "sent": Text("the content sent", "отправленное содержимое"),
    "another": Text("something else", "другое содержимое"),
    # The ticket
    "ticket_made": Text(
        "messages: {count}; the answer names the ticket: {named}; status {status}; assigned to level {levels}",
        "сообщений: {count}; запрос назван в ответе: {named}; статус {status}; назначен уровню {levels}",
    ),
    "by_environment": Text("texts by mgrctl -e", "тексты через mgrctl -e"),
    "by_command_line": Text("texts by the command line", "тексты через командную строку"),
    "taken": Text("assigned before to level {before}, then {after}", "был назначен уровню {before}, затем {after}"),
    "answered": Text(
        "messages: {count}; assignment kept: {kept}; status {status}",
        "сообщений: {count}; назначение сохранилось: {kept}; статус {status}",
    ),
    "corrected": Text(
        "{came}; changed: {changed}, date kept: {kept}; new messages: {new}",
        "{came}; изменено: {changed}, дата сохранилась: {kept}; новых сообщений: {new}",
    ),
    "noted": Text("notes: {notes}, messages: {messages}", "заметок: {notes}, сообщений: {messages}"),
    "noted_file": Text(
        "{came}; notes: {notes}, messages: {messages}, files of notes: {files}",
        "{came}; заметок: {notes}, сообщений: {messages}, файлов заметок: {files}",
    ),
    "uploaded": Text(
        "files: {count}; ticket.file names: {local}; over HTTP: {fetched}",
        "файлов: {count}; по пути из ticket.file: {local}; по HTTP: {fetched}",
    ),
    "no_path": Text("no path", "пути нет"),
    "unreadable_path": Text("a path that cannot be read", "путь не читается"),
    "name_kept": Text("of {length} bytes {kept} are kept", "из {length} байт сохранено {kept}"),
    "ends": Text("ends", "завершает"),
    "goes_on": Text("stays", "не завершает"),
    "posts": Text("posts a message", "отправляет сообщение"),
    "assigned": Text("assigned to level {levels}", "назначен уровню {levels}"),
    "archived_now": Text(
        "status {status}; assigned to level {levels}; the panel's own lines: {lines}",
        "статус {status}; назначен уровню {levels}; собственные строки панели: {lines}",
    ),
    "no_author": Text("no author", "без автора"),
    "author_0": Text("author 0", "автор 0"),
    "a_user": Text("a user", "пользователь"),
    "lines": Text(
        "lines: {count}, of these taken for a person's: {persons}",
        "строк: {count}, из них приняты за написанные человеком: {persons}",
    ),
    "to_archive": Text(
        "{came}; messages: {count}; status {status}; assigned to level {levels}",
        "{came}; сообщений: {count}; статус {status}; назначен уровню {levels}",
    ),
    # Ratings
    "rated": Text("{column}: good {good}, bad {bad}", "{column}: хорошая оценка {good}, плохая {bad}"),
    "rated_once": Text(
        "{column}: good {good}, a second rating changes nothing",
        "{column}: хорошая оценка {good}, вторая оценка ничего не меняет",
    ),
    "rated_elsewhere": Text(
        "no column of ticket_message; tables with a new row: {tables}",
        "в ticket_message такого столбца нет; таблицы с новой строкой: {tables}",
    ),
    "rated_nowhere": Text(
        "nothing changed in ticket_message, nor in a table that refers to it",
        "ничего не изменилось ни в ticket_message, ни в таблицах, которые на неё ссылаются",
    ),
    # The module's own part
    "logged": Text(
        "logged: private fields {private}, other fields {others}",
        "в журнале: поля private {private}, другие поля {others}",
    ),
    "link": Text("the link to the case is there: {there}", "ссылка на обращение есть: {there}"),
    "no_events": Text("no event of: {functions}", "нет событий от: {functions}"),
    # The case
    "case_made": Text(
        "status {status}; read by number: {number}; listed by its client: {listed}",
        "статус {status}; читается по номеру: {number}; есть в списке по клиенту: {listed}",
    ),
    "thread": Text(
        "messages: {count}, ids grow: {grow}; after staff's: status {by_staff}, assigned to the author: {assigned};"
        " after the client's: status {by_client}; types: {types}; texts in: {bodies}",
        "сообщений: {count}, номера растут: {grow}; после ответа сотрудника: статус {by_staff}, назначено автору:"
        " {assigned}; после сообщения клиента: статус {by_client}; типы: {types}; тексты в полях: {bodies}",
    ),
    "marked": Text("marked as a note: {marked}", "отмечено как заметка: {marked}"),
    "edited": Text(
        "changed: {put}, id kept: {kept}, new text: {new}; deleted: {gone}, still in the thread: {left};"
        " new ids: {ids}",
        "изменение: {put}, номер сохранился: {kept}, новый текст: {new}; удаление: {gone}, осталось в переписке:"
        " {left}; новых номеров: {ids}",
    ),
    "uploaded_there": Text("files: {count}; downloaded: {came}", "файлов: {count}; скачано: {came}"),
    "rating_kept": Text("rating kept: {kept}", "оценка сохранена: {kept}"),
    "status_refused": Text("{status}: refused, {why}", "{status}: отказ, {why}"),
    "after_message": Text("after the client's message: {status}", "после сообщения клиента: {status}"),
    "changes": Text(
        "changes: {count}, by staff_ID of an employee: {by_us}; others by {others}",
        "изменений: {count}, из них от staff_ID сотрудника: {by_us}; остальные от {others}",
    ),
    "spam_case": Text(
        "{answer}; marked: {marked}; client blocked: {blocked}; takes messages: {takes}; a new case is in spam:"
        " {second}; unblocked: {unblock}, {active}; restored: {restore}, {again}",
        "{answer}; отмечено: {marked}; клиент заблокирован: {blocked}; принимает сообщения: {takes}; новое обращение в"
        " спаме: {second}; разблокирован: {unblock}, {active}; восстановлено: {restore}, {again}",
    ),
    "trash_case": Text(
        "{answer}; marked: {marked}; takes messages: {takes}",
        "{answer}; отмечено: {marked}; принимает сообщения: {takes}",
    ),
    "deleted_case": Text(
        "deleted: {code}; case: {case}; its messages: {messages}; a message for it: {message}",
        "удаление: {code}; обращение: {case}; его сообщения: {messages}; сообщение в него: {message}",
    ),
}
register(_TRIAL, "trial")
register(_FOUND, "trial")
