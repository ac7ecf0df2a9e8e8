"""What the module itself says of an answer, a file or a call, within the text of a failure."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        # Answers of Omnidesk
        "not_json": Text("not JSON", "это не JSON"),
        "too_long": Text("too long", "слишком длинный"),
        "no_messages": Text("no messages at all", "нет ни одного сообщения"),
        "no_end": Text("a list without an end", "список не кончается"),
        "another_case": Text("another case", "это другое обращение"),
        "no_list": Text("a list of {what} was expected, not {given}", "ожидался список {what}, а не {given}"),
        "no_row": Text("a list row without '{what}'", "строка списка без «{what}»"),
        "no_number": Text("a number was expected, not '{given}'", "ожидалось число, а не «{given}»"),
        "no_text": Text("a text was expected, not {given}", "ожидался текст, а не {given}"),
        "no_date": Text("a date was expected, not '{given}'", "ожидалась дата, а не «{given}»"),
        "missing": Text("{what} is missing", "нет {what}"),
        "empty": Text("{what} is empty", "пустое значение {what}"),
        "unknown_status": Text("unknown case status '{given}'", "неизвестный статус обращения «{given}»"),
        "no_history": Text("a history was expected", "ожидалась история изменений"),
        # The panel
        "exit_code": Text("exit code {code}", "код завершения {code}"),
        "no_ticket": Text("no new ticket", "нового запроса нет"),
        "ticket_not_there": Text("ticket {number} is not there", "запроса {number} нет"),
        "still_assigned": Text("assignment {number} is still there", "назначение {number} осталось"),
        "nobody_has_it": Text("the ticket is still not assigned", "запрос по-прежнему никому не назначен"),
        "not_there": Text("department {number} does not have the ticket", "запроса нет у отдела {number}"),
        "no_new_message": Text("no new message by {name}", "нового сообщения от {name} нет"),
        "no_new_note": Text("no new note by {name}", "новой заметки от {name} нет"),
        "no_environment": Text(
            "mgrctl takes no values from the environment", "mgrctl не принимает значения из окружения"
        ),
        "no_connection": Text("no connection", "соединение не устанавливается"),
        "not_xml": Text("HTTP {code}, not XML", "HTTP {code}, это не XML"),
        "no_session": Text("no session in the answer", "в ответе нет сеанса"),
        "no_file": Text("HTTP {code}, no file", "HTTP {code}, вместо файла страница"),
        "elsewhere": Text("HTTP {code}, it leads elsewhere", "HTTP {code}, перенаправление на другой адрес"),
        "no_upload": Text("no way to upload", "передать файл нечем"),
        "paramlist": Text("mgrctl paramlist failed: {why}", "вызов mgrctl paramlist не удался: {why}"),
        "no_xml": Text("the answer is not XML", "ответ — не XML"),
        "no_answer": Text("no answer within {seconds} s", "нет ответа за {seconds} с"),
        # Files and tables
        "more_bytes": Text("more than {bytes} bytes", "больше {bytes} байт"),
        "no_address": Text("no address", "нет адреса"),
        "no_path": Text("the panel names no path", "панель не указала путь"),
        "nearly_full": Text("the disk is nearly full", "диск почти заполнен"),
        "not_a_file": Text("not a file", "это не файл"),
        "not_base64": Text("not base64", "это не base64"),
        "upgrading": Text("another process is upgrading the tables", "таблицы обновляет другой процесс"),
    },
    "said",
)
