"""What commands answer in a sentence."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "case": Text("ticket {ticket}: case {case}", "запрос {ticket}: обращение {case}"),
        "nothing_to_do": Text("ticket {ticket}: nothing to do", "запрос {ticket}: делать нечего"),
        "user_without_case": Text(
            "user {user} has no case yet; the data is sent with the first one",
            "у пользователя {user} ещё нет обращений; данные будут переданы с первым",
        ),
        "user_current": Text("user {user} is up to date", "данные пользователя {user} уже переданы"),
        "user_sent": Text(
            "user {user}: name and {count} fields sent", "пользователь {user}: отправлены имя и поля ({count})"
        ),
        "rated": Text("message {message}: rated {level}", "сообщение {message}: оценка {level}"),
        "rated_before": Text(
            "message {message}: this rating was already sent", "сообщение {message}: эта оценка уже отправлена"
        ),
        "retry_when": Text("they wait until this is over: {why}", "повтор — когда это закончится: {why}"),
        "retry": Text("tickets that will be tried again now: {count}", "запросов будет повторено сейчас: {count}"),
        "drop_tables": Text(
            "The links of tickets and cases will be lost. To remove them anyway: pmomnidesk drop_tables --yes",
            "Связи запросов с обращениями будут потеряны. Всё равно удалить: pmomnidesk drop_tables --yes",
        ),
        "table_dropped": Text("table {table} removed", "таблица {table} удалена"),
        "worker_runs": Text("a worker is already running; it was woken", "воркер уже запущен, он разбужен"),
        "stopped": Text("stopped during a call", "остановлен во время вызова"),
        "sync_off": Text(
            "synchronisation is switched off by the setting Sync: events are recorded, not processed",
            "синхронизация выключена настройкой Sync: события записываются, ничего не обрабатывается",
        ),
        "sync": Text(
            "tickets processed: {done}, failed: {failed} (set aside: {aside}), actions: {actions}",
            "запросов обработано: {done}, с ошибкой: {failed} (отложено: {aside}), действий: {actions}",
        ),
        "progress": Text("ticket {ticket}, {done} done", "запрос {ticket}, обработано: {done}"),
        "paused": Text("paused: {why}", "пауза: {why}"),
        "poll_fails": Text(
            "polling Omnidesk for changes fails: {why}", "опрос Омнидеска об изменениях не удаётся: {why}"
        ),
        "scan_fails": Text(
            "scanning BILLmanager's tables fails: {why}", "просмотр таблиц BILLmanager не удаётся: {why}"
        ),
    },
    "answer",
)
