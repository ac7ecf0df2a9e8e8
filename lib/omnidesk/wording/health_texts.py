"""What the panel's page on the module's state says."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        # The state in a sentence each, worst first
        "fine": Text(
            "Everything works: the sides were compared {time} ago.",
            "Всё работает: стороны сравнивались {time} назад.",
        ),
        "off": Text(
            "Synchronisation is switched off: events are recorded, nothing is sent.",
            "Синхронизация выключена: события записываются, ничего не передаётся.",
        ),
        "paused": Text(
            "Everything waits until {until}. {why}",
            "Всё ждёт до {until}. {why}",
        ),
        "poll": Text("Omnidesk cannot be polled since {since}. {why}", "Опрос Омнидеска не удаётся с {since}. {why}"),
        "scan": Text(
            "BILLmanager's tables cannot be looked through since {since}. {why}",
            "Просмотр базы BILLmanager не удаётся с {since}. {why}",
        ),
        "held": Text(
            "On hold: {changes}. If they are right, run pmomnidesk sync --allow-mass-change.",
            "Удержано: {changes}. Если изменения верны, выполните pmomnidesk sync --allow-mass-change.",
        ),
        "aside": Text(
            "Set aside, not tried any more: {count} tickets. The list of the synchronisation has the reasons.",
            "Отложено и больше не повторяется запросов: {count}. Причины — в списке синхронизации.",
        ),
        "retrying": Text(
            "Tickets that failed and are tried again: {count}. The list of the synchronisation has the reasons.",
            "Запросов, которые не удались и повторяются: {count}. Причины — в списке синхронизации.",
        ),
        "refused": Text(
            "Messages that the other side does not take: {count}.",
            "Сообщений, которые другая сторона не принимает: {count}.",
        ),
        "never": Text(
            "The sides were never compared yet: the module has not been started. Its timer is to run every minute.",
            "Стороны ещё не сравнивались: модуль не запускался. Таймер должен запускать его каждую минуту.",
        ),
        "stale": Text(
            "The sides were last compared {time} ago. Is the module's timer running? Check the connection.",
            "Стороны последний раз сравнивались {time} назад. Работает ли таймер модуля? Проверьте подключение.",
        ),
        "check_found": Text("Found by the check {time} ago: {why}", "Проверка {time} назад: {why}"),
        "checked": Text("Checked {time} ago.", "Проверено {time} назад."),
        "not_checked": Text(
            "Not checked yet. The check asks Omnidesk and the panel and takes a few seconds.",
            "Ещё не проверялось. Проверка обращается к Омнидеску и панели и занимает несколько секунд.",
        ),
        "not_set_up": Text(
            "The module is not set up yet. Open its settings first.",
            "Модуль ещё не настроен. Сначала откройте параметры интеграции.",
        ),
        # Figures
        "queue": Text("tickets in the queue", "запросы в очереди"),
        "in_queue": Text(
            "waiting {now}, to be repeated {later}, set aside {aside}",
            "ждут {now}, на повторе {later}, отложено {aside}",
        ),
        "rejected": Text("messages not taken", "не принято сообщений"),
        # The chart and its table
        "per_day": Text("Messages and notes a day", "Сообщений и заметок в день"),
        "out": Text("to Omnidesk", "в Омнидеск"),
        "in": Text("to BILLmanager", "в BILLmanager"),
        "of_day": Text(
            "{day}: {out} to Omnidesk, {into} to BILLmanager", "{day}: в Омнидеск {out}, в BILLmanager {into}"
        ),
        "delay_out": Text("Delay to Omnidesk", "Задержка в Омнидеск"),
        "delay_in": Text("Delay to BILLmanager", "Задержка в BILLmanager"),
        "median": Text("median", "медиана"),
        "late": Text("95 %", "95 %"),
        "delay_of_day": Text("{day}: median {median}, 95 % {late}", "{day}: медиана {median}, 95 % {late}"),
        # Staff
        "both": Text("answers in his own name", "отвечает от своего имени"),
        "integration": Text("integration employee", "сотрудник интеграции"),
        "replying": Text("the others' replies come in his name", "от его имени приходят ответы остальных"),
        "only_here": Text(
            "not in Omnidesk: his replies go there in the integration employee's name",
            "нет в Омнидеске: его ответы уходят туда от имени сотрудника интеграции",
        ),
        "only_there": Text(
            "not in BILLmanager: replies come in the name of {employee}",
            "нет в BILLmanager: ответы приходят от имени {employee}",
        ),
        "staff_unknown": Text(
            "Omnidesk's staff is not known yet: check the connection first.",
            "Сотрудники Омнидеска ещё не известны: сначала проверьте подключение.",
        ),
        # A ticket
        "sent": Text("delivered", "передано"),
        "waits": Text("not sent yet", "ещё не передано"),
        "refused_here": Text("refused, tries: {count}. {why}", "не принято, попыток: {count}. {why}"),
        "sending": Text("being sent", "отправляется"),
        "skipped": Text("left out on purpose", "намеренно не передано"),
        "no_log": Text("No log has a line about this ticket.", "В журналах нет строк об этом запросе."),
        "older_lines": Text(
            "The newest {count} lines; all: pmomnidesk log {ticket}",
            "Последние {count} строк; все: pmomnidesk log {ticket}",
        ),
        "nothing_to_do": Text("Nothing is left to do.", "Делать больше нечего."),
    },
    "health",
)
register(
    {  # what a finding of check_connection is about
        "account": Text("account", "аккаунт"),
        "alerts": Text("alerts", "оповещения"),
        "channel": Text("channel", "канал"),
        "closing": Text("closing", "закрытие"),
        "archive": Text("archive", "архив"),
        "database": Text("database", "база данных"),
        "departments": Text("departments", "отделы"),
        "disk": Text("disk", "диск"),
        "edits": Text("edits", "правки"),
        "employee": Text("employee", "сотрудник"),
        "field": Text("field {name}", "поле {name}"),
        "field custom_fields": Text("custom fields", "кастомные поля"),  # of all of them
        "field database": Text("custom fields", "кастомные поля"),
        "fields": Text("custom fields", "кастомные поля"),
        "further": Text("channel {name}", "канал {name}"),
        "notes": Text("notes", "заметки"),
        "omnidesk": Text("Omnidesk", "Омнидеск"),
        "panel": Text("panel", "панель"),
        "priority": Text("priority", "приоритет"),
        "rating": Text("ratings", "оценки"),
        "rights": Text("rights", "права"),
        "routing": Text("routing", "маршрутизация"),
        "settings": Text("settings", "настройки"),
        "staff": Text("staff", "сотрудники"),
        "sync": Text("synchronisation", "синхронизация"),
        "timer": Text("timer", "таймер"),
        "webhook": Text("webhook", "вебхук"),
    },
    "topic",
)
