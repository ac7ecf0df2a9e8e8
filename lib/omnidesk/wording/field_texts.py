"""What can be wrong with a custom field (``FieldProblem``), without a full stop, and what to do about it."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_REWRITE_EN = "Change the sql of this value to one plain SELECT; docs/custom-fields.md says what is allowed."
_REWRITE_RU = "Измените sql этого значения на один обычный SELECT; что допустимо, описано в docs/custom-fields.ru.md."
_FILE_EN = "Fix the file; the module rereads it automatically."
_FILE_RU = "Исправьте файл; модуль перечитает его автоматически."
_CLEAN_EN = "Change the sql so that it returns what the field accepts, or choose another value or field."
_CLEAN_RU = "Измените sql так, чтобы он выдавал то, что принимает поле, или выберите другое значение либо поле."

_STATEMENT = {
    "too_long": Text(
        "the statement is longer than {limit} characters", "запрос длиннее {limit} символов", _REWRITE_EN, _REWRITE_RU
    ),
    "control_characters": Text(
        "the statement has control characters (NUL or the like)",
        "в запросе есть управляющие символы (NUL и подобные)",
        "Retype the statement in a plain text editor.",
        "Наберите запрос заново в обычном текстовом редакторе.",
    ),
    "not_a_select": Text(
        "only a statement that begins with SELECT or WITH is allowed",
        "допустим только запрос, который начинается с SELECT или WITH",
        _REWRITE_EN,
        _REWRITE_RU,
    ),
    "parentheses": Text(
        "the parentheses do not match",
        "скобки не парные",
        "Give each opening parenthesis its closing one.",
        "Закройте каждую открытую скобку.",
    ),
    "comment": Text(
        "comments are not allowed ({sign})",
        "комментарии недопустимы ({sign})",
        "Remove the comment: the server executes some comments. For a double minus write 1 - (-1).",
        "Уберите комментарий: некоторые из них сервер исполняет. Вместо двойного минуса пишите 1 - (-1).",
    ),
    "second_statement": Text(
        "there is more than one statement (a semicolon)",
        "в тексте больше одного запроса (точка с запятой)",
        "Leave one SELECT without a semicolon inside.",
        "Оставьте один SELECT без точки с запятой внутри.",
    ),
    "variable": Text(
        "variables (@name) are not allowed",
        "переменные (@имя) недопустимы",
        "Write the value itself, or a subquery, instead of the variable.",
        "Вместо переменной напишите само значение или подзапрос.",
    ),
    "backslash": Text(
        "a backslash outside quotes is not allowed",
        "обратная косая черта вне кавычек недопустима",
        "Write NULL instead of \\N.",
        "Вместо \\N пишите NULL.",
    ),
    "unfinished_quote": Text(
        "a quote ({quote}) is not closed",
        "кавычка ({quote}) не закрыта",
        "Close the quote; a quote inside text is doubled.",
        "Закройте кавычку; кавычка внутри текста удваивается.",
    ),
    "forbidden_word": Text("{word} is not allowed", "{word} недопустимо", _REWRITE_EN, _REWRITE_RU),
    "forbidden_function": Text(
        "the function {word}() is not allowed", "функция {word}() недопустима", _REWRITE_EN, _REWRITE_RU
    ),
    "unknown_function": Text(
        "the function {word}() is not among the allowed ones",
        "функции {word}() нет среди разрешённых",
        "Use one of the functions listed in docs/custom-fields.md; stored functions are not allowed.",
        "Используйте функции из списка в docs/custom-fields.ru.md; хранимые функции недопустимы.",
    ),
    "qualified_call": Text(
        "a call of {word} with a database or in backticks is not allowed",
        "вызов {word} с именем базы или в обратных кавычках недопустим",
        "Write a function's name without a database and without backticks.",
        "Пишите имя функции без имени базы и без обратных кавычек.",
    ),
    "secret_column": Text(
        "the name {word} refers to a secret (“{part}”), which everybody in Omnidesk would see",
        "имя {word} указывает на секрет («{part}»), и его увидели бы все, кто работает в Омнидеске",
        "Remove it from the statement. If it is not a secret, rename the alias, or read the column through a view.",
        "Уберите его из запроса. Если это не секрет, переименуйте псевдоним или читайте столбец через представление.",
    ),
    "secret_table": Text(
        "the table {word} contains secrets (“{part}”) and may not be read",
        "таблица {word} хранит секреты («{part}»), читать её нельзя",
        "Read other tables. If it contains no secrets, read it through a view with another name.",
        "Читайте другие таблицы. Если секретов в ней нет, читайте её через представление с другим именем.",
    ),
    "all_columns": Text(
        "* reads all columns, including secret ones",
        "* читает все столбцы, в том числе секретные",
        "Name the columns; COUNT(*) and EXISTS (SELECT * …) are allowed.",
        "Перечислите столбцы; COUNT(*) и EXISTS (SELECT * …) допустимы.",
    ),
    "other_schema": Text(
        "{word} belongs to another database and may not be read",
        "{word} — из другой базы данных, читать её нельзя",
        "Read tables of the panel's own database, and write their names without a database.",
        "Читайте таблицы базы самой панели и пишите их имена без имени базы.",
    ),
    "system_schema": Text(
        "tables of the system database {word} may not be read",
        "читать таблицы системной базы {word} нельзя",
        "Read the panel's own tables; if {word} is an alias, choose another one.",
        "Читайте таблицы самой панели; если {word} — псевдоним, выберите другой.",
    ),
    "forbidden_part": Text(
        "this part of SQL is not allowed: {word}", "эта часть SQL недопустима: {word}", _REWRITE_EN, _REWRITE_RU
    ),
    "not_parsed": Text(
        "the statement cannot be parsed: {reason}",
        "не удалось разобрать запрос: {reason}",
        "Correct the statement, or write it more simply.",
        "Исправьте запрос или напишите его проще.",
    ),
    "no_parser": Text(
        "the statement cannot be checked, because sqlglot is missing: {reason}",
        "запрос нельзя проверить: нет библиотеки sqlglot: {reason}",
        "Run make install again to install the libraries.",
        "Выполните make install ещё раз: он установит библиотеки.",
    ),
}

_EXECUTION = {
    "refused_by_server": Text(
        "the database server refused the statement: {reason}",
        "сервер базы данных отклонил запрос: {reason}",
        "Correct table and column names; try the statement in the mysql client with a real id.",
        "Исправьте имена таблиц и столбцов; проверьте запрос в клиенте mysql с настоящим id.",
    ),
    "duplicate_column": Text(
        "two columns of the result have the same name: {reason}",
        "два столбца результата названы одинаково: {reason}",
        "Leave one column, or give the columns different names with AS.",
        "Оставьте один столбец или дайте столбцам разные имена через AS.",
    ),
    "too_slow": Text(
        "the statement took longer than {seconds} s and was stopped",
        "запрос выполнялся дольше {seconds} с и был остановлен",
        "Make it faster: compare indexed columns (id, account, ticket) with __id__.",
        "Ускорьте запрос: сравнивайте с __id__ столбцы с индексом (id, account, ticket).",
    ),
    "cut_by_server": Text(
        "the database server cut the value: {reason}",
        "сервер базы данных обрезал значение: {reason}",
        "Make the statement return less, for example the newest ten rows of a subquery with LIMIT.",
        "Сделайте так, чтобы запрос выдавал меньше, например последние десять строк подзапроса с LIMIT.",
    ),
    "more_rows": Text(
        "more than one row for id {id}, the first is used",
        "для id {id} больше одной строки, взята первая",
        "Define which row comes first: ORDER BY … LIMIT 1.",
        "Укажите, какая строка первая: ORDER BY … LIMIT 1.",
    ),
    "no_database": Text(
        "the database cannot be reached: {reason}",
        "нет связи с базой данных: {reason}",
        "Check DBHost, DBSocket, DBUser and DBPassword of the panel.",
        "Проверьте DBHost, DBSocket, DBUser и DBPassword панели.",
    ),
    "session_unsafe": Text(
        "the connection cannot be made read-only and limited in time: {reason}",
        "соединение нельзя сделать только читающим и ограничить по времени: {reason}",
        "Custom fields need MariaDB 10.1 or MySQL 5.7.8, or newer.",
        "Для кастомных полей нужны MariaDB 10.1, MySQL 5.7.8 или новее.",
    ),
    "file_privilege": Text(
        "the database user {word} has the FILE privilege",
        "у пользователя базы данных {word} есть право FILE",
        "The module does not need it. Give it a user with SELECT only (docs/custom-fields.md), or revoke FILE.",
        "Модулю оно не нужно. Заведите пользователя только с SELECT (docs/custom-fields.ru.md) или отзовите FILE.",
    ),
    "may_write": Text(
        "the database user {word} may write",
        "пользователь базы данных {word} может изменять данные",
        "Statements can only read all the same. For a user with SELECT only see docs/custom-fields.md.",
        "SQL-запросы всё равно могут только читать. Пользователь только с SELECT описан в docs/custom-fields.ru.md.",
    ),
}

_VALUE = {
    "not_an_option": Text(
        "“{value}” is not an option of the field; its options: {options}",
        "«{value}» нет среди вариантов поля; варианты: {options}",
        "Add the option in Omnidesk, or change the sql so that it returns an option's text.",
        "Добавьте вариант в Омнидеске или измените sql так, чтобы он выдавал текст варианта.",
    ),
    "ambiguous_option": Text(
        "“{value}” matches several options of the field",
        "«{value}» подходит к нескольким вариантам поля",
        "Give the field's options different texts in Omnidesk.",
        "Дайте вариантам поля разные тексты в Омнидеске.",
    ),
    "not_a_flag": Text("“{value}” is neither yes nor no", "«{value}» — не «да» и не «нет»", _CLEAN_EN, _CLEAN_RU),
    "not_a_date": Text("“{value}” is not a date", "«{value}» — не дата", _CLEAN_EN, _CLEAN_RU),
    "not_text": Text(
        "the value is binary data, not text",
        "значение — двоичные данные, а не текст",
        "Convert it in the sql: HEX(column) or CONVERT(column USING utf8).",
        "Преобразуйте его в sql: HEX(столбец) или CONVERT(столбец USING utf8).",
    ),
    "shortened": Text(
        "the value has {length} characters, the field accepts {limit}; the rest is cut off",
        "в значении {length} символов, поле принимает {limit}; остальное отброшено",
        "Make the statement return less (LEFT, a subquery with LIMIT), or use a field of type textarea.",
        "Сделайте так, чтобы запрос выдавал меньше (LEFT, подзапрос с LIMIT), или возьмите поле «текстовая область».",
    ),
    "unknown_field_type": Text(
        "the field's type {type} is not known",
        "тип поля {type} неизвестен",
        "Choose a field of type text, textarea, select, checkbox or date.",
        "Выберите поле типа «текст», «текстовая область», «список», «флажок» или «дата».",
    ),
}

_LINK = {
    "unknown_field": Text(
        "Omnidesk has no data field {field}",
        "в Омнидеске нет поля данных {field}",
        "Remove the link, or take the field's number from Omnidesk's list of data fields.",
        "Удалите связь или возьмите номер поля из списка полей данных Омнидеска.",
    ),
    "inactive_field": Text(
        "the data field {field} is switched off in Omnidesk",
        "поле данных {field} в Омнидеске выключено",
        "Switch the field on in Omnidesk, or remove the link.",
        "Включите поле в Омнидеске или удалите связь.",
    ),
    "unknown_level": Text(
        "the data field {field} belongs to a {level}; the module fills fields of users and cases only",
        "поле данных {field} относится к {level}; модуль заполняет только поля пользователей и обращений",
        "Remove the link, or create a field of the level user or case in Omnidesk.",
        "Удалите связь или заведите в Омнидеске поле пользователя или обращения.",
    ),
    "unknown_value": Text(
        "the catalogue has no value {value}",
        "в каталоге нет значения {value}",
        "Add the value to custom_fields_values.json, or choose another one for the field.",
        "Добавьте значение в custom_fields_values.json или выберите для поля другое.",
    ),
    "wrong_level": Text(
        "the value {value} is for a {entity}, the field {field} belongs to a {level}",
        "значение {value} относится к {entity}, а поле {field} — к {level}",
        "Link values of entity user with user fields and values of entity case with case fields.",
        "Связывайте значения entity user с полями пользователей, а entity case — с полями обращений.",
    ),
}

_FILE = {
    "missing_file": Text("the file does not exist", "файла нет", _FILE_EN, _FILE_RU),
    "unreadable_file": Text("the file cannot be read: {reason}", "файл не читается: {reason}", _FILE_EN, _FILE_RU),
    "not_utf8": Text(
        "line {line} column {column}: not UTF-8",
        "строка {line}, столбец {column}: не UTF-8",
        "Save the file in UTF-8.",
        "Сохраните файл в кодировке UTF-8.",
    ),
    "not_json": Text(
        "line {line} column {column}: {reason}", "строка {line}, столбец {column}: {reason}", _FILE_EN, _FILE_RU
    ),
    "not_an_object": Text(
        "the file must contain one object: key → value",
        "в файле должен быть один объект: ключ → значение",
        _FILE_EN,
        _FILE_RU,
    ),
    "not_a_list": Text(
        'the file must contain a list of {{"field": …, "value": …}}',
        'в файле должен быть список из {{"field": …, "value": …}}',
        _FILE_EN,
        _FILE_RU,
    ),
    "duplicate_key": Text(
        "{key}: the key is used more than once (lines {lines})",
        "{key}: ключ использован больше одного раза (строки {lines})",
        "Give each value its own key.",
        "Дайте каждому значению свой ключ.",
    ),
    "bad_key": Text(
        "{key}: a key must have 1 to 100 characters without surrounding spaces",
        "{key}: ключ должен иметь от 1 до 100 символов без пробелов по краям",
        _FILE_EN,
        _FILE_RU,
    ),
    "bad_entry": Text(
        "{key} (line {line}): must be an object with entity, name and sql",
        "{key} (строка {line}): должен быть объект с entity, name и sql",
        _FILE_EN,
        _FILE_RU,
    ),
    "missing_part": Text(
        "{key} (line {line}): {part} is missing", "{key} (строка {line}): нет {part}", _FILE_EN, _FILE_RU
    ),
    "wrong_type": Text(
        "{key} (line {line}): {part} must be text",
        "{key} (строка {line}): {part} должно быть текстом",
        _FILE_EN,
        _FILE_RU,
    ),
    "unknown_entity": Text(
        "{key} (line {line}): unknown entity “{value}”, must be user or case",
        "{key} (строка {line}): неизвестная сущность «{value}», должна быть user или case",
        _FILE_EN,
        _FILE_RU,
    ),
    "bad_link": Text(
        'entry {number}: must be {{"field": "cf_25", "value": "client_id"}}',
        'запись {number}: должно быть {{"field": "cf_25", "value": "client_id"}}',
        _FILE_EN,
        _FILE_RU,
    ),
    "duplicate_link": Text(
        "entry {number}: the field {field} is linked more than once",
        "запись {number}: поле {field} связано больше одного раза",
        "Leave one value for each field.",
        "Оставьте для каждого поля одно значение.",
    ),
}

_STATE = {
    "in_force": Text(
        "each statement is checked before it runs, is read-only, and is ended after {seconds} s ({version})",
        "каждый SQL-запрос проверяется до выполнения, может только читать и прерывается через {seconds} с ({version})",
    ),
}
TEXTS: dict[str, Text] = {**_STATEMENT, **_EXECUTION, **_VALUE, **_LINK, **_FILE}
"""All problems by their code."""
register({**TEXTS, **_STATE}, "field")
