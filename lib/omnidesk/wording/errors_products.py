"""What failures of the panel and of Omnidesk say."""

from __future__ import annotations

from omnidesk.core.phrase import Text

_RETRIES = ("The module tries again automatically.", "Модуль повторит попытку автоматически.")

TEXTS: dict[str, Text] = {
    # The panel
    "panel_missing": Text(
        "The panel's mgrctl cannot be started: {object}: {value}.",
        "Не удаётся запустить mgrctl панели: {object}: {value}.",
        "Run the module on the panel's host; set MGR5_ROOT if the panel is not in /usr/local/mgr5.",
        "Запускайте модуль на сервере панели; задайте MGR5_ROOT, если панель не в /usr/local/mgr5.",
    ),
    "panel_restarting": Text(
        "The panel does not accept calls now ({object}: {value}).",
        "Панель сейчас не принимает вызовы ({object}: {value}).",
        *_RETRIES,
    ),
    "panel_timeout": Text(
        "The panel did not answer {object} within {seconds} s.",
        "Панель не ответила на {object} за {seconds} с.",
        "Before it tries again, the module checks whether the call took effect.",
        "Перед повтором модуль проверит, не выполнился ли вызов.",
    ),
    "panel_no_answer": Text(
        "The panel ended {object} without an answer: {value}.",
        "Панель завершила {object} без ответа: {value}.",
        "Before it tries again, the module checks whether the call took effect.",
        "Перед повтором модуль проверит, не выполнился ли вызов.",
    ),
    "panel_answer": Text(
        "The panel's answer to {object} could not be parsed: {value}.",
        "Не удалось разобрать ответ панели на {object}: {value}.",
        "See var/billmgr.log at this time; if this continues, send both to the maintainers.",
        "Посмотрите var/billmgr.log за это время; если повторяется, пришлите разработчикам.",
    ),
    "panel_trouble": Text("The panel failed in {object}: {value}.", "Сбой панели в {object}: {value}.", *_RETRIES),
    "panel_access": Text(
        "The panel does not allow {object} as this employee: {value}.",
        "Панель не разрешает {object} от имени этого сотрудника: {value}.",
        "Give the employee all rights of the group Support (Provider, Employees, Rights), and enable him.",
        "Дайте сотруднику все права группы «Поддержка» (Провайдер, Сотрудники, Права) и включите его.",
    ),
    "client_access": Text(
        "The panel does not let the client {object} write: {value}.",
        "Панель не разрешает писать клиенту {object}: {value}.",
        "Enable the user (Clients, Users); until then the client's messages in Omnidesk become notes in the ticket.",
        "Включите пользователя («Клиенты», «Пользователи»); пока он отключён, написанное им в Омнидеске попадает в "
        "запрос заметкой.",
    ),
    "panel_refused": Text(
        "The panel refused {object}: {value}.",
        "Панель отказала в {object}: {value}.",
        "Fix the cause given above, then run: pmomnidesk retry TICKET.",
        "Устраните указанную причину, затем выполните: pmomnidesk retry НОМЕР.",
    ),
    "panel_ignored": Text(
        "The panel confirmed {object}, but nothing changed: {value}.",
        "Панель подтвердила {object}, но ничего не изменилось: {value}.",
        "See var/billmgr.log at this time; if this continues, send both to the maintainers.",
        "Посмотрите var/billmgr.log за это время; если повторяется, пришлите разработчикам.",
    ),
    "not_archived": Text(
        "The panel does not archive ticket {object}, whose case was closed: {value}.",
        "Панель не отправляет в архив запрос {object}, обращение которого закрыто: {value}.",
        "The ticket is ended, and so are others until the panel archives one. If it never does, set closed:ended in"
        " StatusMap.",
        "Работа с запросом завершена; так будет и с другими, пока панель не примет отправку в архив. Если она не"
        " принимает её вовсе, укажите в StatusMap closed:ended.",
    ),
    "not_assigned": Text(
        "The panel does not give ticket {object} to the case's assignee ({value}).",
        "Панель не передаёт запрос {object} ответственному за обращение ({value}).",
        "The ticket stays with whoever has it. Give the employee all rights of the group Support; then take the"
        " ticket in the panel, or assign the case again.",
        "Запрос остаётся у прежнего сотрудника. Дайте сотруднику все права группы «Поддержка»; затем возьмите запрос в"
        " панели или назначьте ответственного заново.",
    ),
    "not_prioritised": Text(
        "The panel does not change the priority of ticket {object} ({value}).",
        "Панель не меняет приоритет запроса {object} ({value}).",
        "The ticket keeps the priority it has. If this happens with each ticket, set SyncPriority off.",
        "У запроса остаётся прежний приоритет. Если так с каждым запросом, выключите SyncPriority.",
    ),
    "panel_upload": Text(
        "Files could not be uploaded to the panel ({object}: {value}).",
        "Не удалось передать файлы панели ({object}: {value}).",
        "Check the setting PanelUrl. " + _RETRIES[0],
        "Проверьте настройку PanelUrl. " + _RETRIES[1],
    ),
    "panel_url": Text(
        "There is no answer at the panel's address {object} ({value}).",
        "По адресу панели {object} нет ответа ({value}).",
        "Set PanelUrl to the panel's local address, such as https://127.0.0.1:1500/billmgr.",
        "Укажите в PanelUrl локальный адрес панели, например https://127.0.0.1:1500/billmgr.",
    ),
    "panel_listener": Text(
        "A program of user {value}, not the panel, listens at {object}. No session was opened there.",
        "По адресу панели {object} отвечает не панель, а программа пользователя {value}. Сеанс там не открыт.",
        "Find out what listens there (ss -ltnp), and set PanelUrl to the panel's local address.",
        "Выясните, что слушает этот порт (ss -ltnp), и укажите в PanelUrl локальный адрес панели.",
    ),
    # Omnidesk
    "omnidesk_unreachable": Text(
        "Omnidesk cannot be reached at {object}.",
        "Омнидеск недоступен по адресу {object}.",
        "Nothing is lost: the module continues by itself as soon as Omnidesk answers. If it answers in a browser, check"
        " this host's network, its firewall and OmnideskUrl.",
        "Ничего не потеряно: модуль продолжит сам, как только Омнидеск ответит. Если в браузере он открывается,"
        " проверьте сеть и межсетевой экран этого сервера и OmnideskUrl.",
    ),
    "omnidesk_certificate": Text(
        "The certificate of {object} is not trusted.",
        "Сертификат {object} не является доверенным.",
        "Check OmnideskUrl, the host's clock and its package ca-certificates.",
        "Проверьте OmnideskUrl, часы сервера и пакет ca-certificates.",
    ),
    "omnidesk_rate": Text(
        "The account's limit of calls per minute is reached; the module continues in {seconds} s.",
        "Достигнут лимит вызовов аккаунта в минуту; модуль продолжит через {seconds} с.",
        *_RETRIES,
    ),
    "omnidesk_key": Text(
        "Omnidesk does not accept the API key ({object}).",
        "Омнидеск не принимает API-ключ ({object}).",
        "Set OmnideskApiKey to a key from Omnidesk: Settings, API.",
        "Укажите в OmnideskApiKey ключ из Омнидеска: Настройки, API.",
    ),
    "omnidesk_login": Text(
        "Omnidesk does not accept the integration employee ({object}).",
        "Омнидеск не принимает сотрудника интеграции ({object}).",
        "OmnideskEmail must be the e-mail of an active employee with full rights for custom and e-mail channels.",
        "OmnideskEmail — e-mail активного сотрудника с полными правами на кастомные и email-каналы.",
    ),
    "omnidesk_address": Text(
        "There is no Omnidesk account at {object}.",
        "По адресу {object} нет аккаунта Омнидеска.",
        "Check OmnideskUrl: https://YOURNAME.omnidesk.ru.",
        "Проверьте OmnideskUrl: https://ВАШЕИМЯ.omnidesk.ru.",
    ),
    "omnidesk_trouble": Text("Omnidesk failed ({object}: {value}).", "Сбой Омнидеска ({object}: {value}).", *_RETRIES),
    "omnidesk_no_answer": Text(
        "Omnidesk did not answer ({object}: {value}).",
        "Омнидеск не ответил ({object}: {value}).",
        "Before it tries again, the module checks whether the call took effect.",
        "Перед повтором модуль проверит, не выполнился ли вызов.",
    ),
    "omnidesk_broken_answer": Text(
        "Omnidesk's answer could not be parsed ({object}: {value}).",
        "Не удалось разобрать ответ Омнидеска ({object}: {value}).",
        "The module does not use it. " + _RETRIES[0],
        "Модуль его не использует. " + _RETRIES[1],
    ),
    "omnidesk_gone": Text(
        "The object no longer exists in Omnidesk ({object}: {value}).",
        "В Омнидеске такого объекта больше нет ({object}: {value}).",
        "The next message opens a new case.",
        "Следующее сообщение откроет новое обращение.",
    ),
    "omnidesk_staff": Text(
        "Omnidesk does not allow this employee to do this ({object}: {value}).",
        "Омнидеск не разрешает действие этому сотруднику ({object}: {value}).",
        "Enable the employee in Omnidesk and give full rights for the custom channel; then pmomnidesk retry.",
        "Включите сотрудника в Омнидеске и дайте права на кастомный канал; затем pmomnidesk retry.",
    ),
    "omnidesk_refused": Text(
        "Omnidesk refused the call ({object}): {value}.",
        "Омнидеск отклонил вызов ({object}): {value}.",
        "Fix the cause given above, then run: pmomnidesk retry TICKET.",
        "Устраните указанную причину, затем выполните: pmomnidesk retry НОМЕР.",
    ),
    "case_not_ended": Text(
        "Omnidesk does not let the case of ticket {object} be closed: {value}.",
        "Омнидеск не даёт закрыть обращение запроса {object}: {value}.",
        "The account may require fields for closing: fill them in in the case. The module tries again when a field or"
        " the status changes, or with: pmomnidesk retry {object}. Messages are still synchronised.",
        "Возможно, в аккаунте есть поля, обязательные при закрытии: заполните их в обращении. Попытка повторится,"
        " когда изменится поле или статус, либо по команде: pmomnidesk retry {object}. Сообщения передаются.",
    ),
    "omnidesk_rejected": Text(
        "Omnidesk, or a firewall in front of it, rejects this call ({object}): {value}. Other calls work.",
        "Омнидеск или межсетевой экран перед ним отклоняет этот вызов ({object}): {value}. Другие вызовы проходят.",
        "The cause is usually the text of this message. Allow it there, then run: pmomnidesk retry TICKET.",
        "Обычно причина — текст этого сообщения. Разрешите его там, затем выполните: pmomnidesk retry НОМЕР.",
    ),
    "omnidesk_read_rejected": Text(
        "Omnidesk, or a firewall in front of it, rejects this read ({object}): {value}. Other calls work.",
        "Омнидеск или межсетевой экран перед ним отклоняет это чтение ({object}): {value}. Другие вызовы проходят.",
        "Allow this address there; the module tries again by itself, or at once with: pmomnidesk retry TICKET.",
        "Разрешите там этот адрес; модуль повторит попытку сам или сразу по команде: pmomnidesk retry НОМЕР.",
    ),
    "foreign_file": Text(
        "A file is not on the account's host and is not downloaded: {value}.",
        "Файл находится не на сервере аккаунта и не скачивается: {value}.",
        "The message contains its address.",
        "Его адрес указан в сообщении.",
    ),
    "file": Text(
        "A file cannot be sent ({object}): {value}.",
        "Файл не передаётся ({object}): {value}.",
        "The message was sent without the file and mentions it.",
        "Сообщение отправлено без файла, в тексте это указано.",
    ),
    "no_room": Text(
        "A file is not downloaded yet: too little disk space is left for files on their way ({object}).",
        "Файл пока не скачивается: мало места на диске для передаваемых файлов ({object}).",
        "Free disk space; 256 MiB always stay unused. After a few tries the message is delivered without the file and"
        " mentions it.",
        "Освободите место на диске: 256 МиБ всегда остаются незанятыми. После нескольких попыток сообщение передаётся"
        " без файла, в тексте это указано.",
    ),
    "client_blocked": Text(
        "The client {object} is blocked in Omnidesk, or his cases go to spam: messages of ticket {value} wait.",
        "Клиент {object} заблокирован в Омнидеске или его обращения попадают в спам: сообщения запроса {value} ждут.",
        "Unblock him in Omnidesk and take his case out of spam; then pmomnidesk retry {value}.",
        "Разблокируйте его в Омнидеске и верните обращение из спама; затем pmomnidesk retry {value}.",
    ),
    "no_staff": Text(
        "Omnidesk has no active employee {object}.",
        "В Омнидеске нет активного сотрудника {object}.",
        "Create or enable the employee in Omnidesk with this e-mail.",
        "Создайте или включите в Омнидеске сотрудника с этой почтой.",
    ),
    "no_employee": Text(
        "BILLmanager has no enabled employee {object}.",
        "В BILLmanager нет включённого сотрудника {object}.",
        "Create the employee (Provider, Employees) with this e-mail and all rights of the group Support.",
        "Создайте сотрудника (Провайдер, Сотрудники) с этой почтой и всеми правами группы «Поддержка».",
    ),
}
