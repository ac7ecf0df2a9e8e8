"""The Russian form of what commands and plans say in English.

Actions, reasons and answers are English because the log is (one language to search in, and to send to maintainers).
Each of their sentences has its Russian form here, found by a pattern; a test holds the table against the code. A
sentence without a form is shown as it is rather than not at all.
"""

from __future__ import annotations

import re

_STATES = {"open": "открыто", "waiting": "ждёт клиента", "closed": "закрыто", "ended": "завершено"}
_SIDES = {"ticket": "запрос", "tickets": "запросы", "case": "обращение", "cases": "обращения"}
_KINDS = {"message": "сообщение", "note": "заметка", "client": "клиента", "staff": "сотрудника"}
_GONE = {"spam": "в спаме", "trash": "в корзине", "deleted": "удалено", "merged": "объединено с другим"}
_WORDS = {**_STATES, **_SIDES, **_KINDS, **_GONE, "Omnidesk": "Омнидеск", "name": "имя", "BILLmanager": "BILLmanager"}

_TITLES = (
    (r"look for a case that an earlier run may have created", "найти обращение, которое мог создать предыдущий запуск"),
    (r"look in (\w+) for a (\w+) that an earlier run may have created",
     "{1}: найти то, что мог создать предыдущий запуск ({2})"),
    (r"check whether the client is unblocked in Omnidesk", "проверить, разблокирован ли клиент в Омнидеске"),
    (r"Omnidesk: new case, (\w+), with message (\d+)", "Омнидеск: новое обращение ({1}) с сообщением {2}"),
    (r"Omnidesk: (client|staff) message (\d+)", "Омнидеск: сообщение {1} {2}"),
    (r"Omnidesk: files of message (\d+), part (\d+)", "Омнидеск: файлы сообщения {1}, часть {2}"),
    (r"Omnidesk: note (\d+)", "Омнидеск: заметка {1}"),
    (r"BILLmanager: reply (\d+) \(and close\)", "BILLmanager: ответ {1} (и завершить)"),
    (r"BILLmanager: reply (\d+) \(stays open\)", "BILLmanager: ответ {1} (остаётся открытым)"),
    (r"BILLmanager: note (\d+)", "BILLmanager: заметка {1}"),
    (r"BILLmanager: client message (\d+)", "BILLmanager: сообщение клиента {1}"),
    (r"BILLmanager: note that Omnidesk message (\d+) was changed", "BILLmanager: заметка об изменении сообщения {1}"),
    (r"BILLmanager: note that Omnidesk message (\d+) was deleted", "BILLmanager: заметка об удалении сообщения {1}"),
    (r"Omnidesk: note that reply (\d+) was not delivered", "Омнидеск: заметка о том, что ответ {1} не доставлен"),
    (r"Omnidesk: note that reply (\d+) was delivered later", "Омнидеск: заметка о том, что ответ {1} доставлен позже"),
    (r"Omnidesk: note that (\d+) replies were not delivered", "Омнидеск: заметка о недоставленных ответах: {1}"),
    (r"Omnidesk: note that the client cannot read reply (\d+)",
     "Омнидеск: заметка о том, что клиент не может прочитать ответ {1}"),
    (r"(\w+): note that the ticket is set aside", "{1}: заметка о том, что запрос отложен"),
    (r"(\w+): note that the case cannot be closed", "{1}: заметка о том, что обращение не удаётся закрыть"),
    (r"(\w+): note that the conversation continues in ticket (\d+)",
     "{1}: заметка о том, что переписка продолжается в запросе {2}"),
    (r"Omnidesk: note of system message (\d+)", "Омнидеск: заметка с сообщением панели {1}"),
    (r"Omnidesk: note that the case is shared", "Омнидеск: заметка о том, что обращение общее"),
    (r"(\w+): note that cases of two clients were merged", "{1}: заметка об объединении обращений двух клиентов"),
    (r"BILLmanager: note that the client is blocked in Omnidesk",
     "BILLmanager: заметка о том, что клиент заблокирован в Омнидеске"),
    (r"BILLmanager: note that message (\d+) was not sent", "BILLmanager: заметка о том, что сообщение {1} не передано"),
    (r"BILLmanager: note that message (\d+) was delivered later",
     "BILLmanager: заметка о том, что сообщение {1} передано позже"),
    (r"record that message (\d+) is (\d+) in Omnidesk", "записать связь: сообщение {1} в Омнидеске — {2}"),
    (r"skip Omnidesk message (\d+)", "не передавать сообщение Омнидеска {1}"),
    (r"skip BILLmanager (\w+) (\d+)", "не передавать из BILLmanager: {1} {2}"),
    (r"Omnidesk: case (.*)", "Омнидеск: обращение: {1}"),
    (r"Omnidesk: read the case", "Омнидеск: прочитать обращение"),
    (r"Omnidesk: read the history of the case", "Омнидеск: прочитать историю обращения"),
    (r"BILLmanager: end the assignment", "BILLmanager: завершить работу с запросом"),
    (r"BILLmanager: reopen the ticket", "BILLmanager: снова открыть запрос"),
    (r"record the agreed statuses: ticket (\w+), case (\w+)",
     "записать согласованные статусы: запрос — {1}, обращение — {2}"),
    (r"Omnidesk: client (.*)", "Омнидеск: данные клиента: {1}"),
    (r"Omnidesk: rating (\w+) for message (\d+)", "Омнидеск: оценка {1} за сообщение {2}"),
    (r"record: rating (\w+) for message (\d+)", "записать: оценка {1} за сообщение {2}"),
    (r"no rating for message (\d+)", "без оценки: сообщение {1}"),
    (r"record what was written in case (\d+)", "записать, что написано в обращении {1}"),
    (r"drop a note to staff that is no longer needed", "отменить заметку сотрудникам: она больше не нужна"),
    (r"record how far the case was read", "записать, до какого места прочитано обращение"),
)  # fmt: skip
_REASONS = (
    (r"the last run ended while creating a case", "предыдущий запуск прервался при создании обращения"),
    (r"the last run ended while sending it", "предыдущий запуск прервался при отправке"),
    (r"its case is not available \((\w*)\)", "его обращение недоступно ({1})"),
    (r"the ticket has no case yet", "у запроса ещё нет обращения"),
    (r"both sides now have the same status", "теперь статусы сторон совпадают"),
    (r"system messages are not synchronised", "сообщения панели не передаются"),
    (r"its author is not known", "автор неизвестен"),
    (r"Omnidesk does not allow the case to be closed", "Омнидеск не даёт закрыть обращение"),
    (r"the ticket was split in BILLmanager", "запрос разделили в BILLmanager"),
    (r"all its messages were read", "все его сообщения прочитаны"),
    (
        r"only the case's history shows who changed its status",
        "только по истории обращения видно, кто изменил его статус",
    ),
    (
        r"its status will be changed and may not be current",
        "его статус будет изменён, а известный мог устареть",
    ),
    (r"the ticket's state changed in BILLmanager", "состояние запроса изменилось в BILLmanager"),
    (r"our own message changed the status", "статус обращения изменило наше же сообщение"),
    (r"both sides have the same status", "статусы сторон совпадают"),
    (r"the client wrote", "написал клиент"),
    (r"the case was opened in Omnidesk", "обращение открыли в Омнидеске"),
    (r"the case is (\w+) in Omnidesk", "обращение в Омнидеске: {1}"),
    (r"values of custom fields changed", "изменились значения кастомных полей"),
    (r"it is not in the case yet", "в обращении его ещё нет"),
    (r"not all files fit into one message", "в одно сообщение не вошли все файлы"),
    (r"it was changed after it was delivered", "его изменили после доставки"),
    (r"it was deleted after it was delivered", "его удалили после доставки"),
    (r"the other side refused it", "другая сторона его не приняла"),
    (r"it was refused before", "раньше оно было отклонено"),
    (r"the ticket was deleted in BILLmanager", "запрос удалён в BILLmanager"),
    (r"its reason no longer applies", "причина устранена"),
    (r"the ticket continues in another case", "запрос продолжается в другом обращении"),
    (r"the client cannot log in to BILLmanager", "клиент не может войти в BILLmanager"),
    (r"cases were merged in Omnidesk", "обращения объединены в Омнидеске"),
    (r"cases of two clients were merged in Omnidesk", "в Омнидеске объединены обращения двух клиентов"),
    (r"the ticket is set aside", "запрос отложен"),
    (r"his new cases start in spam", "его новые обращения попадают в спам"),
    (r"notes are not synchronised", "заметки не синхронизируются"),
    (r"it is the message we sent", "это отправленное нами сообщение"),
    (r"it has no author", "у него нет автора"),
    (r"it is not in the ticket yet", "в запросе его ещё нет"),
    (r"name or fields changed", "изменились имя или поля"),
    (r"only a reply of staff can be rated", "оценить можно только ответ сотрудника"),
    (r"RatingMap has no level for it", "в RatingMap для неё нет уровня"),
    (r"Omnidesk already has that level", "в Омнидеске уже стоит этот уровень"),
    (r"the client rated the reply", "клиент оценил ответ"),
)
_ANSWERS = (
    (r"ticket (\d+): case (\S+)", "запрос {1}: обращение {2}"),
    (r"ticket (\d+): nothing to do", "запрос {1}: делать нечего"),
    (r"user (\d+) has no case yet; the data is sent with the first one",
     "у пользователя {1} ещё нет обращений; данные будут переданы с первым"),
    (r"user (\d+) is up to date", "данные пользователя {1} уже переданы"),
    (r"user (\d+): name and (\d+) fields sent", "пользователь {1}: отправлены имя и поля ({2})"),
    (r"message (\d+): rated (\w+)", "сообщение {1}: оценка {2}"),
    (r"message (\d+): this rating was already sent", "сообщение {1}: эта оценка уже отправлена"),
    (r"(\d+) tickets will be tried again now", "запросов будет повторено сейчас: {1}"),
    (r"The links of tickets and cases will be lost\. To remove them anyway: pmomnidesk drop_tables --yes",
     "Связи запросов с обращениями будут потеряны. Всё равно удалить: pmomnidesk drop_tables --yes"),
    (r"table (\S+) removed", "таблица {1} удалена"),
    (r"a worker is already running; it was woken", "воркер уже запущен, он разбужен"),
    (r"stopped during a call", "остановлен во время вызова"),
    (r"(\d+) tickets processed, (\d+) failed \((\d+) set aside\), (\d+) actions",
     "запросов обработано: {1}, с ошибкой: {2} (отложено: {3}), действий: {4}"),
    (r"synchronisation is switched off by the setting Sync: events are recorded, not processed",
     "синхронизация выключена настройкой Sync: события записываются, ничего не обрабатывается"),
    (r"paused: (.*)", "пауза: {1}"),
)  # fmt: skip
_DUE = {
    "why_panel": ("event in BILLmanager", "событие в BILLmanager"),
    "why_omnidesk": ("webhook from Omnidesk", "вебхук Омнидеска"),
    "why_changed": ("changed in Omnidesk", "изменилось в Омнидеске"),
    "why_news": ("changed in BILLmanager", "изменилось в BILLmanager"),
    "why_look": ("recheck", "повторная проверка"),
    "why_retry": ("by command", "по команде"),
}


def title(text: str, language: str) -> str:
    """An action's title."""
    return _found(_TITLES, text, language)


def reason(text: str, language: str) -> str:
    """Why an action is planned."""
    return _found(_REASONS, text, language)


def answer(line: str, language: str) -> str:
    """A line of a command's answer: an action with its reason, or a sentence."""
    if language != "ru":
        return line
    what, two_blanks, why = line.rpartition("  (")
    if two_blanks and why.endswith(")"):
        return f"{title(what, language)}  ({reason(why[:-1], language)})"
    return _found(_ANSWERS, line, language)


def due(text: str, language: str) -> str:
    """Why a ticket is due (:data:`omnidesk.wording.due_reasons.DUE_REASONS`)."""
    from omnidesk.wording.due_reasons import DUE_REASONS

    russian = _DUE[DUE_REASONS[text]][1] if text in DUE_REASONS else text
    return russian if language == "ru" else text


def lost(why: str, language: str) -> str:
    """Why a case is not available: spam, trash, deleted or merged."""
    return _GONE.get(why, why) if language == "ru" else {"spam": "in spam", "trash": "in the trash"}.get(why, why)


def status(name: str, language: str) -> str:
    """A status of a ticket or case."""
    return _STATES.get(name, name) if language == "ru" else name


def _found(forms: tuple[tuple[str, str], ...], text: str, language: str) -> str:
    if language != "ru":
        return text
    for pattern, russian in forms:
        match = re.fullmatch(pattern, text)
        if match:
            return russian.format(text, *(_word(group or "") for group in match.groups()))
    return text


def _word(text: str) -> str:
    return ", ".join(_WORDS.get(part, part) for part in text.split(", "))
