"""Whether both sides were compared and are equal, and why that is not known or not so."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "with_reasons": Text("{state}: {why}.", "{state}: {why}."),
        "without_reasons": Text("{state}.", "{state}."),
        "equal": Text("Both sides were compared and are equal", "Стороны сравнены и совпадают"),
        "differs": Text("The sides differ", "Стороны различаются"),
        "unknown": Text("The sides were not compared", "Стороны не сравнивались"),
        "not_set_up": Text("the module is not set up yet", "модуль ещё не настроен"),
        "not_covered": Text(
            "the ticket's department is not synchronised (setting Departments)",
            "отдел запроса не синхронизируется (настройка Departments)",
        ),
        "no_case": Text("the ticket has no case in Omnidesk", "у запроса нет обращения в Омнидеске"),
        "lost_case": Text(
            "its case does not accept messages any more ({what})",
            "его обращение больше не принимает сообщений ({what})",
        ),
        "spam": Text("spam", "спам"),
        "trash": Text("trash", "корзина"),
        "deleted": Text("deleted", "удалено"),
        "merged": Text("merged", "объединено с чужим"),
        "blocked": Text(
            "the client is blocked in Omnidesk; the messages wait",
            "клиент заблокирован в Омнидеске, его сообщения ждут",
        ),
        "away": Text("Omnidesk is not available", "Омнидеск недоступен"),
        "held": Text(
            "a mass change is on hold until an administrator confirms it",
            "массовое изменение удержано до подтверждения администратором",
        ),
        "actions": Text("something has not been synchronised yet", "ещё не всё передано"),
        "refused": Text(
            "messages refused by the other side: {what}", "сообщений, которые другая сторона не приняла: {what}"
        ),
        "not_ended": Text("Omnidesk does not allow the case to be closed", "Омнидеск не даёт закрыть обращение"),
        "left": Text("messages deliberately not synchronised: {what}", "сообщений намеренно не передано: {what}"),
        "edited": Text(
            "messages changed or deleted in Omnidesk after they were delivered: {what}",
            "сообщений изменено или удалено в Омнидеске после доставки: {what}",
        ),
        "failed": Text("the last try failed", "последняя попытка не удалась"),
        # Of all tickets
        "off": Text("synchronisation is switched off", "синхронизация выключена"),
        "paused": Text("synchronisation is paused", "синхронизация приостановлена"),
        "never": Text("the sides were never compared yet", "стороны ещё ни разу не сравнивались"),
        "stale": Text("the sides were not compared lately", "стороны давно не сравнивались"),
    },
    "agreement",
)
