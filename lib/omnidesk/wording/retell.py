"""What commands and plans say in English, in Russian for a person who reads that.

Actions, reasons and answers are English because the log is (one language to search in, and to send to maintainers).
Each of their sentences has its Russian form here, found by a pattern; a test holds the table against the code. A
sentence without a form is shown as it is rather than not at all.
"""

from __future__ import annotations

import re

_STATES = {"open": "открыто", "waiting": "ждёт клиента", "closed": "закрыто", "ended": "завершено"}
_SIDES = {"ticket": "запрос", "tickets": "запросы", "case": "обращение", "cases": "обращения"}
_KINDS = {"message": "сообщение", "note": "заметка", "client": "клиента", "staff": "сотрудника"}
_WORDS = {**_STATES, **_SIDES, **_KINDS, "Omnidesk": "Омнидеск", "name": "имя", "BILLmanager": "BILLmanager"}

_TITLES = (
    (r"look for the case an earlier run may have made", "найти обращение, которое мог создать прошлый запуск"),
    (r"look in (\w+) for a (\w+) an earlier run may have made", "{1}: найти то, что мог создать прошлый запуск ({2})"),
    (r"ask whether Omnidesk has unblocked the client", "узнать, разблокирован ли клиент в Омнидеске"),
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
    (r"Omnidesk: note that reply (\d+) went over after all", "Омнидеск: заметка о том, что ответ {1} доставлен позже"),
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
    (r"BILLmanager: note that message (\d+) went over after all",
     "BILLmanager: заметка о том, что сообщение {1} передано позже"),
    (r"remember that message (\d+) is (\d+) in Omnidesk", "запомнить: сообщение {1} в Омнидеске — {2}"),
    (r"leave Omnidesk message (\d+) where it is", "оставить сообщение Омнидеска {1} на месте"),
    (r"leave BILLmanager (\w+) (\d+) where it is", "оставить в BILLmanager на месте: {1} {2}"),
    (r"Omnidesk: case (.*)", "Омнидеск: обращение: {1}"),
    (r"Omnidesk: read the case", "Омнидеск: прочитать обращение"),
    (r"Omnidesk: read the history of the case", "Омнидеск: прочитать историю обращения"),
    (r"BILLmanager: end the assignment", "BILLmanager: завершить работу с запросом"),
    (r"BILLmanager: reopen the ticket", "BILLmanager: снова открыть запрос"),
    (r"remember: ticket (\w+), case (\w+)", "запомнить: запрос — {1}, обращение — {2}"),
    (r"Omnidesk: client (.*)", "Омнидеск: данные клиента: {1}"),
    (r"Omnidesk: rating (\w+) for message (\d+)", "Омнидеск: оценка {1} за сообщение {2}"),
    (r"remember: rating (\w+) for message (\d+)", "запомнить: оценка {1} за сообщение {2}"),
    (r"no rating for message (\d+)", "без оценки: сообщение {1}"),
    (r"remember what was written in case (\d+)", "запомнить, что написано в обращении {1}"),
    (r"remember that a note to staff is no longer needed", "запомнить: заметка сотрудникам больше не нужна"),
    (r"remember how far the case was read", "запомнить, докуда прочитано обращение"),
)  # fmt: skip
_REASONS = (
    (r"a case was being made when the last run ended", "прошлый запуск оборвался, создавая обращение"),
    (r"it was being sent when the last run ended", "прошлый запуск оборвался, отправляя это"),
    (r"its case is gone \((\w*)\)", "его обращения больше нет ({1})"),
    (r"the ticket has no case yet", "у запроса ещё нет обращения"),
    (r"both sides agree now", "теперь обе стороны согласны"),
    (r"system messages are not synchronised", "сообщения панели не передаются"),
    (r"no person is known to have written it", "автор неизвестен: похоже, это сообщение самой панели"),
    (r"Omnidesk does not let the case be closed", "Омнидеск не даёт закрыть обращение"),
    (r"the ticket was split in BILLmanager", "запрос разделили в BILLmanager"),
    (r"all its messages were read", "все его сообщения прочитаны"),
    (
        r"only the case's history tells whether its status follows from a decision",
        "только по истории обращения видно, решил ли кто-то сменить его статус",
    ),
    (
        r"its status is about to be changed and may be another one by now",
        "его статус предстоит изменить, а он мог смениться",
    ),
    (r"the ticket's state changed in BILLmanager", "состояние запроса изменилось в BILLmanager"),
    (r"our own message moved the case", "обращение сдвинуло наше же сообщение"),
    (r"both sides agree", "обе стороны согласны"),
    (r"the client has written", "написал клиент"),
    (r"the case was opened in Omnidesk", "обращение открыли в Омнидеске"),
    (r"the case is (\w+) in Omnidesk", "обращение в Омнидеске: {1}"),
    (r"values of custom fields changed", "изменились значения кастомных полей"),
    (r"it is not in the case yet", "в обращении его ещё нет"),
    (r"the message could not hold all its files", "в одно сообщение не вошли все файлы"),
    (r"it was changed after it was delivered", "его изменили после доставки"),
    (r"it was deleted after it was delivered", "его удалили после доставки"),
    (r"the other side does not take it", "другая сторона его не принимает"),
    (r"it had been refused before", "раньше в нём было отказано"),
    (r"the ticket was deleted in BILLmanager", "запрос удалён в BILLmanager"),
    (r"its reason is over", "её причины больше нет"),
    (r"the ticket goes on in another case", "запрос продолжается в другом обращении"),
    (r"he cannot log in to BILLmanager", "он не может войти в BILLmanager"),
    (r"cases were merged in Omnidesk", "обращения объединены в Омнидеске"),
    (r"cases of two clients were merged in Omnidesk", "в Омнидеске объединены обращения двух клиентов"),
    (r"the ticket is set aside", "запрос отложен"),
    (r"his new cases start in spam", "его новые обращения попадают в спам"),
    (r"notes are not synchronised", "заметки не синхронизируются"),
    (r"it is the message we sent", "это отправленное нами сообщение"),
    (r"nobody wrote it", "его никто не писал"),
    (r"it is not in the ticket yet", "в запросе его ещё нет"),
    (r"name or fields changed", "изменились имя или поля"),
    (r"only a reply of staff can be rated", "оценить можно только ответ сотрудника"),
    (r"the rating map has no level for it", "в RatingMap для неё нет уровня"),
    (r"Omnidesk has that level already", "в Омнидеске нет более точного уровня"),
    (r"the client rated the reply", "клиент оценил ответ"),
)
_ANSWERS = (
    (r"ticket (\d+): case (\S+)", "запрос {1}: обращение {2}"),
    (r"ticket (\d+): nothing to do", "запрос {1}: делать нечего"),
    (r"user (\d+) has no case yet; his data goes over with the first",
     "у пользователя {1} ещё нет обращений; его данные уйдут с первым"),
    (r"user (\d+) is up to date", "данные пользователя {1} уже переданы"),
    (r"user (\d+): name and (\d+) fields sent", "пользователь {1}: отправлены имя и поля ({2})"),
    (r"message (\d+): rated (\w+)", "сообщение {1}: оценка {2}"),
    (r"message (\d+): that rating was sent before", "сообщение {1}: эта оценка уже отправлена"),
    (r"(\d+) tickets will be tried again now", "запросов будет повторено сейчас: {1}"),
    (r"This forgets which ticket is which case\. To do it all the same: pmomnidesk drop_tables --yes",
     "После этого связи запросов с обращениями не восстановить. Всё равно удалить: pmomnidesk drop_tables --yes"),
    (r"table (\S+) removed", "таблица {1} удалена"),
    (r"a worker is running already; it was woken", "обработчик уже работает, он разбужен"),
    (r"told to stop in the middle of a call", "остановлен во время вызова"),
    (r"(\d+) tickets done, (\d+) failed \((\d+) set aside\), (\d+) actions",
     "запросов обработано: {1}, с ошибкой: {2} (отложено: {3}), действий: {4}"),
    (r"synchronisation is switched off by the setting Sync: what happens is noted, nothing is done",
     "синхронизация выключена настройкой Sync: события запоминаются, ничего не делается"),
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
