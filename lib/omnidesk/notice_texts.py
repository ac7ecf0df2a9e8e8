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
    "blocked": {
        "en": "The client {client} is blocked in Omnidesk, or his cases go to spam there, so his new messages do not "
        "reach the employees who work in Omnidesk. They wait and go over as soon as he is unblocked.\n"
        "What to do: unblock him in Omnidesk{case}, or answer here.",
        "ru": "Клиент {client} заблокирован в Омнидеске или его обращения попадают там в спам, поэтому новые сообщения "
        "не доходят до сотрудников, которые работают в Омнидеске. Они ждут и будут переданы, как только его "
        "разблокируют.\nЧто делать: разблокируйте его в Омнидеске{case} или отвечайте здесь.",
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


_FROM_SPAM = {"en": " and take case {case} out of spam", "ru": " и верните из спама обращение {case}"}


def blocked(language: str, *, ticket: int, client: str, case: str) -> str:
    """The note about a client whose new cases start in spam; ``case``: the number of the one that lies there."""
    more = _FROM_SPAM[language].format(case=case) if case else ""
    return words(language, "blocked", ticket=ticket, client=client, case=more)


def words(language: str, kind: str, **values: object) -> str:
    """The text of a note of this kind."""
    return _TEXTS[kind][language].format(**values)
