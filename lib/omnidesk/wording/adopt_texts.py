"""What ``adopt`` and ``import`` say."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_ADOPT = {
    "label": Text("Adopt", "Перенос"),
    "dry": Text(
        "Nothing was changed. The same command with --yes does it.",
        "Ничего не изменено. Та же команда с --yes выполнит это.",
    ),
    "stopped": Text(
        "Stopped. The same command goes on where this one ended.",
        "Остановлено. Та же команда продолжит с этого места.",
    ),
    "report": Text("The whole report: {path}", "Весь отчёт: {path}"),
    "cut": Text("… and {count} more", "… и ещё {count}"),
    "could_be": Text("{role} could be {could} (of {there})", "{role}: подходят {could} (из {there})"),
    # How a column was recognised
    "columns": Text(
        "{table}: {here} ({by_here}) → {there} ({by_there})", "{table}: {here} ({by_here}) → {there} ({by_there})"
    ),
    "as_named": Text("as given", "указано"),
    "as_key": Text("by its foreign key", "по внешнему ключу"),
    "as_name": Text("by its name", "по имени"),
    "as_values": Text("by its content", "по содержимому"),
    # How a case was found, and by what it was recognised
    "by_table": Text("the original module's table", "таблица исходного модуля"),
    "by_search": Text("the client's cases", "обращения клиента"),
    "ground_messages": Text("its messages there", "сообщения в ней"),
    "ground_text": Text("text", "текст"),
    "ground_subject": Text("subject", "тема"),
    "ground_number": Text("number in the subject", "номер в теме"),
    "ground_time": Text("time", "время"),
    "ground_user": Text("client", "клиент"),
    "adopted": Text(
        "ticket {ticket} → case {case}: {by} ({grounds}); {paired} messages paired, {here} stay in BILLmanager, {there}"
        " in Omnidesk{fresh}{doubts}",
        "запрос {ticket} → обращение {case}: {by} ({grounds}); сообщений связано: {paired}, останется в BILLmanager:"
        " {here}, в Омнидеске: {there}{fresh}{doubts}",
    ),
    "fresh": Text(", {count} go over", ", будет передано: {count}"),
    "look_here": Text("; look at messages {ids}", "; посмотрите сообщения {ids}"),
    "look_there": Text("; look at Omnidesk's messages {ids}", "; посмотрите сообщения Омнидеска {ids}"),
    "left": Text("ticket {ticket} left alone: {why}", "запрос {ticket} не тронут: {why}"),
    "left_count": Text("  {count}  {why}", "  {count}  {why}"),
    "all_left": Text("Left alone:", "Не тронуты:"),
    "total": Text(
        "{tickets} tickets {were} taken over: {by_table} by the original's table, {by_search} by the clients' cases."
        " {paired} messages paired, {here} stay in BILLmanager, {there} in Omnidesk, {fresh} go over.",
        "{were} запросов: {tickets}, по таблице исходного модуля: {by_table}, по обращениям клиентов: {by_search}."
        " Сообщений связано: {paired}, останется в BILLmanager: {here}, в Омнидеске: {there}, будет передано: {fresh}.",
    ),
    "would_be": Text("would be", "Будет принято"),
    "were": Text("were", "Принято"),
    "syncing": Text(
        "Synchronisation is on: a ticket that somebody writes in before it is taken over gets a new case. Set Sync off"
        " first.",
        "Синхронизация включена: запрос, в который напишут раньше, чем он будет принят, получит новое обращение."
        " Сначала укажите Sync off.",
    ),
    "doubtful": Text(
        "{count} newer messages have no other side that could be recognised; they stay where they are and are named"
        " above.",
        "Для новых сообщений ({count}) пара не узнана; они останутся где были и названы выше.",
    ),
    "apart": Text(
        "{count} tickets have another state than their case; it stays so until something happens to them.",
        "Состояние {count} запросов отличается от состояния обращения; так и останется, пока с ними ничего не"
        " произойдёт.",
    ),
}
# Why a ticket is left alone
_LEFT = {
    "no_case": Text("no case of its client matches", "похожего обращения клиента нет"),
    "ambiguous": Text("several cases match: {value}", "подходит несколько: {value}"),
    "several": Text(
        "the original module's table has several cases: {value}",
        "в таблице исходного модуля несколько обращений: {value}",
    ),
    "shared": Text(
        "the original module's table has its case for other tickets too: {value}",
        "в таблице исходного модуля то же обращение у других запросов: {value}",
    ),
    "unlike": Text(
        "case {value} from the original module's table has nothing in common with this ticket",
        "обращение {value} из таблицы исходного модуля ничем не похоже на этот запрос",
    ),
    "deleted": Text("case {value} was deleted", "обращение {value} удалено"),
    "trash": Text("case {value} is in the trash", "обращение {value} в корзине"),
    "spam": Text("case {value} is spam", "обращение {value} в спаме"),
    "merged": Text(
        "case {value} was merged into a case that is deleted or of another client",
        "обращение {value} объединено с обращением другого клиента или с удалённым",
    ),
    "channel": Text(
        "its case is in another channel ({value}); use --channel to include it",
        "обращение в другом канале ({value}); добавьте его через --channel",
    ),
    "taken": Text("case {value} is already linked to it", "обращение {value} уже связано с ним"),
    "no_client": Text("its client was deleted", "клиент удалён"),
    "busy": Text("the worker is processing it", "его обрабатывает воркер"),
    "failed": Text("{value}", "{value}"),
}
_IMPORT = {
    "progress": Text(
        "{tried} of {total} tickets, {rate}, ticket {ticket}{waits}",
        "запросов: {tried} из {total}, {rate}, запрос {ticket}{waits}",
    ),
    "waits": Text(", {why}", ", {why}"),
    "rate": Text("{count}/min", "{count}/мин"),
    "today_first": Text("today's tickets first", "сначала сегодняшние запросы"),
    "problem": Text("  ticket {ticket}: {why}", "  запрос {ticket}: {why}"),
    "label": Text("Import", "Импорт"),
    "estimated": Text(
        "{tickets} tickets with {messages} messages and {notes} notes would go over, with about {calls} calls{time}.",
        "Будет передано запросов: {tickets}, сообщений: {messages}, заметок: {notes}; вызовов: около {calls}{time}.",
    ),
    "time": Text(": {time} at the account's limit", ", {time}"),
    "done": Text(
        "{imported} tickets imported, {failed} failed, {empty} have nothing to send.",
        "Передано запросов: {imported}, с ошибкой: {failed}, нечего передавать: {empty}.",
    ),
    "failed": Text(
        "The worker tries those that failed again; pmomnidesk status shows them.",
        "Запросы с ошибкой повторит воркер; их показывает pmomnidesk status.",
    ),
}
register(_ADOPT, "adopt")
register(_LEFT, "left")
register(_IMPORT, "import")
