"""What the module does (the titles of actions), why it is planned, and the words that both are made of."""

from __future__ import annotations

from omnidesk.core.phrase import TEXTS, Phrase, Text, plain, register

_WORDS = {
    "status.open": Text("open", "открыто"),
    "status.waiting": Text("waiting", "ждёт клиента"),
    "status.closed": Text("closed", "закрыто"),
    "status.ended": Text("ended", "завершено"),
    "kind.message": Text("message", "сообщение"),
    "kind.note": Text("note", "заметка"),
    "kind.system": Text("system", "сообщение панели"),
    "side.omnidesk": Text("Omnidesk", "Омнидеск"),
    "side.billmanager": Text("BILLmanager", "BILLmanager"),
    "gone.spam": Text("in spam", "в спаме"),
    "gone.trash": Text("in the trash", "в корзине"),
    "gone.deleted": Text("deleted", "удалено"),
    "gone.merged": Text("merged", "объединено с другим"),
    "word.name": Text("name", "имя"),
    "word.priority": Text("priority {level}", "приоритет {level}"),
    "word.assignee": Text("assignee {staff}", "ответственный {staff}"),
    "word.group": Text("group {group}", "группа {group}"),
}

_TITLES = {
    "look_for_case": Text(
        "look for a case that an earlier run may have created",
        "найти обращение, которое мог создать предыдущий запуск",
    ),
    "look_for_message": Text(
        "look in {side} for a {kind} that an earlier run may have created",
        "{side}: найти то, что мог создать предыдущий запуск ({kind})",
    ),
    "look_for_unblocking": Text(
        "check whether the client is unblocked in Omnidesk", "проверить, разблокирован ли клиент в Омнидеске"
    ),
    "create_case": Text(
        "Omnidesk: new case, {status}, with message {message}",
        "Омнидеск: новое обращение ({status}) с сообщением {message}",
    ),
    "send_client": Text("Omnidesk: client message {message}", "Омнидеск: сообщение клиента {message}"),
    "send_staff": Text("Omnidesk: staff message {message}", "Омнидеск: сообщение сотрудника {message}"),
    "send_part": Text(
        "Omnidesk: files of message {message}, part {part}", "Омнидеск: файлы сообщения {message}, часть {part}"
    ),
    "send_note": Text("Omnidesk: note {note}", "Омнидеск: заметка {note}"),
    "send_system": Text(
        "Omnidesk: note of system message {message}", "Омнидеск: заметка с сообщением панели {message}"
    ),
    "reply_and_close": Text("BILLmanager: reply {message} (and close)", "BILLmanager: ответ {message} (и завершить)"),
    "reply": Text("BILLmanager: reply {message} (stays open)", "BILLmanager: ответ {message} (остаётся открытым)"),
    "note": Text("BILLmanager: note {message}", "BILLmanager: заметка {message}"),
    "client_message": Text("BILLmanager: client message {message}", "BILLmanager: сообщение клиента {message}"),
    "notify": Text("{side}: note that {about}", "{side}: заметка {about}"),
    "learn": Text(
        "record that message {message} is {id} in Omnidesk", "записать связь: сообщение {message} в Омнидеске — {id}"
    ),
    "skip": Text("skip Omnidesk message {message}", "не передавать сообщение Омнидеска {message}"),
    "skip_out": Text("skip BILLmanager {kind} {id}", "не передавать из BILLmanager: {kind} {id}"),
    "leave_stray": Text("record what was written in case {case}", "записать, что написано в обращении {case}"),
    "drop_notice": Text(
        "drop a note to staff that is no longer needed", "отменить заметку сотрудникам: она больше не нужна"
    ),
    "correct": Text(
        "BILLmanager: correct the delivered message {message}",
        "BILLmanager: исправить доставленное сообщение {message}",
    ),
    "keep_edit": Text(
        "leave the change of message {message} in Omnidesk", "оставить правку сообщения {message} только в Омнидеске"
    ),
    "update_case": Text("Omnidesk: case {what}", "Омнидеск: обращение: {what}"),
    "read_case": Text("Omnidesk: read the case", "Омнидеск: прочитать обращение"),
    "read_history": Text("Omnidesk: read the history of the case", "Омнидеск: прочитать историю обращения"),
    "end": Text("BILLmanager: end the assignment", "BILLmanager: завершить работу с запросом"),
    "archive": Text("BILLmanager: move the ticket to the archive", "BILLmanager: отправить запрос в архив"),
    "reopen": Text("BILLmanager: reopen the ticket", "BILLmanager: снова открыть запрос"),
    "assign_ticket": Text("BILLmanager: give the ticket to {employee}", "BILLmanager: передать запрос: {employee}"),
    "set_priority": Text("BILLmanager: priority {level}", "BILLmanager: приоритет {level}"),
    "agree_priority": Text("record the agreed priority: {level}", "записать согласованный приоритет: {level}"),
    "agree_assignee": Text(
        "record who works on it: {employee} in BILLmanager, {staff} in Omnidesk",
        "записать, кто работает: в BILLmanager — {employee}, в Омнидеске — {staff}",
    ),
    "move_ticket": Text(
        "BILLmanager: move the ticket to department {department}", "BILLmanager: передать запрос отделу {department}"
    ),
    "agree_place": Text(
        "record the agreed place: department {department}, group {group}",
        "записать согласованное: отдел {department}, группа {group}",
    ),
    "agree": Text(
        "record the agreed statuses: ticket {ticket}, case {case}",
        "записать согласованные статусы: запрос — {ticket}, обращение — {case}",
    ),
    "update_user": Text("Omnidesk: client {what}", "Омнидеск: данные клиента: {what}"),
    "rate": Text("Omnidesk: rating {level} for message {message}", "Омнидеск: оценка {level} за сообщение {message}"),
    "keep_rating": Text(
        "record: rating {rating} for message {message}", "записать: оценка {rating} за сообщение {message}"
    ),
    "refuse_rating": Text("no rating for message {message}", "без оценки: сообщение {message}"),
    "mark_read": Text("record how far the case was read", "записать, до какого места прочитано обращение"),
    "because": Text("{title}  ({why})", "{title}  ({why})"),
}

_ABOUT = {
    "blocked": Text("the client is blocked in Omnidesk", "о том, что клиент заблокирован в Омнидеске"),
    "not_ended": Text("the case cannot be closed", "о том, что обращение не удаётся закрыть"),
    "shared": Text("the case is shared", "о том, что обращение общее"),
    "merged": Text("cases of two clients were merged", "об объединении обращений двух клиентов"),
    "split": Text(
        "the conversation continues in ticket {ticket}", "о том, что переписка продолжается в запросе {ticket}"
    ),
    "unreadable": Text(
        "the client cannot read reply {message}", "о том, что клиент не может прочитать ответ {message}"
    ),
    "stray": Text("{count} replies were not delivered", "о недоставленных ответах: {count}"),
    "aside": Text("the ticket is set aside", "о том, что запрос отложен"),
    "case_note": Text("what the case begins with", "о том, с чего начинается обращение"),
    "reply_refused": Text("reply {message} was not delivered", "о том, что ответ {message} не доставлен"),
    "message_refused": Text("message {message} was not sent", "о том, что сообщение {message} не передано"),
    "reply_late": Text("reply {message} was delivered later", "о том, что ответ {message} доставлен позже"),
    "message_late": Text("message {message} was delivered later", "о том, что сообщение {message} передано позже"),
    "edited": Text("Omnidesk message {message} was changed", "об изменении сообщения {message}"),
    "not_corrected": Text(
        "the client does not get the change of message {message}", "о том, что клиент не получит правку {message}"
    ),
    "deleted": Text("Omnidesk message {message} was deleted", "об удалении сообщения {message}"),
}

_REASONS = {
    "creating_unknown": Text(
        "the last run ended while creating a case", "предыдущий запуск прервался при создании обращения"
    ),
    "sending_unknown": Text("the last run ended while sending it", "предыдущий запуск прервался при отправке"),
    "case_lost": Text("its case is not available ({gone})", "его обращение недоступно ({gone})"),
    "no_case": Text("the ticket has no case yet", "у запроса ещё нет обращения"),
    "same_now": Text("both sides now have the same status", "теперь статусы сторон совпадают"),
    "same": Text("both sides have the same status", "статусы сторон совпадают"),
    "system_off": Text("system messages are not synchronised", "сообщения панели не передаются"),
    "author_unknown": Text("its author is not known", "автор неизвестен"),
    "not_closed": Text("Omnidesk does not allow the case to be closed", "Омнидеск не даёт закрыть обращение"),
    "split": Text("the ticket was split in BILLmanager", "запрос разделили в BILLmanager"),
    "all_read": Text("all its messages were read", "все его сообщения прочитаны"),
    "history": Text(
        "only the case's history shows who changed its status",
        "только по истории обращения видно, кто изменил его статус",
    ),
    "stale_status": Text(
        "its status will be changed and may not be current", "его статус будет изменён, а известный мог устареть"
    ),
    "stale_assignee": Text(
        "its assignee will be changed and is not known", "ответственный будет изменён, а текущий неизвестен"
    ),
    "taken": Text("somebody else has the ticket in BILLmanager", "в BILLmanager запрос у другого сотрудника"),
    "assigned": Text("the case was given to somebody else in Omnidesk", "в Омнидеске сменился ответственный"),
    "own_reply": Text("our own reply changed the assignee", "ответственного сменил наш же ответ"),
    "no_employee": Text(
        "the case's assignee is no employee of BILLmanager", "ответственного за обращение нет в BILLmanager"
    ),
    "nobody_has": Text("nobody has an ended ticket", "завершённый запрос ни у кого"),
    "stale_priority": Text(
        "its priority will be changed and is not known", "приоритет будет изменён, а текущий неизвестен"
    ),
    "priority_here": Text("the priority changed in BILLmanager", "приоритет изменился в BILLmanager"),
    "priority_there": Text("the priority changed in Omnidesk", "приоритет изменился в Омнидеске"),
    "same_priority": Text("both sides have the same priority", "приоритеты сторон совпадают"),
    "ticket_changed": Text("the ticket's state changed in BILLmanager", "состояние запроса изменилось в BILLmanager"),
    "ticket_moved": Text("the ticket was moved to another department", "запрос передали в другой отдел"),
    "case_moved": Text("the case was moved to another group", "обращение перевели в другую группу"),
    "place_agreed": Text("the ticket is where it was agreed to be", "запрос остался в согласованном отделе"),
    "same_place": Text("department and group belong together", "отдел и группа соответствуют друг другу"),
    "stale_group": Text(
        "its group will be changed and may not be current", "его группа будет изменена, а известная могла устареть"
    ),
    "own_message": Text("our own message changed the status", "статус обращения изменило наше же сообщение"),
    "client_wrote": Text("the client wrote", "написал клиент"),
    "case_opened": Text("the case was opened in Omnidesk", "обращение открыли в Омнидеске"),
    "case_is": Text("the case is {status} in Omnidesk", "обращение в Омнидеске: {status}"),
    "case_was": Text(
        "the case was {status} in Omnidesk before our own message moved it",
        "обращение в Омнидеске до нашего сообщения: {status}",
    ),
    "fields_changed": Text("values of custom fields changed", "изменились значения кастомных полей"),
    "not_in_case": Text("it is not in the case yet", "в обращении его ещё нет"),
    "not_in_ticket": Text("it is not in the ticket yet", "в запросе его ещё нет"),
    "more_files": Text("not all files fit into one message", "в одно сообщение не вошли все файлы"),
    "edited": Text("it was changed after it was delivered", "его изменили после доставки"),
    "deleted": Text("it was deleted after it was delivered", "его удалили после доставки"),
    "edits_off": Text("changes are not transferred", "правки не передаются"),
    "refused": Text("the other side refused it", "другая сторона его не приняла"),
    "refused_before": Text("it was refused before", "раньше оно было отклонено"),
    "ticket_deleted": Text("the ticket was deleted in BILLmanager", "запрос удалён в BILLmanager"),
    "needless": Text("its reason no longer applies", "причина устранена"),
    "former_case": Text("the ticket continues in another case", "запрос продолжается в другом обращении"),
    "client_disabled": Text("the client cannot log in to BILLmanager", "клиент не может войти в BILLmanager"),
    "merged": Text("cases were merged in Omnidesk", "обращения объединены в Омнидеске"),
    "merged_alien": Text(
        "cases of two clients were merged in Omnidesk", "в Омнидеске объединены обращения двух клиентов"
    ),
    "aside": Text("the ticket is set aside", "запрос отложен"),
    "new_case": Text("the case is new", "обращение новое"),
    "spam": Text("his new cases start in spam", "его новые обращения попадают в спам"),
    "notes_off": Text("notes are not synchronised", "заметки не синхронизируются"),
    "ours": Text("it is the message we sent", "это отправленное нами сообщение"),
    "no_author": Text("it has no author", "у него нет автора"),
    "client_changed": Text("name or fields changed", "изменились имя или поля"),
    "not_staff": Text("only a reply of staff can be rated", "оценить можно только ответ сотрудника"),
    "no_level": Text("RatingMap has no level for it", "в RatingMap для неё нет уровня"),
    "level_known": Text("Omnidesk already has that level", "в Омнидеске уже стоит этот уровень"),
    "rated": Text("the client rated the reply", "клиент оценил ответ"),
    "command": Text("by command", "по команде"),
}
register(_WORDS)
register(_TITLES, "do")
register(_ABOUT, "about")
register(_REASONS, "why")


def word(subject: str, name: str) -> Phrase:
    """A word of one of the subjects status, kind and gone; what is not known is shown as it is."""
    return Phrase(f"{subject}.{name}") if f"{subject}.{name}" in TEXTS else plain(name)
