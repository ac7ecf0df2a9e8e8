"""What can be wrong with the routing table: of the file, of one row, of its place among the others."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        # The file
        "unreadable": Text("it cannot be read ({why})", "он не читается ({why})"),
        "too_large": Text("it is larger than 1 MiB", "он больше 1 МиБ"),
        "not_utf8": Text("it is not UTF-8", "его кодировка не UTF-8"),
        "not_json": Text(
            "no JSON: line {line}, column {column}: {reason}", "это не JSON: строка {line}, столбец {column}: {reason}"
        ),
        "not_list": Text(
            "a list of at most {most} rows is expected: [{{…}}, {{…}}]",
            "ожидается список не более чем из {most} строк: [{{…}}, {{…}}]",
        ),
        # One row
        "not_object": Text("the row is no object {{…}}", "строка — не объект {{…}}"),
        "unknown_key": Text("the row has an unknown key “{name}”", "в строке незнакомый ключ «{name}»"),
        "bad_value": Text(
            "“{name}” has to be a name or a number, or a list of them where several are possible",
            "«{name}» должно быть названием или номером; там, где возможно несколько, — списком",
        ),
        "bad_priority": Text(
            "priority “{value}” is not low, normal, high or critical",
            "приоритет «{value}» — не low, normal, high или critical",
        ),
        "gives_nothing": Text(
            "the row names neither group, channel, priority, labels nor language",
            "в строке нет ни группы, ни канала, ни приоритета, ни меток, ни языка",
        ),
        # Its names
        "unknown": Text("{where} has no {what} “{name}”", "{where}: нет {what} «{name}»"),
        "several": Text(
            "{where} has more than one {what} “{name}”: use the number",
            "{where}: больше одного {what} «{name}», укажите номер",
        ),
        "not_read": Text(
            "the list could not be read, so {what} “{name}” is not known ({where})",
            "список не удалось прочитать ({where}), поэтому не найдено {what} «{name}»",
        ),
        "the_department": Text("department", "отдела"),
        "the_project": Text("project", "проекта"),
        "the_group": Text("group", "группы"),
        "the_labels": Text("label", "метки"),
        "the_language": Text("language", "языка"),
        "the_channel": Text("active custom channel", "активного кастомного канала"),
        "the_priority": Text("priority", "приоритета"),
        # Its place
        "unreachable": Text(
            "row {first} already has all tickets of department {department}",
            "все запросы отдела {department} уже попадают в строку {first}",
        ),
        "unreachable_row": Text(
            "row {first} already has all its tickets", "все её запросы уже попадают в строку {first}"
        ),
        # What is said of a row
        "in_row": Text("row {number}: {said}", "строка {number}: {said}"),
    },
    "routing",
)
