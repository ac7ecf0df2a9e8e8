"""What is wrong with a setting's value, in the file and in the panel's form."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "at_line": Text("line {line}: {name}: {why}", "строка {line}: {name}: {why}"),
        "unknown": Text("unknown setting", "нет такой настройки"),
        "set_twice": Text("already set in line {first}", "уже задано в строке {first}"),
        "missing": Text("{name}: missing", "{name}: не задано"),
        "file_large": Text("larger than a settings file can be", "файл слишком большой для настроек"),
        "file_missing": Text("no such file", "файла нет"),
        "not_utf8": Text("not UTF-8", "кодировка не UTF-8"),
        "not_address": Text("an address like {example} is expected", "нужен адрес вида {example}"),
        "address_ends": Text("the address ends after the host: {example}", "в адресе нужен только хост: {example}"),
        "not_https": Text(
            "https:// is required (http:// only for a loopback host)",
            "нужен https:// (http:// только для этого же сервера)",
        ),
        "not_email": Text("an e-mail address is expected", "нужен адрес электронной почты"),
        "not_channel": Text(
            "cch101 or 101 is expected (Omnidesk: Channels, Custom channels)",
            "нужно cch101 или 101 (Омнидеск: Каналы, Кастомные каналы)",
        ),
        "not_number": Text("a number from {low} to {high} is expected", "нужно число от {low} до {high}"),
        "not_map": Text("a map like {example} is expected", "нужна запись вида {example}"),
        "not_column": Text("a column name (or off) is expected", "нужно название столбца (или off)"),
        "not_key": Text(
            "Latin letters, digits and signs are expected; there may be an invisible or a Cyrillic one",
            "нужны латинские буквы, цифры и знаки; возможно, попал невидимый знак или кириллическая буква",
        ),
        "not_secret": Text(
            "8 to 200 letters, digits and - _ . ~ are expected",
            "нужно от 8 до 200 латинских букв, цифр и знаков - _ . ~",
        ),
        "not_secrets": Text(
            "cch102:secret, with commas between several channels, is expected; each secret as OmnideskSecret",
            "нужно cch102:ключ, несколько каналов — через запятую; требования к ключу те же, что у OmnideskSecret",
        ),
        "not_token": Text("a bot's token like 123456789:AAF… is expected", "нужен токен бота вида 123456789:AAF…"),
        "not_chat": Text("a chat's number (-100123…) or @name is expected", "нужен номер чата (-100123…) или @имя"),
        "not_lanes": Text("auto or a number from 1 to {high} is expected", "нужно auto или число от 1 до {high}"),
        "not_one_of": Text("{one} or {other} is expected", "ожидается {one} или {other}"),
        "not_author": Text(
            "a line with {{name}} in it once is expected", "ожидается строка, где один раз есть {{name}}"
        ),
        "not_storage": Text(
            "an address or a name of up to 200 characters is expected", "ожидается адрес или название до 200 знаков"
        ),
        # Of the form only
        "empty": Text("has to be filled in.", "нужно заполнить."),
        "key_again": Text(
            "has to be typed again: the stored key is for another address.",
            "нужно ввести заново: сохранённый ключ — для другого адреса.",
        ),
        "signs": Text("holds signs that a settings file cannot.", "содержит недопустимые знаки."),
        "typed": Text("{why}.", "{why}."),
        "a_value": Text("a value for at least one field", "значение хотя бы для одного поля"),
        "cut": Text(
            "only the host is needed: “{text}” was removed.",
            "нужен только хост: «{text}» убрано.",
        ),
        "webhook_paste": Text(
            "{why} Paste the whole address shown here into the field “Webhook URL” of the custom channel in Omnidesk.",
            "{why} Вставьте показанный здесь адрес целиком в поле «Webhook URL» кастомного канала в Омнидеске.",
        ),
        "webhook_hidden": Text(
            "{why} Press “Create a new secret”, and paste the complete address that appears here into the field"
            " “Webhook URL” of the custom channel in Omnidesk.",
            "{why} Нажмите «Создать новый секретный ключ» и вставьте полный адрес, который появится здесь, в поле"
            " «Webhook URL» кастомного канала в Омнидеске.",
        ),
        "webhook": Text("{why} {cure}", "{why} {cure}"),  # stored by earlier versions
        "other_account": Text(
            "{tickets} tickets are linked with cases of {url}, the account before: in this one they get new cases.",
            "Запросов, связанных с обращениями прежнего аккаунта {url}: {tickets}; в новом у них будут новые"
            " обращения.",
        ),
    },
    "setting",
)
