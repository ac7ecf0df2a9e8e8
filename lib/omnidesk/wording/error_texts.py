"""What each failure says, in both languages: what is wrong, and what to do about it.

Placeholders are ``{object}``, ``{value}`` and the failure's parameters. The panel's own texts (``msg_error_<type>`` in
etc/xml) are written from this table, and the documentation's list of errors is held against it by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.errors import Failure


@dataclass(frozen=True)
class Text:
    """One failure type in words."""

    en: str
    ru: str
    cure_en: str
    cure_ru: str


@dataclass(frozen=True)
class Rendered:
    """A failure in one language."""

    sentence: str
    cure: str


_BY_ITSELF = ("The module tries again automatically.", "Модуль повторит попытку автоматически.")

TEXTS: dict[str, Text] = {
    # Settings and files
    "settings": Text(
        "The settings in {object} have errors:\n{value}",
        "В настройках {object} есть ошибки:\n{value}",
        "Fix the lines listed above; etc/omnidesk/omnidesk.conf.example explains each setting.",
        "Исправьте указанные строки; каждая настройка описана в etc/omnidesk/omnidesk.conf.example.",
    ),
    "settings_file": Text(
        "The settings file {object} cannot be read: {value}.",
        "Файл настроек {object} не читается: {value}.",
        "Copy etc/omnidesk/omnidesk.conf.example to etc/omnidesk/omnidesk.conf, fill it in, chmod 600.",
        "Скопируйте etc/omnidesk/omnidesk.conf.example в etc/omnidesk/omnidesk.conf, заполните, chmod 600.",
    ),
    "settings_form": Text(
        "The settings are not saved:\n{value}",
        "Настройки не сохранены:\n{value}",
        "Fix the fields listed above, then press Ok again.",
        "Исправьте указанные поля и снова нажмите Ok.",
    ),
    "no_case": Text(
        "Ticket {value} has no case in Omnidesk yet.",
        "У запроса {value} ещё нет обращения в Омнидеске.",
        "The client's next message opens one; to open it now: pmomnidesk sync_ticket {value}. Tickets of departments"
        " that are not synchronised (setting Departments) get no case.",
        "Оно появится со следующим сообщением клиента или сейчас: pmomnidesk sync_ticket {value}. Без обращений"
        " остаются запросы отделов, которые не синхронизируются (Departments).",
    ),
    "case_lost": Text(
        "Case {object} of ticket {value} was deleted, merged into another case, or is in the trash or in spam.",
        "Обращение {object} запроса {value} удалено, объединено с другим, перемещено в корзину или в спам.",
        "The client's next message opens a new one; for details: pmomnidesk show {value}.",
        "Следующее сообщение клиента откроет новое; подробнее: pmomnidesk show {value}.",
    ),
    "catalogue": Text(
        "The catalogue of values {object} has errors:\n{value}",
        "В каталоге значений {object} есть ошибки:\n{value}",
        "Fix the file; until then the last valid content is used.",
        "Исправьте файл; до этого используется последнее правильное содержимое.",
    ),
    "field_links": Text(
        "The list of custom fields {object} has errors:\n{value}",
        "В списке кастомных полей {object} есть ошибки:\n{value}",
        "Fix the file; until then the last valid content is used.",
        "Исправьте файл; до этого используется последнее правильное содержимое.",
    ),
    "custom_field": Text(
        "A custom field cannot be filled: {value}.",
        "Не удаётся заполнить кастомное поле: {value}.",
        "See docs/custom-fields.md; pmomnidesk check_connection names every field with a problem.",
        "См. docs/custom-fields.ru.md; pmomnidesk check_connection называет все поля с ошибками.",
    ),
    "field_taken": Text(
        "The field {object} is already linked to the value {value}.",
        "Поле {object} уже связано со значением {value}.",
        "Choose another field, or change that link.",
        "Выберите другое поле или измените ту связь.",
    ),
    "field_link": Text(
        "The field {object} cannot be linked like this: {value}.",
        "Так связать поле {object} нельзя: {value}.",
        "Choose another field or value, or fix the problem described.",
        "Выберите другое поле или значение либо устраните указанную ошибку.",
    ),
    "no_link": Text(
        "The custom field {value} is not linked, or no longer linked.",
        "Кастомное поле {value} не связано (или уже не связано).",
        "Refresh the list.",
        "Обновите список.",
    ),
    "missing_choice": Text(
        "Choose a value: {object}.",
        "Нужно выбрать: {object}.",
        "Choose one in the list.",
        "Выберите из списка.",
    ),
    # The panel's database
    "panel_conf": Text(
        "The panel's configuration {object} does not say how to reach its database ({value}).",
        "В настройках панели {object} нет данных для подключения к её базе ({value}).",
        "Run the module on the panel's host, as root, with MGR5_ROOT pointing to the panel.",
        "Запускайте модуль на сервере панели от root; MGR5_ROOT должен указывать на каталог панели.",
    ),
    "database_refused": Text(
        "The panel's database refused access: {value} (error {object}).",
        "База панели отказала в доступе: {value} (ошибка {object}).",
        "Check DBUser, DBPassword and DBName in etc/billmgr.conf.d/db.conf and the user's rights.",
        "Проверьте DBUser, DBPassword и DBName в etc/billmgr.conf.d/db.conf и права пользователя.",
    ),
    "database_away": Text(
        "The panel's database does not answer: {value} (error {object}).",
        "База панели не отвечает: {value} (ошибка {object}).",
        "Nothing is lost. " + _BY_ITSELF[0],
        "Ничего не потеряно. " + _BY_ITSELF[1],
    ),
    "database_read_only": Text(
        "The panel's database is read-only: {value} (error {object}).",
        "База панели доступна только для чтения: {value} (ошибка {object}).",
        "Make it writable again. " + _BY_ITSELF[0],
        "Разрешите запись. " + _BY_ITSELF[1],
    ),
    "database_busy": Text(
        "The database was busy: {value} ({object}).",
        "База была занята: {value} ({object}).",
        *_BY_ITSELF,
    ),
    "database": Text(
        "A statement failed in the panel's database: {value} (error {object}).",
        "Запрос к базе панели не выполнен: {value} (ошибка {object}).",
        "If this continues, send var/pmomnidesk.log to the maintainers.",
        "Если повторяется, пришлите var/pmomnidesk.log разработчикам.",
    ),
    "foreign_tables": Text(
        "Tables with these names already exist and do not belong to this module: {object}.",
        "Таблицы с такими именами уже есть и принадлежат не этому модулю: {object}.",
        "They probably belong to the original module. Back them up and rename them (RENAME TABLE x TO x_original).",
        "Вероятно, это таблицы исходного модуля. Сохраните копию и переименуйте их (RENAME TABLE x TO x_original).",
    ),
    "schema_newer": Text(
        "The module's tables have version {object}; this module supports versions up to {value}.",
        "Версия таблиц — {object}; этот модуль поддерживает версии не выше {value}.",
        "Install the newer module again.",
        "Установите снова более новую версию модуля.",
    ),
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
        *_BY_ITSELF,
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
    "panel_trouble": Text("The panel failed in {object}: {value}.", "Сбой панели в {object}: {value}.", *_BY_ITSELF),
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
    "panel_upload": Text(
        "Files could not be uploaded to the panel ({object}: {value}).",
        "Не удалось передать файлы панели ({object}: {value}).",
        "Check the setting PanelUrl. " + _BY_ITSELF[0],
        "Проверьте настройку PanelUrl. " + _BY_ITSELF[1],
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
        "Check OmnideskUrl and the network. Nothing is lost. " + _BY_ITSELF[0],
        "Проверьте OmnideskUrl и сеть. Ничего не потеряно. " + _BY_ITSELF[1],
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
        *_BY_ITSELF,
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
    "omnidesk_trouble": Text(
        "Omnidesk failed ({object}: {value}).", "Сбой Омнидеска ({object}: {value}).", *_BY_ITSELF
    ),
    "omnidesk_no_answer": Text(
        "Omnidesk did not answer ({object}: {value}).",
        "Омнидеск не ответил ({object}: {value}).",
        "Before it tries again, the module checks whether the call took effect.",
        "Перед повтором модуль проверит, не выполнился ли вызов.",
    ),
    "omnidesk_broken_answer": Text(
        "Omnidesk's answer could not be parsed ({object}: {value}).",
        "Не удалось разобрать ответ Омнидеска ({object}: {value}).",
        "The module does not use it. " + _BY_ITSELF[0],
        "Модуль его не использует. " + _BY_ITSELF[1],
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
    # Work
    "settling": Text(
        "The outcome of a call is not known, and it may still take effect; the module checks in {seconds} s.",
        "Результат вызова неизвестен, и он ещё может выполниться; проверка через {seconds} с.",
        *_BY_ITSELF,
    ),
    "not_settling": Text(
        "The two sides keep changing and do not converge: {value}.",
        "Запрос и обращение не удаётся привести к одному состоянию: {value}.",
        "Send pmomnidesk sync_ticket TICKET --dry-run and var/pmomnidesk.log to the maintainers.",
        "Пришлите разработчикам вывод pmomnidesk sync_ticket НОМЕР --dry-run и var/pmomnidesk.log.",
    ),
    "sent_before": Text(
        "A {object} that was already delivered was about to be sent a second time ({value}). It was not sent.",
        "Предотвращена повторная отправка уже доставленного ({object}, {value}).",
        "Nothing is doubled. If this continues, send var/pmomnidesk.log to the maintainers.",
        "Дублей нет. Если повторяется, пришлите var/pmomnidesk.log разработчикам.",
    ),
    "repeated": Text(
        "The same item was sent several times within minutes ({object} {value}); it is not sent again for now.",
        "Одно и то же отправлено несколько раз за считаные минуты ({object} {value}); пока больше не отправляется.",
        "Check both sides of the ticket for duplicates, then run: pmomnidesk retry TICKET.",
        "Проверьте, нет ли дублей на обеих сторонах запроса; затем: pmomnidesk retry НОМЕР.",
    ),
    "not_written": Text(
        "Data written to the table {object} was not found when read back ({value}); nothing was sent.",
        "Записанное в таблицу {object} не нашлось при чтении ({value}); ничего не отправлено.",
        "Check the database server (replication, proxies). The module tries again automatically.",
        "Проверьте сервер базы (репликацию, прокси). Модуль повторит попытку автоматически.",
    ),
    # Commands
    "unknown_command": Text(
        "There is no command {value}.",
        "Нет команды {value}.",
        "pmomnidesk --help lists them.",
        "Список: pmomnidesk --help.",
    ),
    "unknown_function": Text(
        "The OmniDesk module has no function {value}.",
        "Функция {value} модулю OmniDesk неизвестна.",
        "Update the module and restart the panel (mgrctl -m billmgr -R): its parts are of different versions.",
        "Обновите модуль и перезапустите панель (mgrctl -m billmgr -R): его части разных версий.",
    ),
    "no_program": Text(
        "The module's program cannot be started: {value}.",
        "Программа модуля не запускается: {value}.",
        "Install the module again: make install, or the package.",
        "Установите модуль заново: make install или пакетом.",
    ),
    "access": Text(
        "{object} is for the panel's administrators.",
        "{object}: только для администраторов панели.",
        "Log in as an employee or administrator of the provider.",
        "Войдите как сотрудник или администратор провайдера.",
    ),
    "access_settings": Text(
        "{object} is for root and for the employees named in the setting Administrators; {value} is none of them.",
        "{object}: только для root и сотрудников, названных в настройке Administrators; {value} среди них нет.",
        "Log in as root, or have the server's administrator add the login to the line Administrators of"
        " etc/omnidesk/omnidesk.conf.",
        "Войдите как root или попросите администратора сервера добавить логин в строку Administrators файла"
        " etc/omnidesk/omnidesk.conf.",
    ),
    "missing_id": Text(
        "The command {object} needs a number.",
        "Команде {object} нужен номер.",
        "From the panel: --command {object} --id NUMBER; on the command line: pmomnidesk {object} NUMBER.",
        "Из панели: --command {object} --id НОМЕР; в командной строке: pmomnidesk {object} НОМЕР.",
    ),
    "bad_value": Text(
        "{object}: a whole number is expected, not {value}.",
        "{object}: ожидается целое число, а не {value}.",
        "Give a number.",
        "Укажите число.",
    ),
    "trial_missing": Text(
        "probe --trial needs the option {object}.",
        "Для probe --trial нужна опция {object}.",
        "Give a test client of BILLmanager and a test channel of Omnidesk: pmomnidesk probe --trial --client LOGIN"
        " --channel KEY.",
        "Укажите тестового клиента BILLmanager и тестовый канал Омнидеска: pmomnidesk probe --trial --client LOGIN"
        " --channel KEY.",
    ),
    "trial_option": Text(
        "{object}: {value} does not exist or is disabled. Nothing was done.",
        "{object}: {value} не существует или отключён. Ничего не сделано.",
        "Check the name; the channel is given by its key, such as cch101.",
        "Проверьте имя; канал задаётся ключом, например cch101.",
    ),
    "trial_confirm": Text(
        "probe --trial asks for confirmation, and there is no terminal to answer on. Nothing was done.",
        "probe --trial запрашивает подтверждение, а терминала для ответа нет. Ничего не сделано.",
        "Start it in a terminal, or use --yes.",
        "Запустите в терминале или укажите --yes.",
    ),
    "trial_left": Text(
        "The trial could not remove everything it had made: {value}.",
        "Удалить удалось не всё созданное при испытании: {value}.",
        "Delete it in the panel or in Omnidesk; var/pmomnidesk.log has the reason.",
        "Удалите это в панели или в Омнидеске; причина — в var/pmomnidesk.log.",
    ),
    "bad_date": Text(
        "{object}: {value} is not a date.",
        "{object}: {value} — не дата.",
        "Write it like 2025-01-31 or 31.01.2025.",
        "Напишите её так: 2025-01-31 или 31.01.2025.",
    ),
    "bad_option": Text(
        "{object} cannot be {value}.",
        "{object}: нельзя указать {value}.",
        "Possible values: pmomnidesk COMMAND --help and docs/adopt.md.",
        "Возможные значения: pmomnidesk КОМАНДА --help и docs/adopt.ru.md.",
    ),
    "original_tables": Text(
        "The original module's table {object} does not exist or is empty.",
        "Таблицы исходного модуля {object} нет, или она пуста.",
        "Give the suffix of its tables' names: --tables _original. See docs/adopt.md.",
        "Укажите суффикс имён таблиц: --tables _original. См. docs/adopt.ru.md.",
    ),
    "original_columns": Text(
        "The columns of {object} could not be recognised: {value}.",
        "Не удалось распознать столбцы таблицы {object}: {value}.",
        "Name them, for example --columns ticket=tid,case=remote; message=none works without the table of messages. See"
        " docs/adopt.md.",
        "Укажите их, например --columns ticket=tid,case=remote; message=none — без таблицы сообщений. См."
        " docs/adopt.ru.md.",
    ),
    "no_department": Text(
        "BILLmanager has no department {value}. It has: {object}.",
        "В BILLmanager нет отдела {value}. Есть: {object}.",
        "Give its name or its number.",
        "Укажите его имя или номер.",
    ),
    "tables_missing": Text(
        "The module's tables do not exist yet or have an older version.",
        "Таблиц модуля ещё нет, или их версия устарела.",
        "Run pmomnidesk check_connection, which creates them; commands that only read do not.",
        "Выполните pmomnidesk check_connection: эта команда их создаёт; команды, которые только читают, — нет.",
    ),
    "no_ticket": Text(
        "BILLmanager has no ticket {value}.",
        "В BILLmanager нет запроса {value}.",
        "Check the number.",
        "Проверьте номер.",
    ),
    "no_message": Text(
        "BILLmanager has no ticket message {value}.",
        "В BILLmanager нет сообщения {value}.",
        "Check the number: it is ticket_message.id.",
        "Проверьте номер: это ticket_message.id.",
    ),
    "no_user": Text(
        "BILLmanager has no user {value}.",
        "В BILLmanager нет пользователя {value}.",
        "Check the number: it is user.id.",
        "Проверьте номер: это user.id.",
    ),
    "nothing_to_send": Text(
        "Ticket {value} has no message to open a case with.",
        "В запросе {value} нет сообщения, с которым можно открыть обращение.",
        "Its client may be deleted, its department not synchronised, or all its messages sent already.",
        "Возможно, клиент удалён, отдел не синхронизируется или все сообщения уже переданы.",
    ),
    "rating_not_staff": Text(
        "Message {value} is not a reply of staff, so it cannot be rated.",
        "Сообщение {value} — не ответ сотрудника, его нельзя оценить.",
        "Give the id of a staff reply.",
        "Укажите номер ответа сотрудника.",
    ),
    "rating_level": Text(
        "The rating {value} has no level in Omnidesk.",
        "Для оценки {value} нет уровня в Омнидеске.",
        "Change the setting RatingMap or give a rating it covers.",
        "Измените настройку RatingMap или укажите оценку из неё.",
    ),
    "rating_missing": Text(
        "Message {value} has no rating.",
        "У сообщения {value} нет оценки.",
        "Give one with --rating, or set its column in RatingColumn.",
        "Укажите её через --rating или назовите столбец в настройке RatingColumn.",
    ),
    "not_linked": Text(
        "Message {value} is not in Omnidesk yet.",
        "Сообщения {value} ещё нет в Омнидеске.",
        "First: pmomnidesk add_message {value}.",
        "Сначала: pmomnidesk add_message {value}.",
    ),
    "check_failed": Text(
        "The check found {value} errors.",
        "Проверка нашла ошибок: {value}.",
        "Each is listed with its fix.",
        "Для каждой указано, как её устранить.",
    ),
    "disk": Text(
        "The module cannot write {object}: {value}.",
        "Модуль не может писать в {object}: {value}.",
        "Free disk space, or make root the owner of the folder and set mode 700.",
        "Освободите место на диске или верните каталогу владельца root и права 700.",
    ),
    "internal": Text(
        "Internal error of the module: {value}.",
        "Внутренняя ошибка модуля: {value}.",
        "Send the traceback from var/pmomnidesk.log to the maintainers.",
        "Пришлите разработчикам трассировку из var/pmomnidesk.log.",
    ),
}


def render(failure: Failure, language: str) -> Rendered:
    """A failure in words; an unknown type shows its parts rather than nothing."""
    text = TEXTS.get(failure.type)
    if text is None:
        return Rendered(failure.parts, "")
    value = failure.params.get("value_ru", failure.value) if language == "ru" else failure.value
    given = {"seconds": "?", **failure.params, "object": failure.object, "value": value}
    sentence, cure = (text.ru, text.cure_ru) if language == "ru" else (text.en, text.cure_en)
    return Rendered(sentence.format_map(given), cure.format_map(given))


def _english(failure: Failure) -> str:
    return render(failure, "en").sentence


Failure.sentence = _english


def panel_type(type: str) -> str:
    """A failure's type as the panel knows it: error texts share one space of names with all modules and the panel."""
    return type if type.startswith("omnidesk_") else f"omnidesk_{type}"


def describe(failure: Failure) -> str:
    """What is wrong and what to do about it, in English: for the log and for ``status``."""
    words = render(failure, "en")
    return f"{words.sentence} {words.cure}".strip()
