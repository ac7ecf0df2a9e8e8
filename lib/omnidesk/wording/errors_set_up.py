"""What failures of settings, files and the database say."""

from __future__ import annotations

from omnidesk.core.phrase import Text

_RETRIES = ("The module tries again automatically.", "Модуль повторит попытку автоматически.")

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
        "Fill in the form in the panel (OmniDesk, Settings), or copy etc/omnidesk/omnidesk.conf.example to"
        " etc/omnidesk/omnidesk.conf, fill it in, chmod 600.",
        "Заполните форму в панели (OmniDesk, Настройки) или скопируйте etc/omnidesk/omnidesk.conf.example в"
        " etc/omnidesk/omnidesk.conf, заполните, chmod 600.",
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
    "routing": Text(
        "The routing table {object} cannot be used: {value}.",
        "Таблица маршрутизации {object} не читается: {value}.",
        "Fix the file; until then its last valid content is used. See docs/routing.md.",
        "Исправьте файл; до этого используется последнее правильное содержимое. См. docs/routing.ru.md.",
    ),
    "route": Text(
        "Row {object} of the routing table is not saved: {value}.",
        "Строка {object} таблицы маршрутизации не сохранена: {value}.",
        "Choose another value in the field that is marked.",
        "Выберите другое значение в отмеченном поле.",
    ),
    "no_route": Text(
        "The routing table has no such row: {value}.",
        "В таблице маршрутизации нет такой строки: {value}.",
        "Somebody may have changed the table meanwhile: refresh the list.",
        "Возможно, таблицу за это время изменили: обновите список.",
    ),
    "route_secret": Text(
        "The secret of the channel {object} is not saved: {value}.",
        "Секретный ключ канала {object} не сохранён: {value}.",
        "Choose the channel, and take a secret of 8 to 200 letters, digits and - _ . ~",
        "Выберите канал и возьмите ключ от 8 до 200 латинских букв, цифр и знаков - _ . ~",
    ),
    "route_secret_main": Text(
        "{object} is the channel of the settings, whose secret is set there.",
        "{object} — канал из параметров интеграции, его ключ задаётся там.",
        "Leave the secret empty, or choose another channel.",
        "Оставьте ключ пустым или выберите другой канал.",
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
        "Nothing is lost: the module continues by itself as soon as the database answers. Check that its server runs,"
        " and DBHost and DBSocket in etc/billmgr.conf.d/db.conf.",
        "Ничего не потеряно: модуль продолжит сам, как только база ответит. Проверьте, что её сервер запущен, и"
        " настройки DBHost и DBSocket в etc/billmgr.conf.d/db.conf.",
    ),
    "database_read_only": Text(
        "The panel's database is read-only: {value} (error {object}).",
        "База панели доступна только для чтения: {value} (ошибка {object}).",
        "Make it writable again. " + _RETRIES[0],
        "Разрешите запись. " + _RETRIES[1],
    ),
    "database_busy": Text(
        "The database was busy: {value} ({object}).",
        "База была занята: {value} ({object}).",
        *_RETRIES,
    ),
    "database": Text(
        "A statement failed in the panel's database: {value} (error {object}).",
        "Запрос к базе панели не выполнен: {value} (ошибка {object}).",
        "If this continues, send var/pmomnidesk.log to the maintainers.",
        "Если повторяется, пришлите var/pmomnidesk.log разработчикам.",
    ),
    "no_notes": Text(
        "The panel's table {object} is missing or has other columns than expected: internal notes are not synchronised,"
        " everything else is.",
        "В базе панели нет таблицы {object} или в ней другие столбцы: внутренние заметки не передаются, всё остальное"
        " передаётся.",
        "Send the report of pmomnidesk probe to the maintainers; to synchronise without notes, set SyncNotes off.",
        "Пришлите разработчикам отчёт pmomnidesk probe; чтобы работать без заметок, выключите SyncNotes.",
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
}
