"""The notes that the module itself writes to staff, in both languages: what happened, why, what follows, what to do."""

from __future__ import annotations

_TEXTS: dict[str, dict[str, str]] = {
    "reply_refused": {
        "en": "This reply has not been delivered to the client (ticket {ticket} in BILLmanager): {message}.\n"
        "Why: {why}\n"
        "It is tried again whenever something else of this ticket is delivered, or at once by: "
        "pmomnidesk retry {ticket}\n"
        "If it is delivered later, another note says so. If it is urgent, write to the client another way.",
        "ru": "Этот ответ не доставлен клиенту (запрос №{ticket} в BILLmanager): {message}.\n"
        "Причина: {why}\n"
        "Попытка повторится, когда по этому запросу будет передано что-то ещё, или сразу командой: "
        "pmomnidesk retry {ticket}\n"
        "Если ответ удастся доставить позже, об этом появится ещё одна заметка. Если дело срочное, напишите клиенту "
        "другим способом.",
    },
    "reply_late": {
        "en": "The reply that could not be delivered has now reached ticket {ticket}: {message}.",
        "ru": "Ответ, который не удавалось доставить, теперь передан в запрос №{ticket}: {message}.",
    },
    "message_refused": {
        "en": "Message {message} has not reached Omnidesk, so employees who work there do not see it.\n"
        "Why: {why}\n"
        "It is tried again whenever something else of this ticket is sent, or at once by: pmomnidesk retry {ticket}\n"
        "Please answer it here. If it is sent later, another note says so.",
        "ru": "Сообщение {message} не передано в Омнидеск, сотрудники там его не видят.\n"
        "Причина: {why}\n"
        "Попытка повторится, когда по этому запросу будет передано что-то ещё, или сразу командой: "
        "pmomnidesk retry {ticket}\n"
        "Ответьте на него здесь. Если его удастся передать позже, об этом появится ещё одна заметка.",
    },
    "message_late": {
        "en": "Message {message}, which could not be sent to Omnidesk, is there now.",
        "ru": "Сообщение {message}, которое не удавалось передать в Омнидеск, теперь там есть.",
    },
    "edited": {
        "en": "Message {message}, which stands here already, was changed in Omnidesk. The client sees the former text. "
        "Now:",
        "ru": "В Омнидеске изменено сообщение {message}, которое здесь уже есть. Клиент видит прежний текст. "
        "Теперь там:",
    },
    "deleted": {
        "en": "Message {message}, which stands here already, was deleted in Omnidesk. Here it stays, and the client "
        "sees it:",
        "ru": "В Омнидеске удалено сообщение {message}, которое здесь уже есть. Здесь оно остаётся и видно клиенту:",
    },
}


def words(language: str, kind: str, **values: object) -> str:
    """The text of a note of this kind."""
    return _TEXTS[kind][language].format(**values)
