"""What ``probe`` says: what frames its report, and what each check has found."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_REPORT = {
    "head": Text(
        "What this host tells of what the module assumes (docs/unverified.md names the same keys). Names and figures"
        " only: no messages, no people, no secrets. Please read it, then send it to the maintainers.",
        "Что этот сервер говорит о предположениях модуля (те же ключи — в docs/unverified.md). Только имена и числа:"
        " без сообщений, людей и секретов. Прочитайте и отправьте разработчикам.",
    ),
    "as_assumed": Text("as assumed", "как предполагалось"),
    "differs": Text("differs", "отличается"),
    "not_settled": Text("not settled", "не выяснено"),
    "part_host": Text("This host", "Этот сервер"),
    "part_tables": Text("Database", "База данных"),
    "part_panel": Text("Panel", "Панель"),
    "part_desk": Text("Omnidesk", "Омнидеск"),
}
_ANY = {
    "yes": Text("yes", "да"),
    "no": Text("no", "нет"),
    "none": Text("none", "нет"),
    "failed": Text("failed: {type}", "ошибка: {type}"),
    "failed_call": Text("failed: {type}, {why}", "ошибка: {type}, {why}"),
    "unforeseen": Text("unforeseen: {type}", "непредвиденная ошибка: {type}"),
    "no_settings": Text(
        "the settings cannot be read: pmomnidesk check_connection",
        "настройки не читаются: pmomnidesk check_connection",
    ),
}
_HOST = {
    "versions": Text("module {module}, tables {tables}", "модуль {module}, таблицы {tables}"),
    "modes": Text("{folder}: {modes}; not owned by root: {others}", "{folder}: {modes}; владелец не root: {others}"),
    "log_levels": Text(
        "file: {there}; levels: {levels}; colours: {colours}", "файл: {there}; уровни: {levels}; цвета: {colours}"
    ),
    "received": Text("received: {counts}", "получено: {counts}"),
    "test_calls": Text("answered 200: {done}; refused: {refused}", "с ответом 200: {done}; с отказом: {refused}"),
}
_TABLES = {
    "server": Text(
        "{version}; sql_mode {mode}; variables: {variables}", "{version}; sql_mode {mode}; переменные: {variables}"
    ),
    "no_table": Text("{table}: no such table", "{table}: такой таблицы нет"),
    "columns": Text("{table}: missing: {missing}; also: {more}", "{table}: не хватает: {missing}; кроме того: {more}"),
    "index": Text("{table}: index, read by {way}", "{table}: индекс есть, способ чтения {way}"),
    "no_index": Text("{table}: no index, read by {way}", "{table}: индекса нет, способ чтения {way}"),
    "grows": Text("ids grow: {tables}", "номера растут: {tables}"),
    "statuses": Text("tickets by status: {counts}", "запросов по статусам: {counts}"),
    "candidates": Text("candidates: {columns}", "возможные столбцы: {columns}"),
    "values_of": Text("values of {column}: {counts}", "значения {column}: {counts}"),
    "level": Text(
        "level {level}: {users}, enabled {enabled}, with realname {named}",
        "уровень {level}: {users}, из них включены {enabled}, с realname {named}",
    ),
    "missing": Text("missing: {names}", "не хватает: {names}"),
    "zones": Text("{zone}, system {system}, offset {offset} min", "{zone}, система {system}, смещение {offset} мин"),
    "newest": Text("newest message {age} s ago", "последнее сообщение {age} с назад"),
    "no_message": Text("no message yet", "сообщений ещё нет"),
    "on_delete": Text("on delete: {rules}", "при удалении: {rules}"),
    "our_table": Text("{table}: ours", "{table}: таблица модуля"),
    "other_table": Text(
        "{table}: not ours, about {rows} rows, columns {columns}",
        "{table}: чужая таблица, строк примерно {rows}, столбцы {columns}",
    ),
}
_PANEL = {
    "bytes": Text("exit code {code}, {count} bytes", "код завершения {code}, байт: {count}"),
    "error_type": Text("exit code {code}, error type {type}", "код завершения {code}, тип ошибки {type}"),
    "no_list": Text(
        "mgrctl -i names no function that the module calls, {count} words",
        "в выводе mgrctl -i нет ни одной функции, которую вызывает модуль; слов: {count}",
    ),
    "functions": Text(
        "missing: {missing}; about tickets and modules: {near}", "не хватает: {missing}; о запросах и модулях: {near}"
    ),
    "beside_rows": Text("beside rows: {names}", "кроме строк: {names}"),
    "no_error": Text("no error, exit code {code}", "ошибки нет, код завершения {code}"),
    "error": Text("type {type}, object {object}", "тип {type}, объект {object}"),
    "error_parts": Text("exit code {code}, parts {parts}", "код завершения {code}, составные части {parts}"),
    "environment": Text("a value of -e arrived: {arrived}", "значение -e дошло: {arrived}"),
    "refused": Text("refused: type {type}", "отказ: тип {type}"),
    "file_fields": Text(
        "fields of type file: {fields}; metadata: {described}", "поля типа file: {fields}; метаданные: {described}"
    ),
    "served": Text("served; metadata: {described}", "ответ получен; метаданные: {described}"),
    "counters": Text("counters in the title: {there}", "счётчики в заголовке: {there}"),
    "lines": Text("lines: {count}", "строк: {count}"),
    "description": Text(
        "lines that name it: {count}, of these complaints: {complaints}",
        "строк о нём: {count}, из них с ошибками: {complaints}",
    ),
    "called": Text(
        "lines: {lines}; {counts}; other functions: {others}", "строк: {lines}; {counts}; других функций: {others}"
    ),
}
_DESK = {
    "not_json": Text("{code}, not JSON", "{code}, не JSON"),
    "limits": Text("code {code}; limits: {limits}", "код {code}; лимиты: {limits}"),
    "ahead": Text("Omnidesk is {seconds} s ahead of this host", "Омнидеск опережает этот сервер на {seconds} с"),
    "no_date": Text("no readable Date header", "нет заголовка Date, или он не читается"),
    "dates": Text("dates of cases: {shape}, offset {offset}", "даты обращений: {shape}, смещение {offset}"),
    "staff": Text("employees: {count}; fields: {fields}", "сотрудников: {count}; поля: {fields}"),
    "channels": Text("{kinds}; active: {active}; fields: {fields}", "{kinds}; включено: {active}; поля: {fields}"),
    "other_channels": Text("the channel of the settings is not among them", "канала из настроек среди них нет"),
    "our_secret": Text("the secret of the settings is in it: {there}", "в нём секрет из настроек: {there}"),
    "fields": Text("{kinds}; fields: {fields}", "{kinds}; поля: {fields}"),
    "compared": Text(
        "cases compared: {changed} by change, {created} by creation",
        "сравнено обращений: {changed} по изменению, {created} по созданию",
    ),
    "no_case": Text("the channel has no case", "в канале нет обращений"),
    "case": Text(
        "{fields}; only in details: {only}; parent_case_id: {parent}",
        "{fields}; только в самом обращении, не в списке: {only}; parent_case_id: {parent}",
    ),
    "values": Text("fields: {count}: {kinds}", "полей: {count}: {kinds}"),
    "messages": Text(
        "messages: {count}; fields: {fields}; types: {kinds}; texts in: {bodies}",
        "сообщений: {count}; поля: {fields}; типы: {kinds}; тексты в полях: {bodies}",
    ),
    "empty_lists": Text(
        "nothing found: {nothing}; behind the last page: {behind}",
        "ничего не найдено: {nothing}; после последней страницы: {behind}",
    ),
    "not_found": Text("case {case}; user {user}; path {path}", "обращение: {case}; пользователь: {user}; путь: {path}"),
    "bad_parameters": Text("limit=101: {limit}; unknown sort: {sort}", "limit=101: {limit}; неизвестный sort: {sort}"),
    "filters": Text("code {code}; filters: {count}; {shape}", "код {code}; фильтров: {count}; {shape}"),
    "merged": Text(
        "cases: {count}; parent_case_id shown: {shown}; merged: {states}",
        "обращений: {count}; parent_case_id есть: {shown}; объединённые: {states}",
    ),
    "kinds": Text("messages: {count}; by author and type: {kinds}", "сообщений: {count}; по автору и типу: {kinds}"),
    "quotes": Text(
        "messages with a marked original: {known}, with another quote: {others}",
        "сообщений с размеченным исходным письмом: {known}, с другой цитатой: {others}",
    ),
    "ratings": Text(
        "recognised in {known} of {count} replies; other links in most of them: {links};"
        " signatures with a placeholder: {holders}, with another one: {others}",
        "распознаны в {known} из {count} ответов; других ссылок в большинстве ответов: {links};"
        " подписей с подстановкой: {holders}, с другой подстановкой: {others}",
    ),
}
for _texts in (_REPORT, _ANY, _HOST, _TABLES, _PANEL, _DESK):
    register(_texts, "probe")
