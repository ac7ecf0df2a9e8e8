"""The notes that the module itself writes to staff: what happened, why, what follows, what to do."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_TEXTS = {
    "reply_refused": Text(
        "This reply has not been delivered to the client (ticket {ticket} in BILLmanager): {message}.\n"
        "Why: {why}\n"
        "The module tries again when something else of this ticket is delivered, or at once with: "
        "pmomnidesk retry {ticket}\n"
        "If it is delivered later, another note follows. If it is urgent, write to the client another way.",
        "Этот ответ не доставлен клиенту (запрос №{ticket} в BILLmanager): {message}.\n"
        "Причина: {why}\n"
        "Попытка повторится, когда по этому запросу будет передано что-то ещё, или сразу командой: "
        "pmomnidesk retry {ticket}\n"
        "Если ответ удастся доставить позже, об этом появится ещё одна заметка. Если дело срочное, напишите клиенту "
        "другим способом.",
    ),
    "reply_late": Text(
        "The reply that could not be delivered has now been added to ticket {ticket}: {message}.",
        "Ответ, который не удавалось доставить, теперь передан в запрос №{ticket}: {message}.",
    ),
    "message_refused": Text(
        "Message {message} was not sent to Omnidesk, so employees there do not see it.\n"
        "Why: {why}\n"
        "The module tries again when something else of this ticket is sent, or at once with: "
        "pmomnidesk retry {ticket}\n"
        "Please answer it here. If it is sent later, another note follows.",
        "Сообщение {message} не передано в Омнидеск, сотрудники там его не видят.\n"
        "Причина: {why}\n"
        "Попытка повторится, когда по этому запросу будет передано что-то ещё, или сразу командой: "
        "pmomnidesk retry {ticket}\n"
        "Ответьте на него здесь. Если его удастся передать позже, об этом появится ещё одна заметка.",
    ),
    "ticket_deleted": Text(
        "Not delivered to the client: ticket {ticket} was deleted in BILLmanager.\nReply: {message}.\n"
        "What to do: write to the client another way, such as by e-mail. Nothing from this case reaches the client.",
        "Клиенту не доставлено: запрос №{ticket} удалён в BILLmanager.\nОтвет: {message}.\n"
        "Что делать: напишите клиенту другим способом, например по почте. Из этого обращения до него ничего не дойдёт.",
    ),
    "former_case": Text(
        "Not delivered to the client: ticket {ticket} continues in case {case}; this is an earlier case.\n"
        "Reply: {message}.\nWhat to do: write it in case {case}.",
        "Клиенту не доставлено: запрос №{ticket} продолжается в обращении {case}, а это — прежнее.\n"
        "Ответ: {message}.\nЧто делать: напишите его в обращении {case}.",
    ),
    "unreadable": Text(
        "The client cannot read this reply: {message}.\nIt is in ticket {ticket}, but the login {client} is "
        "disabled in BILLmanager.\nWhat to do: write to the client another way, or have the login enabled.",
        "Клиент не может прочитать этот ответ: {message}.\nОн передан в запрос №{ticket}, но пользователь "
        "{client} отключён в BILLmanager.\nЧто делать: напишите клиенту другим способом или попросите включить "
        "пользователя.",
    ),
    "no_client": Text(
        "The client cannot read this reply: {message}.\nIt is in ticket {ticket}, but the client's account was "
        "deleted in BILLmanager.\nWhat to do: write to the client another way.",
        "Клиент не может прочитать этот ответ: {message}.\nОн передан в запрос №{ticket}, но учётная запись "
        "клиента удалена в BILLmanager.\nЧто делать: напишите клиенту другим способом.",
    ),
    "from_client": Text(
        "The client {name} wrote this in Omnidesk. It was added as a note because {why}.",
        "Клиент {name} написал это в Омнидеске. Сообщение добавлено заметкой, потому что {why}.",
    ),
    "aside": Text(
        "The messages of this ticket are not sent to Omnidesk any more, so employees there do not see "
        "them.\nWhy: {why}\nThe module tries again with the client's next message, or at once with: pmomnidesk retry "
        "{ticket}\nUntil then answer here.",
        "Сообщения этого запроса больше не передаются в Омнидеск, сотрудники там их не видят.\nПричина: {why}\n"
        "Попытка повторится со следующим сообщением клиента или сразу командой: pmomnidesk retry {ticket}\nДо этого "
        "отвечайте здесь.",
    ),
    "aside_there": Text(
        "What is written here does not reach the client at present (ticket {ticket} in BILLmanager).\nWhy: "
        "{why}\n"
        "The module tries again with the next message, or at once with: pmomnidesk retry {ticket}",
        "Написанное здесь сейчас не доходит до клиента (запрос №{ticket} в BILLmanager).\nПричина: {why}\n"
        "Попытка повторится со следующим сообщением или сразу командой: pmomnidesk retry {ticket}",
    ),
    "shared": Text(
        "After a merge this case is shared by the tickets {tickets} of one client in BILLmanager. Each "
        "message of "
        "the client begins with the number of its ticket.\nA reply goes to the ticket in which the client wrote "
        "last. To "
        "answer in another one, begin the reply with its number, such as #{ticket}; the client does not see the "
        "number.",
        "После объединения это обращение относится к запросам {tickets} одного клиента в BILLmanager. Каждое "
        "сообщение клиента начинается с номера запроса.\nОтвет уходит в тот запрос, в котором клиент писал последним. "
        "Чтобы ответить в другом, начните ответ с его номера, например #{ticket}; клиент этого номера не увидит.",
    ),
    "split": Text(
        "Ticket {ticket} was split in BILLmanager: later messages were moved to ticket {other}. The conversation "
        "continues in case {case}.\nWhat is written here goes to ticket {ticket}. To answer what was moved, write in "
        "case {case}.",
        "Запрос №{ticket} разделён в BILLmanager: часть сообщений перенесена в запрос №{other}. Переписка "
        "продолжается в обращении {case}.\nНаписанное здесь попадёт в запрос №{ticket}. Чтобы ответить на "
        "перенесённое, пишите в обращении {case}.",
    ),
    "split_uncovered": Text(
        "Ticket {ticket} was split in BILLmanager: later messages were moved to ticket {other}, whose department "
        "is not synchronised.\nWhat is written here goes to ticket {ticket}. What was moved is answered in "
        "BILLmanager, in ticket {other}.",
        "Запрос №{ticket} разделён в BILLmanager: часть сообщений перенесена в запрос №{other}, отдел которого "
        "не синхронизируется.\nНаписанное здесь попадёт в запрос №{ticket}. На перенесённое отвечайте в BILLmanager, "
        "в запросе №{other}.",
    ),
    "merged_here": Text(
        "A case of another client (ticket {ticket} in BILLmanager) was merged into this one. What is "
        "written here "
        "reaches only this case's own client.\nThe next message of the other client opens a new case. Until then "
        "answer "
        "that client in BILLmanager, in ticket {ticket}.",
        "С этим обращением объединили обращение другого клиента (запрос №{ticket} в BILLmanager). "
        "Написанное здесь "
        "получает только клиент этого обращения.\nСледующее сообщение другого клиента откроет новое обращение. До "
        "этого "
        "отвечайте ему в BILLmanager, в запросе №{ticket}.",
    ),
    "merged_away": Text(
        "In Omnidesk the case of this ticket was merged into a case of another client. What employees write "
        "there "
        "does not reach this client.\nThe client's next message opens a new case. Until then answer here.",
        "В Омнидеске обращение этого запроса объединили с обращением другого клиента. Написанное там этот клиент "
        "не получит.\nЕго следующее сообщение откроет новое обращение. До этого отвечайте ему здесь.",
    ),
    "blocked": Text(
        "The client {client} is blocked in Omnidesk, or the client's cases go to spam there, so new messages do "
        "not reach the employees who work in Omnidesk. They wait and are sent as soon as the client is unblocked.\n"
        "What to do: unblock the client in Omnidesk{where}, or answer here.",
        "Клиент {client} заблокирован в Омнидеске или его обращения попадают там в спам, поэтому новые сообщения "
        "не доходят до сотрудников, которые работают в Омнидеске. Они ждут и будут переданы, как только его "
        "разблокируют.\nЧто делать: разблокируйте его в Омнидеске{where} или отвечайте здесь.",
    ),
    "not_ended": Text(
        "The work on ticket {ticket} has ended in BILLmanager, but Omnidesk does not allow this case to be "
        "closed: {why}.\nThe account may require fields for closing. What to do: fill them in here and close the case. "
        "The module tries again when a field or the status changes, or with: pmomnidesk retry {ticket}\nMessages are "
        "still synchronised.",
        "Работа по запросу №{ticket} в BILLmanager закончена, но Омнидеск не даёт закрыть это обращение: {why}.\n"
        "Возможно, в аккаунте есть поля, обязательные при закрытии. Что делать: заполните их здесь и закройте "
        "обращение. Попытка повторится, когда изменится поле или статус, или по команде: pmomnidesk retry {ticket}\n"
        "Сообщения передаются дальше.",
    ),
    "message_late": Text(
        "Message {message}, which could not be sent to Omnidesk, has now been sent.",
        "Сообщение {message}, которое не удавалось передать в Омнидеск, теперь передано.",
    ),
    "edited": Text(
        "Message {message}, which was already delivered here, was changed in Omnidesk. The client sees the "
        "former text. New text:",
        "В Омнидеске изменено сообщение {message}, которое уже передано сюда. Клиент видит прежний текст. Новый текст:",
    ),
    "edited_note": Text(
        "Note {message}, which was already added here, was changed in Omnidesk. New text:",
        "В Омнидеске изменена заметка {message}, которая уже передана сюда. Новый текст:",
    ),
    "deleted_note": Text(
        "Note {message}, which was already added here, was deleted in Omnidesk. It remains here.",
        "В Омнидеске удалена заметка {message}, которая уже передана сюда. Здесь она остаётся.",
    ),
    "not_corrected": Text(
        "The change of this message does not reach the client (ticket {ticket} in BILLmanager): {message}.\n"
        "Why: {why}.\nWhat to do: write the correction as a new reply.",
        "Правка этого сообщения не передана клиенту (запрос №{ticket} в BILLmanager): {message}.\n"
        "Причина: {why}.\nЧто делать: напишите исправление новым ответом.",
    ),
    "edit_archived": Text(
        "the ticket is in the archive, and a correction would take it out", "запрос в архиве, и правка вернула бы его"
    ),
    "edit_moved": Text("the message is no longer in this ticket", "этого сообщения в запросе больше нет"),
    "edit_ticket_deleted": Text("the ticket was deleted", "запрос удалён"),
    "edit_refused": Text("BILLmanager refused it ({what})", "BILLmanager его не принял ({what})"),
    "deleted": Text(
        "Message {message}, which was already delivered here, was deleted in Omnidesk. It remains here, and the "
        "client sees it:",
        "В Омнидеске удалено сообщение {message}, которое уже передано сюда. Здесь оно остаётся и видно клиенту:",
    ),
    "blocked_in_spam": Text(" and take case {case} out of spam", " и верните из спама обращение {case}"),
    # What a new case begins with
    "case_of": Text("Ticket {ticket} in BILLmanager: {subject}", "Запрос №{ticket} в BILLmanager: {subject}"),
    "case_link": Text(
        "Ticket {ticket} in BILLmanager: {subject}\n{address}", "Запрос №{ticket} в BILLmanager: {subject}\n{address}"
    ),
    "case_card": Text("Client:\n{lines}", "Клиент:\n{lines}"),
    "case_thread": Text("The conversation so far, from case {case}:", "Переписка до этого, из обращения {case}:"),
    "case_thread_cut": Text(
        "The conversation so far, from case {case} (without the {count} oldest messages):",
        "Переписка до этого, из обращения {case} (без первых сообщений, их {count}):",
    ),
    "case_said": Text("{head}\n\n{said}", "{head}\n\n{said}"),
    # A case that staff opened, and for which no ticket is made
    "no_ticket": Text(
        "No ticket was created in BILLmanager for this case, so what is written here does not reach the client "
        "there.\nWhy: {why}.\nWhat to do: {fix}.",
        "Для этого обращения не создан запрос в BILLmanager, и написанное здесь до клиента там не дойдёт.\n"
        "Причина: {why}.\nЧто делать: {fix}.",
    ),
    "start_unknown": Text(
        "the client of this case is not known in BILLmanager", "клиент этого обращения неизвестен в BILLmanager"
    ),
    "start_several": Text(
        "several users of BILLmanager have the e-mail of this client",
        "электронная почта этого клиента указана у нескольких пользователей BILLmanager",
    ),
    "start_disabled": Text(
        "the client's login is disabled in BILLmanager, so he could not read it there",
        "пользователь клиента отключён в BILLmanager, прочитать запрос он не сможет",
    ),
    "start_refused": Text("BILLmanager refused the ticket ({what})", "BILLmanager отказал в создании запроса ({what})"),
    "fix_start": Text(
        "answer here by e-mail, or open the ticket in BILLmanager, which creates a case of its own",
        "ответьте отсюда по почте или создайте запрос в BILLmanager — для него появится своё обращение",
    ),
    # Why a client's message became a note
    "client_disabled": Text(
        "the login {login} is disabled in BILLmanager (enable it in Clients, Users)",
        "пользователь {login} отключён в BILLmanager (включить: «Клиенты», «Пользователи»)",
    ),
    "client_refused": Text(
        "BILLmanager does not allow the login {login} to write", "BILLmanager не разрешает писать пользователю {login}"
    ),
    "client_archived": Text(
        "the ticket was in the archive, where BILLmanager accepts no messages from clients",
        "запрос был в архиве, где BILLmanager не принимает сообщения клиентов",
    ),
    "client_deleted": Text(
        "the client's account was deleted in BILLmanager", "учётная запись клиента в BILLmanager удалена"
    ),
}
register(_TEXTS, "notice")
