"""What the answers of ``status``, ``show``, ``log``, ``metrics`` and ``probe`` are made of."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_STATUS = {
    "synchronisation": Text("synchronisation", "синхронизация"),
    "off": Text("switched off by the setting Sync", "выключена настройкой Sync"),
    "paused": Text("paused", "пауза"),
    "again": Text("{why} Again in {time}.", "{why} Повтор через {time}."),
    "poll": Text("poll fails", "опрос не удаётся"),
    "scan": Text("scan fails", "просмотр не удаётся"),
    "failing": Text("for {time}: {why}", "уже {time}: {why}"),
    "alerts": Text("alerts", "оповещения"),
    "routing": Text("routing", "маршрутизация"),
    "on_hold": Text("on hold", "удержано"),
    "held": Text(
        "{changes} (pmomnidesk sync --allow-mass-change lets them through)",
        "{changes} (пропустить: pmomnidesk sync --allow-mass-change)",
    ),
    "held_cases": Text("{count} ends of cases", "завершений обращений: {count}"),
    "held_tickets": Text("{count} changes of tickets", "изменений запросов: {count}"),
    "held_new_cases": Text("{count} new cases for old tickets", "новых обращений по старым запросам: {count}"),
    "linked": Text("linked tickets", "связано запросов"),
    "failures": Text("with failures", "с ошибками"),
    "waits": Text("oldest message waits", "старейшее сообщение ждёт"),
    "calls": Text("API calls left", "осталось вызовов API"),
    "calls_unknown": Text("not known yet", "ещё неизвестно"),
    "all_calls": Text("all {limit} a minute", "все {limit} в минуту"),
    "calls_of": Text("{left} of {limit} for {time}", "{left} из {limit} на {time}"),
    "calls_left": Text("{left} for {time}", "{left} на {time}"),
    "polled": Text("last poll of Omnidesk", "последний опрос Омнидеска"),
    "scanned": Text("last scan of BILLmanager", "последний просмотр базы"),
    "webhook": Text("last webhook of Omnidesk", "последний вебхук Омнидеска"),
    "event": Text("last event of BILLmanager", "последнее событие BILLmanager"),
    "never": Text("never", "ещё не было"),
    "ago": Text("{time} ago", "{time} назад"),
    "events": Text("events in the spool", "событий в спуле"),
    "nothing": Text("nothing is due", "ничего не ждёт обработки"),
    "nothing_but": Text("nothing is due, but {why}", "ничего не ждёт обработки, но {why}"),
    "ticket": Text("ticket", "запрос"),
    "case": Text("case", "обращение"),
    "message": Text("message", "сообщение"),
    "next": Text("next try", "когда"),
    "tries": Text("tries", "попыток"),
    "why": Text("why", "причина"),
    "refused": Text("refused because", "причина отказа"),
    "first": Text("… the first {count}", "… первые {count}"),
    "aside": Text("set aside", "отложен"),
    "now": Text("now", "сейчас"),
    "in": Text("in {time}", "через {time}"),
    "metrics": Text("{count} metrics written: {file}", "записано показателей: {count}: {file}"),
}
_SHOW = {
    "older": Text(
        "… {count} older messages and notes: --full shows them",
        "… ещё {count} более ранних сообщений и заметок: --full покажет их",
    ),
    "ticket": Text("Ticket {ticket}: {subject}", "Запрос {ticket}: {subject}"),
    "no_tables": Text(
        "The module's tables are not made (or are of another version): pmomnidesk check_connection",
        "Таблиц модуля нет (или они другой версии): pmomnidesk check_connection",
    ),
    "case": Text("case", "обращение"),
    "no_case": Text("none yet", "ещё нет"),
    "statuses": Text("status now", "статус сейчас"),
    "agreed": Text("agreed", "согласовано"),
    "both": Text("BILLmanager {ticket} · Omnidesk {case}", "BILLmanager {ticket} · Омнидеск {case}"),
    "reported": Text("Omnidesk says", "в Омнидеске"),
    "queue": Text("queue", "очередь"),
    "due": Text("due now", "ждёт обработки"),
    "and_tries": Text("{when}, tries: {count}", "{when}, попыток: {count}"),
    "nothing": Text("no messages", "сообщений нет"),
    "files": Text("[files: {count}]", "[файлов: {count}]"),
    "opens": Text("(opens the case)", "(открывает обращение)"),
    "refused": Text("refused, tries: {count}", "не принято, попыток: {count}"),
    "sending": Text("being sent", "отправляется"),
    "skipped": Text("skipped on purpose", "намеренно не передано"),
    "plan": Text("What would be done next:", "Что будет сделано дальше:"),
    "by_client": Text("client", "клиент"),
    "by_staff": Text("staff", "сотрудник"),
    "by_note": Text("note", "заметка"),
    "by_system": Text("system", "система"),
    "no_line": Text("no line is about ticket {ticket}", "о запросе {ticket} строк нет"),
}
_PROBE = {
    "head": Text(
        "What this host tells of what the module assumes (docs/unverified.md names the same keys). Names and figures"
        " only: no messages, no people, no secrets. Please read it, then send it to the maintainers.",
        "Что этот сервер говорит о предположениях модуля (те же ключи — в docs/unverified.md). Только имена и числа:"
        " без сообщений, людей и секретов. Прочитайте и отправьте разработчикам.",
    ),
    "as_assumed": Text("as assumed", "как предполагалось"),
    "differs": Text("differs", "отличается"),
    "not_settled": Text("not settled", "не выяснено"),
    "part_host": Text("This host", "Этот сервер"),
    "part_tables": Text("Database", "База данных"),
    "part_panel": Text("Panel", "Панель"),
    "part_desk": Text("Omnidesk", "Омнидеск"),
}
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
    "the_cases": Text("the cases", "обращения"),
    "the_client": Text("the client in Omnidesk", "клиент в Омнидеске"),
    "archived_ticket": Text("ticket {number} (archived)", "запрос {number} (в архиве)"),
    "case": Text("case {number}", "обращение {number}"),
    "client": Text("client {number} in Omnidesk", "клиент {number} в Омнидеске"),
}
register(_STATUS, "overview")
register(_SHOW, "show")
register(_PROBE, "probe")
register(_TRIAL, "trial")
