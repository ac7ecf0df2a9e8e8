"""What ``check_connection`` says of what it has looked at."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_RIGHTS = (
    "In BILLmanager open Provider, Employees, {login}, Rights and give all rights of the group Support;"
    " then run check_connection again.",
    "В BILLmanager откройте Провайдер, Сотрудники, {login}, Права и дайте все права группы «Поддержка»;"
    " затем повторите check_connection.",
)


def _command(en: str, ru: str, command: str) -> Text:
    return Text(en, ru, command, command)


_HOST = {
    "settings": Text("The settings are complete.", "Настройки заполнены."),
    "settings_readable": _command(
        "{path} can be read by others (mode {mode}).", "{path} могут читать другие (права {mode}).", "chmod 600 {path}"
    ),
    "sync_off": Text(
        "Synchronisation is switched off.",
        "Синхронизация выключена.",
        "Switch it on in the settings (Sync on) when everything is ready.",
        "Включите её в настройках (Sync on), когда всё будет готово.",
    ),
    "database": Text(
        "Connected to {name}; the module's tables are up to date.",
        "Подключение к {name} есть; таблицы модуля в порядке.",
    ),
    "alerts": Text("Alerts are sent by {channels}.", "Оповещения отправляются: {channels}."),
    "alerts_fail": Text(
        "Alerts are not taken by {channel}: {why}.",
        "Оповещения не уходят ({channel}): {why}.",
        "Correct the channel's settings, then try pmomnidesk test_alert.",
        "Исправьте настройки канала и проверьте: pmomnidesk test_alert.",
    ),
    "no_alerts": Text(
        "Nobody is alerted when something fails.",
        "О сбоях никто не оповещается.",
        "Set AlertEmail, a Telegram bot or a webhook: OmniDesk, Alerts in the panel.",
        "Задайте почту, бота Telegram или вебхук: OmniDesk → Оповещения в панели.",
    ),
    "three_bytes": Text(
        "Texts are stored in 3-byte utf8: emoji are written as their names.",
        "Тексты хранятся в 3-байтовой utf8: эмодзи записываются названиями.",
    ),
    "no_departments": Text(
        "None of the departments named in Departments exists.",
        "Ни один из отделов, указанных в Departments, не существует.",
        "Fix the setting: names or numbers, separated by commas.",
        "Исправьте настройку: имена или номера через запятую.",
    ),
    "unknown_departments": Text(
        "Departments names departments that do not exist: {names}. Their tickets are not synchronised.",
        "В Departments указаны отделы, которых нет: {names}. Их запросы не синхронизируются.",
        "Fix the setting: names or numbers, separated by commas.",
        "Исправьте настройку: имена или номера через запятую.",
    ),
    "no_new_department": Text(
        "There is no department {name}, which NewTicketDepartment names; tickets go to the first one.",
        "Отдела {name}, указанного в NewTicketDepartment, нет; запросы попадают в первый отдел.",
        "Fix the setting: the name or number of a department.",
        "Исправьте настройку: название или номер отдела.",
    ),
    "no_note_value": Text(
        "The catalogue has no value {name}, which CaseNoteValues names; the card in a case is made without it.",
        "В каталоге нет значения {name}, указанного в CaseNoteValues; карточка в обращении составляется без него.",
        "Use keys of etc/omnidesk/custom_fields_values.json.",
        "Укажите ключи из etc/omnidesk/custom_fields_values.json.",
    ),
    "panel": Text("The panel answers.", "Панель отвечает."),
    "edits_changed": Text(
        "A reply that is edited in Omnidesk within {minutes} minutes is changed in the ticket itself.",
        "Ответ, исправленный в Омнидеске в течение {minutes} мин, исправляется в самом запросе.",
    ),
    "edits_follow": Text(
        "The panel does not change messages: the new text of an edited reply follows as a message of its own.",
        "Панель не изменяет сообщения: новый текст исправленного ответа приходит отдельным сообщением.",
    ),
    "edits_untried": Text(
        "Whether the panel can change messages is not known yet. If it cannot, the new text of an edited reply follows"
        " as a message of its own.",
        "Умеет ли панель изменять сообщения, пока неизвестно. Если нет, новый текст исправленного ответа придёт"
        " отдельным сообщением.",
        "pmomnidesk probe --trial finds it out with a test client; otherwise the first edit does.",
        "Это выяснит pmomnidesk probe --trial на тестовом клиенте или первая же правка.",
    ),
    "priority_column": Text(
        "Priorities are read from ticket.{column} ({means}).", "Приоритеты читаются из ticket.{column} ({means})."
    ),
    "priority_unclear": Text(
        "It is not clear what the values of ticket.{columns} mean; priorities are not synchronised.",
        "Неясно, что означают значения ticket.{columns}; приоритеты не передаются.",
        "Say so in SyncPriority, for example 1:low 2:normal 3:high, with all values that occur; or set it off.",
        "Укажите это в SyncPriority, например 1:low 2:normal 3:high, со всеми значениями; или выключите её.",
    ),
    "priority_missing": Text(
        "No column of ticket holds a priority; priorities are not synchronised.",
        "В ticket нет столбца с приоритетом; приоритеты не передаются.",
        "Set SyncPriority off.",
        "Выключите SyncPriority.",
    ),
    "rating_column": Text(
        "Ratings come with events, and are read from ticket_message.{column}{means}.",
        "Оценки приходят с событиями и читаются из ticket_message.{column}{means}.",
    ),
    "rating_column_missing": Text(
        "ticket_message has no column {column}. Ratings come with events only.",
        "В ticket_message нет столбца {column}. Оценки приходят только с событиями.",
        "Correct the setting RatingColumn.",
        "Исправьте настройку RatingColumn.",
    ),
    "rating_columns_unlikely": Text(
        "Ratings come with events only. The values of {columns} do not look like ratings.",
        "Оценки приходят только с событиями. Значения в {columns} не похожи на оценки клиентов.",
        "If clients' ratings are there, name the column in RatingColumn.",
        "Если оценки клиентов там, укажите столбец в RatingColumn.",
    ),
    "rating_events": Text(
        "Ratings come with events; no column with ratings is read.",
        "Оценки приходят с событиями; столбец с оценками не читается.",
    ),
}

_ACCOUNT = {
    "account": Text("{url} accepts the key and the employee.", "{url} принимает ключ и сотрудника."),
    "no_channel": Text(
        "The account has no active custom channel {channel}; it has: {channels}.",
        "В аккаунте нет активного кастомного канала {channel}; есть: {channels}.",
        "Set OmnideskChannel to one of them, or add a channel in Omnidesk.",
        "Укажите один из них в OmnideskChannel или добавьте канал в Омнидеске.",
    ),
    "channel": Text("{key} is «{title}».", "{key} — «{title}»."),
    "chat_channel": Text(
        "The channel is a chat channel.",
        "Это канал-чат.",
        "Create an asynchronous channel: tickets are not chats.",
        "Создайте асинхронный канал: запросы — не чаты.",
    ),
    "webhook": Text(
        "The channel's webhook points to this module and has the right secret.",
        "Вебхук канала указывает на этот модуль, ключ верный.",
    ),
    "webhook_old": Text(
        "The channel's webhook still has the old secret, which is accepted for now.",
        "В вебхуке канала ещё старый ключ; пока он тоже принимается.",
        "Set the new one in the channel's webhook address.",
        "Впишите новый ключ в адрес вебхука канала.",
    ),
    "webhook_wrong": Text(
        "The channel's webhook is wrong: {why}.",
        "Вебхук канала настроен неверно: {why}.",
        "In Omnidesk's channel set {where}/mancgi/omnidesk_webhook?SECRET with OmnideskSecret for SECRET.",
        "В канале Омнидеска укажите {where}/mancgi/omnidesk_webhook?КЛЮЧ, где КЛЮЧ — OmnideskSecret.",
    ),
    "webhook_elsewhere": Text("it points elsewhere or is empty", "он указывает на другой адрес или пуст"),
    "webhook_host": Text("it points to {address}", "он указывает на {address}"),
    "webhook_secret": Text("the secret differs", "ключ не совпадает"),
    "your_panel": Text("https://PANEL", "https://ПАНЕЛЬ"),
    "cases_readable": Text("The employee may read the channel's cases.", "Сотруднику видны обращения канала."),
    "fields": Text("{count} custom fields are filled.", "Заполняется кастомных полей: {count}."),
    "routing": Text("Routes: {count}.", "Маршрутов: {count}."),
    "routing_wrong": Text(
        "Routing table, {said}.",
        "Таблица маршрутизации, {said}.",
        "Correct the row (OmniDesk, Routing). Until then its tickets get their cases as without it.",
        "Исправьте строку (OmniDesk, Маршрутизация). До этого обращения создаются так, как если бы её не было.",
    ),
    "group_refused": Text(
        "Omnidesk refused to move a case to a group ({why}).",
        "Омнидеск не дал перевести обращение в группу ({why}).",
        "Give the integration employee access to all groups that the routing table names.",
        "Дайте сотруднику интеграции доступ ко всем группам из таблицы маршрутизации.",
    ),
    "department_refused": Text(
        "BILLmanager refused to move a ticket to the department of its case's group ({why}).",
        "BILLmanager не дал передать запрос отделу, которому принадлежит группа обращения ({why}).",
        "Give the employee of OmnideskEmail (or FallbackEmployee) the right to assign tickets to all departments.",
        "Дайте сотруднику из OmnideskEmail (или FallbackEmployee) право назначать запросы любым отделам.",
    ),
    "channel_wrong": Text(
        "The channel's webhook is wrong: {why}.",
        "Вебхук канала настроен неверно: {why}.",
        "In this channel of Omnidesk set {where}/mancgi/omnidesk_webhook?SECRET with its secret of OmnideskSecrets for"
        " SECRET, or OmnideskSecret if it has none.",
        "В этом канале Омнидеска укажите {where}/mancgi/omnidesk_webhook?КЛЮЧ, где КЛЮЧ — его ключ из OmnideskSecrets"
        " или, если его там нет, OmnideskSecret.",
    ),
    "closing_refused": Text(
        "Omnidesk does not allow cases to be closed ({why}); tickets: {tickets}.",
        "Омнидеск не даёт закрыть обращения ({why}); запросы: {tickets}.",
        "If the account requires fields for closing, let the module fill them (custom fields of the level case), or"
        " make them optional in Omnidesk. Each case is tried again when one of its fields changes.",
        "Если в аккаунте есть поля, обязательные при закрытии, заполняйте их модулем (кастомные поля обращения) или"
        " сделайте необязательными в Омнидеске. Попытка закрыть обращение повторится, когда изменится его поле.",
    ),
    "archiving_refused": Text(
        "The panel did not archive the last ticket whose case was closed ({why}); such tickets are ended.",
        "Панель не отправила в архив последний запрос, обращение которого закрыли ({why}); такие запросы завершаются.",
        "If the panel does not archive tickets for their clients, set closed:ended in StatusMap.",
        "Если панель не отправляет запросы в архив от имени клиентов, укажите в StatusMap closed:ended.",
    ),
    "rating_refused": Text(
        "Omnidesk refused the last rating it was sent ({why}).",
        "Омнидеск не принял последнюю оценку ({why}).",
        "If the quality rating is switched off in Omnidesk, switch it on. Ratings that were refused are not sent"
        " again; `pmomnidesk set_rating MESSAGE --rating good` sends one.",
        "Если в Омнидеске выключена оценка качества, включите её. Отклонённые оценки повторно не отправляются;"
        " отдельную оценку отправит `pmomnidesk set_rating СООБЩЕНИЕ --rating good`.",
    ),
    "rating_requests": Text(
        "Omnidesk's replies ask the client to rate them ({where}); clients see that in the ticket.",
        "Ответы из Омнидеска просят клиента оценить их ({where}); клиент видит это в запросе.",
        "Clients rate in BILLmanager, so set CutRatingLinks on, or remove the rating block from the signature.",
        "Клиенты ставят оценки в BILLmanager: включите CutRatingLinks или уберите блок оценки из подписи.",
    ),
    "in_signatures": Text("in the signature of {names}", "в подписи: {names}"),
    "in_replies": Text("in {asking} of the newest {of}", "в {asking} из последних {of}"),
}

_PEOPLE = {
    "employee": Text("{email} is the employee {login}.", "{email} — сотрудник {login}."),
    "rights": Text(
        "{login} may answer, take, close and reopen tickets in the panel.",
        "Сотрудник {login} может отвечать на запросы в панели, брать, закрывать и открывать их.",
    ),
    "rights_unknown": Text(
        "The rights of {login} in the panel could not be checked: {why}",
        "Не удалось проверить права сотрудника {login} в панели: {why}",
    ),
    "rights_missing": Text(
        "The employee {login} may not use {functions} in the panel: messages from Omnidesk cannot be"
        " written as this employee.",
        "Сотруднику {login} запрещены функции панели {functions}: записать от его имени сообщения из Омнидеска нельзя.",
        *_RIGHTS,
    ),
    "may_not_answer": Text(
        "The employee {login} ({email}) may not answer tickets in the panel:"
        " it will refuse the replies that this employee writes in Omnidesk.",
        "Панель не разрешает сотруднику {login} ({email}) отвечать на запросы:"
        " ответы, которые он пишет в Омнидеске, она не примет.",
        *_RIGHTS,
    ),
    "employees_alone": Text(
        "Employees of BILLmanager without an active Omnidesk employee of the same e-mail: {names}."
        " Their replies appear in Omnidesk as the integration employee's.",
        "Сотрудники BILLmanager, чьей почты нет ни у кого из активных сотрудников Омнидеска: {names}."
        " Их ответы уходят в Омнидеск от имени сотрудника интеграции.",
    ),
    "staff_alone": Text(
        "Omnidesk staff without an enabled BILLmanager employee of the same e-mail: {names}."
        " Clients receive their replies as {employee}'s.",
        "Сотрудники Омнидеска, чьей почты нет ни у одного включённого сотрудника BILLmanager: {names}."
        " Их ответы клиенты получают от имени {employee}.",
    ),
    "assignees": Text(
        "The assignee is synchronised for people on both sides: {count}. Whoever is on one side only changes nothing on"
        " the other.",
        "Ответственный передаётся для сотрудников, которые есть на обеих сторонах: {count}. Тот, кто есть только на"
        " одной, на другой ничего не меняет.",
    ),
    "and_others": Text("{names} and {count} more", "{names} и ещё {count}"),
}

_TIMER = {
    "timer": Text("{source} starts the module every minute.", "{source} запускает модуль каждую минуту."),
    "no_timer": Text(
        "No timer starts the module every minute.",
        "Нет таймера, запускающего модуль каждую минуту.",
        "Run make install again, or start «pmomnidesk sync --no-wait» every minute yourself.",
        "Повторите make install или запускайте «pmomnidesk sync --no-wait» раз в минуту сами.",
    ),
    "timer_elsewhere": Text(
        "{path} does not start the module every minute: cron reads {folder}, not this folder.",
        "{path} не запускает модуль каждую минуту: cron читает {folder}, а не этот каталог.",
        "Repeat make install; if your cron reads another folder, make install CRON_DIR=FOLDER",
        "Повторите make install; если ваш cron читает другой каталог — make install CRON_DIR=КАТАЛОГ",
    ),
    "timer_name": _command(
        "{path} does not start the module every minute: cron ignores files with such characters in the name.",
        "{path} не запускает модуль каждую минуту: файл с такими знаками в имени cron пропускает.",
        "mv {path} {good}",
    ),
    "timer_owner": _command(
        "{path} does not start the module every minute: it does not belong to root, so cron ignores it.",
        "{path} не запускает модуль каждую минуту: файл принадлежит не root, поэтому cron его пропускает.",
        "chown root:root {path}",
    ),
    "timer_mode": _command(
        "{path} does not start the module every minute: cron ignores a file of mode {mode}.",
        "{path} не запускает модуль каждую минуту: файл с правами {mode} cron пропускает.",
        "chmod 644 {path}",
    ),
    "timer_line_end": _command(
        "{path} does not start the module every minute: its last line has no line break, so cron ignores the file.",
        "{path} не запускает модуль каждую минуту: в конце файла нет перевода строки, поэтому cron его пропускает.",
        "echo >> {path}",
    ),
    "timer_user": Text(
        "{path} does not start the module every minute: there is no user {user}.",
        "{path} не запускает модуль каждую минуту: пользователя {user} нет.",
        "Name root after the five fields of the time.",
        "После пяти полей времени укажите root.",
    ),
    "timer_seldom": Text(
        "{path} does not start the module every minute: it does so at «{when}».",
        "{path} не запускает модуль каждую минуту: он делает это по расписанию «{when}».",
        "Write * * * * * there.",
        "Укажите там * * * * *.",
    ),
    "timer_idle": Text(
        "{path} does not start the module every minute: none of its lines runs {program} sync.",
        "{path} не запускает модуль каждую минуту: ни одна строка не запускает {program} sync.",
        "Run make install again.",
        "Повторите make install.",
    ),
    "no_cron": Text(
        "{path} does not start the module every minute: no cron is running on this host.",
        "{path} не запускает модуль каждую минуту: на этом хосте не работает cron.",
        "Install and start it (package cron or cronie), or keep «pmomnidesk worker» running as a service.",
        "Установите и запустите его (пакет cron или cronie) или держите «pmomnidesk worker» запущенным как службу.",
    ),
    "timer_disabled": _command(
        "{path} does not start the module every minute: it is not enabled.",
        "{path} не запускает модуль каждую минуту: он не включён.",
        "systemctl enable --now {path}",
    ),
}
register({**_HOST, **_ACCOUNT, **_PEOPLE, **_TIMER}, "finding")
