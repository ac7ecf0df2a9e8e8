"""Alerts to the administrator: what began and what is over. None holds a client's words."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "subject": Text("OmniDesk on {host}: {what}", "OmniDesk на {host}: {what}"),
        "trouble": Text("something is wrong", "есть проблема"),
        "over": Text("working again", "снова работает"),
        "test": Text("a test", "проверка"),
        "test_text": Text(
            "This is a test of the module's alerts. If you read it, this channel works.",
            "Это проверка оповещений модуля. Если вы читаете это сообщение, канал работает.",
        ),
        "line": Text("{mark} {at} {text}", "{mark} {at} {text}"),
        "more": Text("… and {count} more: pmomnidesk status", "… и ещё {count}: pmomnidesk status"),
        "where": Text(
            "Details: OmniDesk, Health in the panel, or pmomnidesk status.",
            "Подробности: OmniDesk → Состояние в панели или pmomnidesk status.",
        ),
        # Began and over
        "key": Text("Omnidesk refuses the module's login. {why}", "Омнидеск не принимает вход модуля. {why}"),
        "key_over": Text("Omnidesk accepts the module's login again.", "Омнидеск снова принимает вход модуля."),
        "paused": Text(
            "Synchronisation has not worked for {time}. {why}", "Синхронизация не работает уже {time}. {why}"
        ),
        "paused_over": Text(
            "Synchronisation works again, after {time}.", "Синхронизация снова работает, перерыв: {time}."
        ),
        "ticket": Text(
            "Ticket {ticket}: something in it cannot be sent. The reason: pmomnidesk show {ticket}",
            "Запрос {ticket}: что-то в нём не удаётся передать. Причина: pmomnidesk show {ticket}",
        ),
        "ticket_over": Text("Ticket {ticket} is in order again.", "Запрос {ticket}: снова в порядке."),
        "held": Text(
            "On hold: {changes}. If they are right: pmomnidesk sync --allow-mass-change",
            "Удержано: {changes}. Если изменения верны: pmomnidesk sync --allow-mass-change",
        ),
        "held_over": Text("Nothing is on hold any more.", "Больше ничего не удержано."),
        "client": Text(
            "Client {client} is blocked in Omnidesk: his new messages wait. Unblock him there.",
            "Клиент {client} заблокирован в Омнидеске: его новые сообщения ждут. Разблокируйте его там.",
        ),
        "client_over": Text("Client {client} is not blocked any more.", "Клиент {client} больше не заблокирован."),
        "silence": Text(
            "Nothing has been heard of Omnidesk for {time}: no answer to the poll, no webhook."
            " Is the module's timer running? pmomnidesk check_connection",
            "Уже {time} от Омнидеска ничего нет: ни ответа на опрос, ни вебхука."
            " Работает ли таймер модуля? pmomnidesk check_connection",
        ),
        "silence_over": Text("Omnidesk is heard again.", "Омнидеск снова отвечает."),
        # Channels
        "email": Text("e-mail", "почта"),
        "telegram": Text("Telegram", "Telegram"),
        "webhook": Text("webhook", "вебхук"),
        "none": Text(
            "No channel is set: AlertEmail, AlertTelegramToken with AlertTelegramChat, or AlertWebhook.",
            "Не задан ни один канал: AlertEmail, AlertTelegramToken с AlertTelegramChat или AlertWebhook.",
        ),
        "sent": Text("✓ {channel}: sent", "✓ {channel}: отправлено"),
        "not_sent": Text("✗ {channel}: {why}", "✗ {channel}: {why}"),
        "tested": Text("Test {time} ago: {said}", "Проверка {time} назад: {said}"),
        "failing": Text(
            "alerts by {channel} fail for {time}: {why}", "оповещения не уходят ({channel}) уже {time}: {why}"
        ),
        "no_sendmail": Text("there is no {path} on this host", "на этом сервере нет {path}"),
        "exit": Text("{program} ended with {code}", "{program} завершился с кодом {code}"),
        "too_long": Text("no answer within {seconds} s", "нет ответа за {seconds} с"),
        "status": Text("the answer is {status}{words}", "ответ {status}{words}"),
        "no_connection": Text("no connection ({kind})", "нет соединения ({kind})"),
        "half_telegram": Text(
            "AlertTelegramToken and AlertTelegramChat are needed together",
            "AlertTelegramToken и AlertTelegramChat нужны вместе",
        ),
    },
    "alert",
)
