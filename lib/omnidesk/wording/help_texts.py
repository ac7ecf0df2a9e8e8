"""What ``pmomnidesk --help``, the manual page and docs/commands*.md say of each command: one source for all three."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.phrase import Text

PROGRAM = "pmomnidesk"
_w = Text


@dataclass(frozen=True)
class Option:
    """An option of a person's command line. ``kind``: flag, number, seconds, text, file, since, or choice."""

    flag: str
    words: Text
    kind: str = "flag"
    choices: tuple[str, ...] = ()
    shown: str = ""  # what stands for its value in the help
    name: str = ""  # what the value is called in Arguments, where that is not the flag's own name


@dataclass(frozen=True)
class Example:
    """A command line that works as it stands, and what it is good for."""

    line: str
    words: Text


@dataclass(frozen=True)
class Help:
    """One command. ``argument``: "" for none, else what its number is; ``required``: it must be given."""

    short: Text
    more: Text
    argument: str = ""
    required: bool = True
    options: tuple[Option, ...] = ()
    examples: tuple[Example, ...] = ()


JSON = Option("--json", _w("the answer as JSON", "ответ в виде JSON"))
LANG = Option(
    "--lang", _w("language of the answer (by the locale)", "язык ответа (по локали)"), "choice", ("ru", "en"), "ru|en"
)
HELP = _w("this help", "эта справка")
VERSION = Option("--version", _w("the module's version", "версия модуля"))
# What stands for a value, in the reader's language; a word that is not here is typed as it stands.
VALUES = {
    "TICKET": _w("TICKET", "ЗАПРОС"),
    "MESSAGE": _w("MESSAGE", "СООБЩЕНИЕ"),
    "USER": _w("USER", "ПОЛЬЗОВАТЕЛЬ"),
    "SHELL": _w("SHELL", "ОБОЛОЧКА"),
    "COMMAND": _w("COMMAND", "КОМАНДА"),
    "DATE": _w("DATE", "ДАТА"),
    "NAME": _w("NAME", "ИМЯ"),
    "SECONDS": _w("SECONDS", "СЕКУНДЫ"),
    "SUFFIX": _w("SUFFIX", "СУФФИКС"),
    "LIST": _w("LIST", "СПИСОК"),
    "KEY": _w("KEY", "КЛЮЧ"),
    "FILE": _w("FILE", "ФАЙЛ"),
    "TIME": _w("TIME", "ВРЕМЯ"),
    "LOGIN": _w("LOGIN", "ЛОГИН"),
}
ARGUMENTS = {
    "TICKET": _w("the ticket's number in BILLmanager", "номер запроса в BILLmanager"),
    "MESSAGE": _w("the message's number in BILLmanager", "номер сообщения в BILLmanager"),
    "USER": _w("the user's number in BILLmanager", "номер пользователя в BILLmanager"),
    "SHELL": _w("bash, zsh or fish", "bash, zsh или fish"),
    "COMMAND": _w("a command; without one, all of them", "команда; без неё — все"),
}
_OUTPUT = Option("--output", _w("write them to this file atomically", "атомарно записать их в этот файл"), "file",
                 shown="FILE")  # fmt: skip
_FULL = Option("--full", _w("whole texts and all messages", "тексты целиком и все сообщения"))

_PAST = (
    Option("--since", _w("only tickets with a message from then on: 2025-01-31",
                         "только запросы с сообщениями с этой даты: 2025-01-31"), "text", shown="DATE"),
    Option("--department", _w("only tickets of this department, name or number",
                              "только запросы этого отдела, имя или номер"), "text", shown="NAME"),
    Option("--open-only", _w("only tickets that somebody has", "только запросы, которые у кого-то в работе")),
)  # fmt: skip
HELPS: dict[str, Help] = {
    "features": Help(
        _w("list the commands", "список команд"),
        _w("The panel calls this for every processing module; people use --help.",
           "Этот список панель запрашивает у каждого модуля обработки; для человека есть --help."),
    ),
    "check_connection": Help(
        _w("check settings, database, panel, Omnidesk, channel and custom fields",
           "проверить настройки, базу, панель, Омнидеск, канал и поля"),
        _w("One line for each finding: ✓ correct, · information, ! should be fixed, ✗ must be fixed; the line below"
           " says how. Changes nothing except that it creates the module's own tables if they do not exist.",
           "По строке на каждый пункт: ✓ в порядке, · для сведения, ! стоит исправить, ✗ нужно исправить; под строкой —"
           " что сделать. Ничего не меняет, кроме собственных таблиц модуля: создаёт их, если их ещё нет."),
        examples=(Example("pmomnidesk check_connection", _w("after every change of the settings",
                                                            "после каждого изменения настроек")),),
    ),
    "test_alert": Help(
        _w("send a test by every channel of the alerts", "отправить проверочное оповещение по всем каналам"),
        _w("The channels are the settings AlertEmail, AlertTelegramToken with AlertTelegramChat, and AlertWebhook. Exit"
           " code 1: a channel has not taken it.",
           "Каналы — это настройки AlertEmail, AlertTelegramToken с AlertTelegramChat и AlertWebhook. Код выхода 1:"
           " какой-то канал не принял проверку."),
        examples=(Example("pmomnidesk test_alert", _w("after every change of these settings",
                                                      "после каждого изменения этих настроек")),),
    ),
    "create_case": Help(
        _w("create a case for a ticket, with its messages", "создать обращение для запроса, с его сообщениями"),
        _w("A ticket that has a case keeps it; missing messages are added.",
           "Если обращение уже есть, оно остаётся; недостающие сообщения добавляются."),
        "TICKET",
        examples=(Example("pmomnidesk create_case 17", _w("synchronise an older ticket", "перенести старый запрос")),),
    ),
    "update_status": Help(
        _w("update the status of a ticket's case", "обновить статус обращения запроса"),
        _w("Also updates the ticket's status if it was changed in Omnidesk.",
           "Обновляет и статус запроса, если его изменили в Омнидеске."),
        "TICKET",
        examples=(Example("pmomnidesk update_status 17", _w("after a change by hand", "после правки вручную")),),
    ),
    "add_message": Help(
        _w("send a ticket message", "отправить сообщение запроса"),
        _w("Earlier messages that have not been sent are sent first: the order is always kept.",
           "Сначала отправляются предыдущие, ещё не переданные: порядок всегда сохраняется."),
        "MESSAGE",
        examples=(Example("pmomnidesk add_message 240", _w("send message 240", "отправить сообщение 240")),),
    ),
    "sync_user": Help(
        _w("update a client's name and fields", "обновить имя и поля клиента"),
        _w("Including user-level custom fields. For a client without a case there is nothing to update yet.",
           "Включая кастомные поля пользователя. У клиента без обращений обновлять пока нечего."),
        "USER",
        examples=(Example("pmomnidesk sync_user 5", _w("after a rename", "после смены имени")),),
    ),
    "set_rating": Help(
        _w("send the client's rating of a staff message", "отправить оценку ответа сотрудника"),
        _w("The rating comes from the client's event or from BILLmanager's database; otherwise give it: good, bad or"
           " one to five stars.",
           "Оценка берётся из события клиента или из базы BILLmanager; если её там нет, укажите её: good (хорошо), bad"
           " (плохо) или от одной до пяти звёзд."),
        "MESSAGE",
        options=(Option("--rating", _w("the rating, if BILLmanager has none", "оценка, если её нет в BILLmanager"),
                        "text", shown="good|bad|1..5"),),
        examples=(Example("pmomnidesk set_rating 241 --rating good", _w("the client liked it", "ответ понравился")),
                  Example("pmomnidesk set_rating 241 --rating 5", _w("five stars", "пять звёзд"))),
    ),
    "sync_ticket": Help(
        _w("reconcile one ticket both ways", "сверить один запрос в обе стороны"),
        _w("Reads both sides in full and prints what it did and why.",
           "Читает обе стороны полностью и выводит, что сделано и почему."),
        "TICKET",
        options=(Option("--dry-run", _w("print the plan with reasons, change nothing",
                                        "показать план и причины, ничего не меняя")),),
        examples=(
            Example("pmomnidesk sync_ticket 17 --dry-run", _w("what would be done?", "что будет сделано?")),
            Example("pmomnidesk sync_ticket 17", _w("do it", "сделать это")),
        ),
    ),
    "sync": Help(
        _w("process everything that is due, then exit", "обработать всё, что ждёт, и завершиться"),
        _w("Reads the events in the spool, asks Omnidesk for changed cases, scans BILLmanager's tables and"
           " reconciles each ticket that is due. The timer runs it every minute.",
           "Читает события из спула, запрашивает у Омнидеска изменённые обращения, просматривает базу BILLmanager и"
           " сверяет каждый запрос, который ждёт обработки. Таймер запускает команду раз в минуту."),
        options=(
            Option("--no-wait", _w("leave the work to a worker that is already running",
                                   "оставить работу уже запущенному воркеру")),
            Option("--linger", _w("wait so many seconds for the next event", "сколько секунд ждать следующего события"),
                   "seconds", shown="SECONDS"),
            Option("--allow-mass-change", _w("release the mass changes on hold",
                                             "выполнить удержанные массовые изменения")),
        ),
        examples=(
            Example("pmomnidesk sync", _w("now, without waiting for the timer", "сейчас, не дожидаясь таймера")),
            Example("pmomnidesk sync --allow-mass-change", _w("when status reports changes on hold",
                                                              "когда status сообщил об удержании")),
        ),
    ),
    "worker": Help(
        _w("the same, and keep running", "то же самое, но не завершаться"),
        _w("For your own systemd unit, if a timer every minute is not fast enough.",
           "Для собственного юнита systemd, если таймера раз в минуту недостаточно."),
        examples=(Example("pmomnidesk worker", _w("until SIGTERM", "до SIGTERM")),),
    ),
    "import": Help(
        _w("import old tickets, oldest first", "импортировать старые запросы, начиная с самых старых"),
        _w("With dates, authors, files, statuses and ratings. Current tickets always go first, and the account's"
           " limit is never exceeded. It can be stopped at any point; the same command continues from there.",
           "С датами, авторами, файлами, статусами и оценками. Текущие запросы всегда идут первыми, лимит"
           " аккаунта не превышается. Остановить можно в любой момент: та же команда продолжит с этого места."),
        options=(
            *_PAST,
            Option("--dry-run", _w("print the number of calls and the time, change nothing",
                                   "показать число вызовов и время, ничего не меняя")),
        ),
        examples=(
            Example("pmomnidesk import --dry-run", _w("how long would it take?", "сколько это займёт?")),
            Example("pmomnidesk import --since 2025-01-31 --open-only", _w("a part of them", "часть из них")),
        ),
    ),
    "adopt": Help(
        _w("adopt cases that the tickets already have", "принять обращения, которые у запросов уже есть"),
        _w("For a panel that had the original module: its renamed tables tell which case belongs to a ticket; for other"
           " tickets the clients' cases are searched. Creates no duplicates and writes to neither product. Without"
           " --yes it only reports what matches and why.",
           "Для панели, где был исходный модуль: связи берутся из его переименованных таблиц; для остальных"
           " запросов просматриваются обращения клиентов. Дублей не создаёт, ни один из продуктов не меняет. Без"
           " --yes только сообщает, что совпало и почему."),
        options=(
            *_PAST,
            Option("--tables", _w("suffix of the original module's tables (_original)",
                                  "суффикс таблиц исходного модуля (_original)"), "text",
                   shown="SUFFIX"),
            Option("--columns", _w("names of their columns: ticket=NAME,case=NAME",
                                   "имена их столбцов: ticket=ИМЯ,case=ИМЯ"), "text", shown="LIST"),
            Option("--channel", _w("also adopt cases of this channel: cch101",
                                   "принимать и обращения этого канала: cch101"), "text", shown="KEY"),
            Option("--yes", _w("really do it", "действительно выполнить")),
        ),
        examples=(
            Example("pmomnidesk adopt", _w("what matches, and why?", "что совпадает и почему?")),
            Example("pmomnidesk adopt --yes", _w("adopt them", "принять")),
            Example("pmomnidesk adopt --tables _old --columns case=remote_id",
                    _w("other names of tables and columns", "другие имена таблиц и столбцов")),
        ),
    ),
    "status": Help(
        _w("what is due, what failed and why", "что ждёт, что не удалось и почему"),
        _w("A summary, then the tickets that are due or failed, worst first, each with the reason and what to do.",
           "Сводка, затем запросы, которые ждут или не удались, начиная с худших, с причиной и тем, что сделать."),
        options=(
            Option("--prometheus", _w("figures in Prometheus' text format, as metrics prints them",
                                      "показатели в формате Prometheus, как у команды metrics")),
            _OUTPUT,
        ),
        examples=(
            Example("pmomnidesk status", _w("what is going on?", "что происходит?")),
            Example("pmomnidesk status --json", _w("for a script", "для скрипта")),
        ),
    ),
    "metrics": Help(
        _w("figures for a monitoring system", "показатели для системы мониторинга"),
        _w("Figures in Prometheus' text format. They are read from the module's own tables; no API call is made.",
           "Показатели в формате Prometheus. Читаются из таблиц модуля, без вызовов API."),
        options=(_OUTPUT,),
        examples=(
            Example("pmomnidesk metrics", _w("print them", "вывести их")),
            Example("pmomnidesk metrics --output /tmp/omnidesk.prom",
                    _w("for node_exporter's textfile collector", "для textfile-коллектора node_exporter")),
        ),
    ),
    "show": Help(
        _w("a ticket and its case side by side, and what would be done next",
           "запрос и обращение рядом, и что будет сделано дальше"),
        _w("Who wrote when, which message is which on the other side, statuses, the last error and its fix, and the"
           " current plan. Reads both sides and writes nothing. If Omnidesk is not available, it shows what is"
           " known.",
           "Кто и когда писал, какое сообщение чему соответствует, статусы, последняя ошибка и её исправление, текущий"
           " план. Читает обе стороны и ничего не записывает. Пока Омнидеск недоступен, показывает то, что известно."),
        "TICKET",
        options=(_FULL,),
        examples=(
            Example("pmomnidesk show 17", _w("start here when a client complains", "начните с этого, если клиент"
                                             " жалуется")),
            Example("pmomnidesk show 17 --full", _w("with whole texts", "с текстами целиком")),
        ),
    ),
    "retry": Help(
        _w("try again now what failed (one ticket, or all)", "повторить сейчас неудавшееся (один запрос или все)"),
        _w("Including what was set aside. Makes the tickets due; the worker or the next sync processes them.",
           "Включая отложенное. Команда ставит запросы в очередь; обработает их воркер или следующий sync."),
        "TICKET", required=False,
        examples=(
            Example("pmomnidesk retry 17", _w("this ticket", "этот запрос")),
            Example("pmomnidesk retry", _w("all that failed", "всё, что не удалось")),
        ),
    ),
    "log": Help(
        _w("a ticket's lines from all logs", "строки о запросе из всех журналов"),
        _w("From var/pmomnidesk.log, var/omnidesk_webhook.log and var/billmgr.log, rotated ones too, in order of time."
           " Messages in the panel's lines are shortened.",
           "Из var/pmomnidesk.log, var/omnidesk_webhook.log и var/billmgr.log, включая ротированные, по времени. Тексты"
           " сообщений в строках панели обрезаются."),
        "TICKET",
        options=(
            Option("--since", _w("only lines since then: 2h, 30m, 3d, 2026-11-22, «2026-11-22 14:00», 14:00",
                                 "только строки с этого времени: 2h, 30m, 3d, 2026-11-22, «2026-11-22 14:00», 14:00"),
                   "since", shown="TIME", name="after"),
            Option("--full", _w("the panel's lines in full", "строки панели целиком")),
        ),
        examples=(
            Example("pmomnidesk log 17", _w("its whole history", "вся его история")),
            Example("pmomnidesk log 17 --since 2h", _w("the last two hours", "за последние два часа")),
        ),
    ),
    "probe": Help(
        _w("check assumptions about the panel and the account on this host, read-only",
           "проверить на этом сервере предположения о панели и аккаунте, только чтение"),
        _w("The module was written from public documentation. This checks its assumptions (docs/unverified.md) and"
           " prints a report without personal data and secrets, to be sent to the maintainers. For each difference it"
           " names the setting or file to change. At most 19 calls of the account's limit are used.",
           "Модуль написан по открытой документации. Команда проверяет его предположения (docs/unverified.md) и"
           " печатает отчёт без персональных данных и секретов, который можно отправить разработчикам. Для каждого"
           " отличия указана настройка или файл. Используется не более 19 вызовов API."),
        options=(
            Option("--no-omnidesk", _w("do not use the account: no API calls",
                                       "не обращаться к аккаунту: без вызовов API")),
            Option("--trial", _w("write as well, about 60 calls: create, answer, rate, archive and delete a test ticket"
                                 " and test cases, then clean up (asks first)",
                                 "также записывать, около 60 вызовов: создать тестовые запрос и обращения, ответить,"
                                 " оценить, отправить в архив, удалить и убрать за собой (сначала спросит)")),
            Option("--client", _w("with --trial: the login of a test client in BILLmanager",
                                  "с --trial: логин тестового клиента в BILLmanager"), "text", shown="LOGIN"),
            Option("--channel", _w("with --trial: the key of a test channel in Omnidesk, such as cch101",
                                   "с --trial: ключ тестового канала в Омнидеске, например cch101"),
                   "text", shown="KEY"),
            Option("--department", _w("with --trial: the department for the test ticket, by its number or name",
                                      "с --trial: отдел для тестового запроса, номер или название"),
                   "text", shown="NAME"),
            Option("--employee", _w("with --trial: the login of the employee who answers, by default the integration's",
                                    "с --trial: логин отвечающего сотрудника, по умолчанию сотрудник интеграции"),
                   "text", shown="LOGIN"),
            Option("--yes", _w("with --trial: do not ask", "с --trial: не спрашивать")),
        ),
        examples=(
            Example("pmomnidesk probe", _w("read it first", "сначала прочитайте сами")),
            Example("pmomnidesk probe --json", _w("for the maintainers", "для разработчиков")),
            Example("pmomnidesk probe --trial --client test@example.com --channel cch102",
                    _w("perform the rest, see docs/probe.md", "проверить остальное на деле, см. docs/probe.ru.md")),
        ),
    ),
    "help": Help(
        _w("show the help of a command", "показать справку о команде"),
        _w("The same as pmomnidesk COMMAND --help.", "То же, что pmomnidesk КОМАНДА --help."),
        "COMMAND", required=False,
        examples=(Example("pmomnidesk help show", _w("what show does", "что делает show")),),
    ),
    "completion": Help(
        _w("print the script that completes commands in a shell", "скрипт дополнения команд для оболочки"),
        _w("The installation puts it into the shell's folder; use this for other places.",
           "Установка кладёт его в каталог оболочки; команда нужна для других мест."),
        "SHELL",
        examples=(Example("pmomnidesk completion bash", _w("source its output", "подключите её вывод")),),
    ),
    "drop_tables": Help(
        _w("remove the module's tables (asks for --yes)", "удалить таблицы модуля (требует --yes)"),
        _w("The links between tickets and cases are lost and cannot be restored.",
           "Связи запросов с обращениями будут потеряны, восстановить их нельзя."),
        options=(Option("--yes", _w("really do it", "действительно удалить")),),
        examples=(Example("pmomnidesk drop_tables", _w("prints what would be lost", "покажет, что будет потеряно")),),
    ),
}  # fmt: skip

ABOUT = _w(
    "Synchronises BILLmanager tickets and Omnidesk cases: messages, files, notes, statuses and ratings.",
    "Синхронизирует запросы BILLmanager и обращения Омнидеска: сообщения, файлы, заметки, статусы и оценки.",
)
STEPS = (
    Example("pmomnidesk check_connection", _w("1. is everything set up? what is wrong and how to fix it",
                                              "1. всё ли настроено? что не так и как исправить")),
    Example("pmomnidesk status", _w("2. what waits, what failed and why", "2. что ждёт, что не удалось и почему")),
    Example("pmomnidesk show 17", _w("3. one ticket on both sides, and what is next",
                                     "3. один запрос с обеих сторон и что дальше")),
    Example("pmomnidesk log 17", _w("4. what happened to it", "4. что с ним происходило")),
    Example("pmomnidesk retry 17", _w("5. retry after fixing the cause", "5. ещё раз, когда причина устранена")),
)  # fmt: skip
GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (_w("Look", "Посмотреть"), ("check_connection", "test_alert", "status", "metrics", "show", "log", "probe")),
    (_w("One ticket, message or client", "Один запрос, сообщение или клиент"),
     ("sync_ticket", "create_case", "update_status", "add_message", "set_rating", "sync_user", "retry")),
    (_w("Everything that is due", "Всё, что ждёт обработки"), ("sync", "worker", "import", "adopt")),
    (_w("Other", "Прочее"), ("help", "features", "completion", "drop_tables")),
)  # fmt: skip
EXIT_CODES: tuple[tuple[int, Text], ...] = (
    (0, _w("done", "сделано")),
    (1, _w("failed: something has to be fixed; stderr has the reason and the fix",
           "ошибка: нужно что-то исправить; причина и что делать — в stderr")),
    (2, _w("wrong usage: no such command, option or number", "неверный вызов: нет такой команды, опции или номера")),
    (3, _w("not now: Omnidesk, the panel or the database is unavailable or busy; try again later",
           "не сейчас: Омнидеск, панель или база недоступны или заняты; повторите позже")),
    (130, _w("interrupted", "прервано")),
)  # fmt: skip
PLACES: tuple[tuple[str, Text], ...] = (
    ("etc/omnidesk/omnidesk.conf", _w("settings", "настройки")),
    ("var/pmomnidesk.log", _w("what was synchronised", "что синхронизировано")),
    ("var/omnidesk_webhook.log", _w("the webhook", "вебхук")),
    ("var/billmgr.log", _w("the panel's own, with the event handler's lines",
                           "журнал панели, там же строки обработчика событий")),
)  # fmt: skip
VARIABLES: tuple[tuple[str, Text], ...] = (
    ("MGR5_ROOT", _w("the panel's root, where it is not the folder above the executable's own",
                     "каталог панели, если он не на уровень выше каталога программы")),
    ("LC_ALL, LC_MESSAGES, LANG", _w("the language: Russian for ru…, else English",
                                     "язык: русский для ru…, иначе английский")),
    ("NO_COLOR", _w("set to any value: no colours; pipes and files never have them",
                    "если задана — без цветов; в конвейере и файле их нет и так")),
    ("COLUMNS", _w("the width where the output is no terminal", "ширина, если вывод не на терминал")),
)  # fmt: skip
MANUAL = _w(
    "man pmomnidesk; the README and docs/ of the sources",
    "man pmomnidesk; README.ru.md и docs/ в исходниках",
)
LABELS: dict[str, Text] = {
    "usage": _w("Usage", "Использование"),
    "command": _w("COMMAND", "КОМАНДА"),
    "arguments": _w("Arguments", "Аргументы"),
    "options": _w("Options", "Опции"),
    "option": _w("[OPTIONS]", "[ОПЦИИ]"),
    "begin": _w("Start here (17 is a ticket)", "Начните с этого (17 — запрос)"),
    "examples": _w("Examples", "Примеры"),
    "codes": _w("Exit codes", "Коды завершения"),
    "files": _w("Files below the panel's root (/usr/local/mgr5)", "Файлы в каталоге панели (/usr/local/mgr5)"),
    "manual": _w("Manual", "Документация"),
    "each": _w("For details of a command: pmomnidesk COMMAND --help.",
               "Подробнее о каждой команде: pmomnidesk КОМАНДА --help."),
    "error": _w("Error", "Ошибка"),
    "try": _w("Try", "Справка"),
}  # fmt: skip
USAGE_ERRORS: dict[str, Text] = {
    "command": _w("there is no command {value}", "нет команды {value}"),
    "option": _w("there is no option {value}", "нет опции {value}"),
    "missing": _w("{value} is missing", "не указано: {value}"),
    "value": _w("invalid value of {value}: {what}", "неверное значение {value}: {what}"),
    "extra": _w("unexpected argument: {value}", "лишний аргумент: {value}"),
    "needs": _w("{value} needs a value", "опции {value} нужно значение"),
    "perhaps": _w("did you mean {value}?", "возможно, {value}?"),
    "since": _w("for example 2h, 3d, 2026-11-22, 14:00", "например 2h, 3d, 2026-11-22, 14:00"),
    "text": _w("a text is expected", "нужен текст"),
    "file": _w("the name of a file is expected", "нужно имя файла"),
    "number": _w("a number from 1 is expected", "нужно число от 1"),
    "float": _w("a number is expected", "нужно число"),
    "choice": _w("one of {value}", "одно из: {value}"),
    "other": _w("{value}", "{value}"),
}


def options_of(name: str) -> tuple[Option, ...]:
    """A command's options, with those that all have."""
    own = HELPS[name].options
    json = () if name in ("worker", "completion", "help") else (JSON,)
    return (*own, *json, LANG)


def value_word(word: str, language: str) -> str:
    """What stands for a value: ``TICKET``, in Russian ``ЗАПРОС``."""
    return VALUES[word].of(language) if word in VALUES else word


def call(name: str, language: str) -> str:
    """A command with its argument: ``retry [TICKET]``."""
    one = HELPS[name]
    argument = value_word(one.argument, language)
    return f"{name} {argument if one.required else f'[{argument}]'}" if one.argument else name


def option_call(option: Option, language: str) -> str:
    """An option with what stands for its value: ``--output FILE``."""
    return f"{option.flag} {value_word(option.shown, language)}".strip()


def usage(name: str, language: str) -> str:
    """``pmomnidesk retry [TICKET] [OPTIONS]``."""
    return f"{PROGRAM} {call(name, language)} {LABELS['option'].of(language)}"
