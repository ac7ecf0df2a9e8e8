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


_BY_ITSELF = ("It is tried again by itself.", "Повтор произойдёт сам.")

TEXTS: dict[str, Text] = {
    # Settings and files
    "settings": Text(
        "The settings in {object} have mistakes:\n{value}",
        "В настройках {object} есть ошибки:\n{value}",
        "Mend the lines named; etc/omnidesk/omnidesk.conf.example explains each setting.",
        "Исправьте названные строки; каждая настройка объяснена в etc/omnidesk/omnidesk.conf.example.",
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
        "Mend the fields named, then press Ok again.",
        "Исправьте названные поля и снова нажмите Ok.",
    ),
    "no_case": Text(
        "Ticket {value} has no case in Omnidesk yet.",
        "У запроса {value} ещё нет обращения в Омнидеске.",
        "It gets one with the client's next message, or now: pmomnidesk sync_ticket {value}. Without one stay tickets"
        " of departments that are not synchronised (Departments).",
        "Оно появится со следующим сообщением клиента или сейчас: pmomnidesk sync_ticket {value}. Без обращений"
        " остаются запросы отделов, которые не синхронизируются (Departments).",
    ),
    "case_lost": Text(
        "Case {object} of ticket {value} was deleted, merged away, or is in the trash or in spam.",
        "Обращение {object} запроса {value} удалено, объединено с чужим или лежит в корзине либо в спаме.",
        "The client's next message opens a new one; pmomnidesk show {value} says more.",
        "Следующее сообщение клиента откроет новое; подробнее: pmomnidesk show {value}.",
    ),
    "catalogue": Text(
        "The catalogue of values {object} has mistakes:\n{value}",
        "В каталоге значений {object} есть ошибки:\n{value}",
        "Mend the file; until then the last good content stays in force.",
        "Исправьте файл; до этого действует последнее верное содержимое.",
    ),
    "field_links": Text(
        "The list of custom fields {object} has mistakes:\n{value}",
        "В списке кастомных полей {object} есть ошибки:\n{value}",
        "Mend the file; until then the last good content stays in force.",
        "Исправьте файл; до этого действует последнее верное содержимое.",
    ),
    "custom_field": Text(
        "A custom field cannot be filled: {value}.",
        "Кастомное поле не заполняется: {value}.",
        "See docs/custom-fields.md; pmomnidesk check_connection names every field with a problem.",
        "См. docs/custom-fields.ru.md; pmomnidesk check_connection называет все поля с ошибками.",
    ),
    "field_taken": Text(
        "The field {object} is linked already, to the value {value}.",
        "Поле {object} уже связано со значением {value}.",
        "Choose another field, or change that link.",
        "Выберите другое поле или измените ту связь.",
    ),
    "field_link": Text(
        "The field {object} cannot be linked like this: {value}.",
        "Так связать поле {object} нельзя: {value}.",
        "Choose another field or value, or mend what is named.",
        "Выберите другое поле или значение либо исправьте названное.",
    ),
    "no_link": Text(
        "No custom field is linked as {value} (any more).",
        "Кастомное поле {value} не связано (или уже не связано).",
        "Refresh the list.",
        "Обновите список.",
    ),
    "missing_choice": Text(
        "{object} has to be chosen.",
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
        "The panel's database refuses: {value} (error {object}).",
        "База панели отказывает: {value} (ошибка {object}).",
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
        "The panel's database takes no writes: {value} (error {object}).",
        "База панели не принимает запись: {value} (ошибка {object}).",
        "Switch it back to read-write. " + _BY_ITSELF[0],
        "Верните ей режим записи. " + _BY_ITSELF[1],
    ),
    "database_busy": Text(
        "The database was busy: {value} ({object}).",
        "База была занята: {value} ({object}).",
        *_BY_ITSELF,
    ),
    "database": Text(
        "A statement failed in the panel's database: {value} (error {object}).",
        "Запрос к базе панели не выполнен: {value} (ошибка {object}).",
        "If it stays, send var/pmomnidesk.log to the maintainers.",
        "Если повторяется, пришлите var/pmomnidesk.log разработчикам.",
    ),
    "foreign_tables": Text(
        "Tables of these names exist and are not this module's: {object}.",
        "Таблицы с такими именами уже есть и принадлежат не этому модулю: {object}.",
        "They are probably the original module's. Back them up and rename them (RENAME TABLE x TO x_original).",
        "Вероятно, они от исходного модуля. Сохраните их и переименуйте (RENAME TABLE x TO x_original).",
    ),
    "schema_newer": Text(
        "The module's tables are of a newer version ({object}) than this module knows ({value}).",
        "Таблицы модуля новее ({object}), чем знает этот модуль ({value}).",
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
        "The panel does not take calls now ({object}: {value}).",
        "Панель сейчас не принимает вызовы ({object}: {value}).",
        *_BY_ITSELF,
    ),
    "panel_timeout": Text(
        "The panel did not answer {object} within {seconds} s.",
        "Панель не ответила на {object} за {seconds} с.",
        "Before it is tried again the module looks whether it was done after all.",
        "Перед повтором модуль проверит, не было ли это всё же выполнено.",
    ),
    "panel_no_answer": Text(
        "The panel ended {object} without an answer: {value}.",
        "Панель завершила {object} без ответа: {value}.",
        "Before it is tried again the module looks whether it was done after all.",
        "Перед повтором модуль проверит, не было ли это всё же выполнено.",
    ),
    "panel_answer": Text(
        "The panel's answer to {object} is not understood: {value}.",
        "Ответ панели на {object} непонятен: {value}.",
        "See var/billmgr.log at this time; send both to the maintainers if it stays.",
        "Посмотрите var/billmgr.log за это время; если повторяется, пришлите разработчикам.",
    ),
    "panel_trouble": Text(
        "The panel had trouble in {object}: {value}.", "Сбой панели в {object}: {value}.", *_BY_ITSELF
    ),
    "panel_access": Text(
        "The panel allows {object} to nobody in this name: {value}.",
        "Панель не разрешает {object} от этого имени: {value}.",
        "Give the employee all rights of the group Support (Provider, Employees, Rights), and enable him.",
        "Дайте сотруднику все права группы «Поддержка» (Провайдер, Сотрудники, Права) и включите его.",
    ),
    "client_access": Text(
        "The panel does not let the client {object} write: {value}.",
        "Панель не разрешает писать клиенту {object}: {value}.",
        "Enable his login (Clients, Users); until then what he writes in Omnidesk stands in the ticket as a note.",
        "Включите пользователя («Клиенты», «Пользователи»); пока он отключён, написанное им в Омнидеске попадает в "
        "запрос заметкой.",
    ),
    "panel_refused": Text(
        "The panel refuses {object}: {value}.",
        "Панель отказывает в {object}: {value}.",
        "Its reason stands above; when it is mended: pmomnidesk retry TICKET.",
        "Причина указана выше; после исправления: pmomnidesk retry НОМЕР.",
    ),
    "panel_ignored": Text(
        "The panel answered {object}, but nothing came of it: {value}.",
        "Панель ответила на {object}, но ничего не изменилось: {value}.",
        "See var/billmgr.log at this time; send both to the maintainers if it stays.",
        "Посмотрите var/billmgr.log за это время; если повторяется, пришлите разработчикам.",
    ),
    "panel_upload": Text(
        "Files could not be given to the panel ({object}: {value}).",
        "Не удалось передать файлы панели ({object}: {value}).",
        "Check the setting PanelUrl. " + _BY_ITSELF[0],
        "Проверьте настройку PanelUrl. " + _BY_ITSELF[1],
    ),
    "panel_url": Text(
        "Nobody answers at the panel's address {object} ({value}).",
        "По адресу панели {object} никто не отвечает ({value}).",
        "Set PanelUrl to the panel's local address, such as https://127.0.0.1:1500/billmgr.",
        "Укажите в PanelUrl локальный адрес панели, например https://127.0.0.1:1500/billmgr.",
    ),
    "panel_listener": Text(
        "Not the panel but a program of user {value} listens at {object}. No session was opened there.",
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
        "Сертификат {object} не заслуживает доверия.",
        "Check OmnideskUrl, the host's clock and its package ca-certificates.",
        "Проверьте OmnideskUrl, часы сервера и пакет ca-certificates.",
    ),
    "omnidesk_rate": Text(
        "The account's calls for this minute are used up; on in {seconds} s.",
        "Вызовы аккаунта на эту минуту исчерпаны; продолжение через {seconds} с.",
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
        "Omnidesk has trouble ({object}: {value}).", "Сбой Омнидеска ({object}: {value}).", *_BY_ITSELF
    ),
    "omnidesk_no_answer": Text(
        "Omnidesk did not answer ({object}: {value}).",
        "Омнидеск не ответил ({object}: {value}).",
        "Before it is tried again the module looks whether it was done after all.",
        "Перед повтором модуль проверит, не было ли это всё же выполнено.",
    ),
    "omnidesk_broken_answer": Text(
        "Omnidesk's answer is not understood ({object}: {value}).",
        "Ответ Омнидеска непонятен ({object}: {value}).",
        "Nothing is concluded from it. " + _BY_ITSELF[0],
        "Из него не делается выводов. " + _BY_ITSELF[1],
    ),
    "omnidesk_gone": Text(
        "Omnidesk has no such object any more ({object}: {value}).",
        "В Омнидеске такого объекта больше нет ({object}: {value}).",
        "The next message opens a new case.",
        "Следующее сообщение откроет новое обращение.",
    ),
    "omnidesk_staff": Text(
        "Omnidesk does not let this employee act ({object}: {value}).",
        "Омнидеск не разрешает действие этому сотруднику ({object}: {value}).",
        "Enable the employee in Omnidesk and give full rights for the custom channel; then pmomnidesk retry.",
        "Включите сотрудника в Омнидеске и дайте права на кастомный канал; затем pmomnidesk retry.",
    ),
    "omnidesk_refused": Text(
        "Omnidesk refuses ({object}): {value}.",
        "Омнидеск отказывает ({object}): {value}.",
        "Its reason stands above; when it is mended: pmomnidesk retry TICKET.",
        "Причина указана выше; после исправления: pmomnidesk retry НОМЕР.",
    ),
    "case_not_ended": Text(
        "Omnidesk does not let the case of ticket {object} be closed: {value}.",
        "Омнидеск не даёт закрыть обращение запроса {object}: {value}.",
        "Perhaps the account requires fields at closing: fill them in, in the case. It is tried again when a field or"
        " the status changes, or by: pmomnidesk retry {object}. Messages go on meanwhile.",
        "Возможно, в аккаунте есть поля, обязательные при закрытии: заполните их в обращении. Попытка повторится,"
        " когда изменится поле или статус, или по команде: pmomnidesk retry {object}. Сообщения передаются дальше.",
    ),
    "omnidesk_rejected": Text(
        "Omnidesk, or a firewall in front of it, rejects this call ({object}): {value}. Other calls work.",
        "Омнидеск или межсетевой экран перед ним отклоняет этот вызов ({object}): {value}. Другие вызовы проходят.",
        "Usually the text of this one message is the reason. Allow it there, then: pmomnidesk retry TICKET.",
        "Обычно причина — текст этого сообщения. Разрешите его там, затем: pmomnidesk retry НОМЕР.",
    ),
    "foreign_file": Text(
        "A file does not lie on the account's own host and is not fetched: {value}.",
        "Файл лежит не на сервере аккаунта и не загружается: {value}.",
        "The message holds its address.",
        "Его адрес указан в сообщении.",
    ),
    "file": Text(
        "A file cannot be sent ({object}): {value}.",
        "Файл не передаётся ({object}): {value}.",
        "The message went without it and says so.",
        "Сообщение ушло без него и говорит об этом.",
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
        "A call whose outcome is not known may still take effect; it is looked for in {seconds} s.",
        "Вызов с неизвестным исходом ещё может выполниться; проверка через {seconds} с.",
        *_BY_ITSELF,
    ),
    "not_settling": Text(
        "Both sides do not come to rest: {value}.",
        "Стороны не приходят к согласию: {value}.",
        "Send pmomnidesk sync_ticket TICKET --dry-run and var/pmomnidesk.log to the maintainers.",
        "Пришлите разработчикам вывод pmomnidesk sync_ticket НОМЕР --dry-run и var/pmomnidesk.log.",
    ),
    "sent_before": Text(
        "A {object} that was delivered already was about to be sent again ({value}). It was not.",
        "Уже доставленное едва не ушло ещё раз ({object}, {value}). Повторной отправки не было.",
        "Nothing is doubled. If it stays, send var/pmomnidesk.log to the maintainers.",
        "Дублей нет. Если повторяется, пришлите var/pmomnidesk.log разработчикам.",
    ),
    "repeated": Text(
        "The same thing was sent several times within minutes ({object} {value}); it is not sent again for now.",
        "Одно и то же отправлено несколько раз за считаные минуты ({object} {value}); пока больше не отправляется.",
        "Look at both sides of the ticket for duplicates; then: pmomnidesk retry TICKET.",
        "Проверьте, нет ли дублей на обеих сторонах запроса; затем: pmomnidesk retry НОМЕР.",
    ),
    "not_written": Text(
        "What was written into the table {object} is not there when it is read ({value}); nothing was sent.",
        "Записанное в таблицу {object} не читается обратно ({value}); ничего не отправлено.",
        "Check the database server (replication, proxies). It is tried again by itself.",
        "Проверьте сервер базы (репликацию, прокси). Повтор произойдёт сам.",
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
        "In the panel's form: --command {object} --id NUMBER; for people: pmomnidesk {object} NUMBER.",
        "В форме панели: --command {object} --id НОМЕР; для людей: pmomnidesk {object} НОМЕР.",
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
        "probe --trial asks before it starts, and here is no terminal to answer on. Nothing was done.",
        "probe --trial спрашивает перед началом, а терминала для ответа нет. Ничего не сделано.",
        "Start it on a terminal, or give --yes.",
        "Запустите в терминале или укажите --yes.",
    ),
    "trial_left": Text(
        "The trial could not remove everything it had made: {value}.",
        "Удалить удалось не всё созданное при испытании: {value}.",
        "Delete it in the panel or in Omnidesk; var/pmomnidesk.log says why it stayed.",
        "Удалите это в панели или в Омнидеске; причина — в var/pmomnidesk.log.",
    ),
    "bad_date": Text(
        "{object}: {value} is no date.",
        "{object}: {value} — не дата.",
        "Write it like 2025-01-31 or 31.01.2025.",
        "Напишите её так: 2025-01-31 или 31.01.2025.",
    ),
    "bad_option": Text(
        "{object} cannot be {value}.",
        "{object}: нельзя указать {value}.",
        "pmomnidesk COMMAND --help says what it takes; docs/adopt.md explains it.",
        "Что можно указать, говорит pmomnidesk КОМАНДА --help; объяснено в docs/adopt.ru.md.",
    ),
    "original_tables": Text(
        "The original module's table {object} is not there, or empty.",
        "Таблицы исходного модуля {object} нет, или она пуста.",
        "Name what stands behind the names of its tables: --tables _original. See docs/adopt.md.",
        "Укажите, что добавлено к именам её таблиц: --tables _original. См. docs/adopt.ru.md.",
    ),
    "original_columns": Text(
        "It is not clear which column of {object} is which: {value}.",
        "Непонятно, какой столбец таблицы {object} чем является: {value}.",
        "Name it, like --columns ticket=tid,case=remote; message=none does without the table of messages. See"
        " docs/adopt.md.",
        "Укажите его, например --columns ticket=tid,case=remote; message=none обходится без таблицы сообщений. См."
        " docs/adopt.ru.md.",
    ),
    "no_department": Text(
        "BILLmanager has no department {value}. It has: {object}.",
        "В BILLmanager нет отдела {value}. Есть: {object}.",
        "Give its name or its number.",
        "Укажите его имя или номер.",
    ),
    "tables_missing": Text(
        "The module's tables are not there yet, or are of an older version.",
        "Таблиц модуля ещё нет, или они от более старой версии.",
        "Run pmomnidesk check_connection, which makes them; a command that only reads does not.",
        "Выполните pmomnidesk check_connection — она их создаёт; команда, которая только читает, этого не делает.",
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
        "Ticket {value} has nothing to open a case with.",
        "В запросе {value} нет ничего, с чем открыть обращение.",
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
        "Give one with --rating, or name its column in the setting RatingColumn.",
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
        "Each is listed with its cure.",
        "К каждой указано, как её устранить.",
    ),
    "disk": Text(
        "The module cannot write {object}: {value}.",
        "Модуль не может писать в {object}: {value}.",
        "Free space, or give the folder back to root with mode 700.",
        "Освободите место или верните каталогу владельца root и права 700.",
    ),
    "internal": Text(
        "A mistake of this module: {value}.",
        "Ошибка самого модуля: {value}.",
        "Send the traceback from var/pmomnidesk.log to the maintainers.",
        "Пришлите разработчикам трассировку из var/pmomnidesk.log.",
    ),
}


_PARTS = Failure.sentence


def render(failure: Failure, language: str) -> Rendered:
    """A failure in words; an unknown type shows its parts rather than nothing."""
    text = TEXTS.get(failure.type)
    if text is None:
        return Rendered(_PARTS(failure), "")
    value = failure.params.get("value_ru", failure.value) if language == "ru" else failure.value
    given = {"seconds": "?", **failure.params, "object": failure.object, "value": value}
    sentence, cure = (text.ru, text.cure_ru) if language == "ru" else (text.en, text.cure_en)
    return Rendered(sentence.format_map(given), cure.format_map(given))


def _english(failure: Failure) -> str:
    return render(failure, "en").sentence


Failure.sentence = staticmethod(_english)  # type: ignore[method-assign]


def panel_type(type: str) -> str:
    """A failure's type as the panel knows it: error texts share one space of names with all modules and the panel."""
    return type if type.startswith("omnidesk_") else f"omnidesk_{type}"


def told(failure: Failure) -> str:
    """What is wrong and what to do about it, in English: for the log and for ``status``."""
    words = render(failure, "en")
    return f"{words.sentence} {words.cure}".strip()


def panel_messages(language: str) -> list[tuple[str, str]]:
    """(name, text) of the panel's ``msg_error_*`` texts; its placeholders are ``__name__``."""
    found = []
    for type, text in TEXTS.items():
        words = f"{text.ru} {text.cure_ru}" if language == "ru" else f"{text.en} {text.cure_en}"
        for name in ("object", "value", "seconds"):
            words = words.replace("{" + name + "}", f"__{name}__")
        found.append((f"msg_error_{panel_type(type)}", words.replace("\n", " ")))
    return found
