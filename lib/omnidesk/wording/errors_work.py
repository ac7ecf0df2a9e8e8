"""What failures of the work on tickets and of commands say."""

from __future__ import annotations

from omnidesk.core.phrase import Text

_RETRIES = ("The module tries again automatically.", "Модуль повторит попытку автоматически.")

TEXTS: dict[str, Text] = {
    # Work
    "settling": Text(
        "The outcome of a call is not known, and it may still take effect; the module checks in {seconds} s.",
        "Результат вызова неизвестен, и он ещё может выполниться; проверка через {seconds} с.",
        *_RETRIES,
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
    "bad_rating": Text(
        "--rating: good, bad or a number of stars is expected, not {value}.",
        "--rating: ожидается good, bad или число звёзд, а не {value}.",
        "Give good, bad or a whole number from 1 on.",
        "Укажите good, bad или целое число от 1.",
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
        "Errors found: {value}.",
        "Проверка нашла ошибок: {value}.",
        "Each is listed with its fix.",
        "Для каждой указано, как её устранить.",
    ),
    "output": Text(
        "The file {object} cannot be written: {value}.",
        "Не удаётся записать файл {object}: {value}.",
        "Name a file in a folder that exists and that this user may write to.",
        "Укажите файл в существующем каталоге, доступном этому пользователю для записи.",
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
