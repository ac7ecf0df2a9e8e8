"""What ``pmomnidesk --help``, the manual page and docs/commands*.md say of each command: one source for all three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PROGRAM = "pmomnidesk"


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    en: str
    ru: str

    def of(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True)
class Option:
    """An option of a person's command line. ``kind``: flag, number, seconds, or one of ``choices``, or text."""

    flag: str
    words: Words
    kind: str = "flag"
    choices: tuple[str, ...] = ()
    shown: str = ""  # what stands for its value in the help
    name: str = ""  # what the value is called in Arguments, where that is not the flag's own name


@dataclass(frozen=True)
class Example:
    """A command line that works as it stands, and what it is good for."""

    line: str
    words: Words


@dataclass(frozen=True)
class Help:
    """One command. ``argument``: "" for none, else what its number is; ``required``: it must be given."""

    short: Words
    more: Words
    argument: str = ""
    required: bool = True
    options: tuple[Option, ...] = ()
    examples: tuple[Example, ...] = ()
    person_only: bool = False  # not for the panel


def _w(en: str, ru: str) -> Words:
    return Words(en, ru)


JSON = Option("--json", _w("the answer as JSON", "ответ в виде JSON"))
LANG = Option(
    "--lang", _w("language of the answer (by the locale)", "язык ответа (по локали)"), "choice", ("ru", "en"), "ru|en"
)
HELP = _w("this help", "эта справка")
ARGUMENTS = {
    "TICKET": _w("the ticket's number in BILLmanager", "номер запроса в BILLmanager"),
    "MESSAGE": _w("the message's number in BILLmanager", "номер сообщения в BILLmanager"),
    "USER": _w("the user's number in BILLmanager", "номер пользователя в BILLmanager"),
    "SHELL": _w("bash, zsh or fish", "bash, zsh или fish"),
}
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
        _w("The panel asks this of every processing module; for a person --help says more.",
           "Этот список панель спрашивает у любого модуля обработки; человеку больше скажет --help."),
    ),
    "check_connection": Help(
        _w("check settings, database, panel, Omnidesk, channel and custom fields",
           "проверить настройки, базу, панель, Омнидеск, канал и поля"),
        _w("One line for each finding: ✓ is right, · is worth knowing, ! should be mended, ✗ must be mended, with the"
           " cure below it. Changes nothing but the module's own tables, which it makes when they are not there.",
           "По строке на каждый пункт: ✓ верно, · полезно знать, ! стоит исправить, ✗ нужно исправить; под строкой —"
           " что сделать. Ничего не меняет, кроме собственных таблиц модуля: создаёт их, если их ещё нет."),
        examples=(Example("pmomnidesk check_connection", _w("after every change of the settings",
                                                            "после каждого изменения настроек")),),
    ),
    "create_case": Help(
        _w("new case for a ticket, with its messages", "новое обращение для запроса, с его сообщениями"),
        _w("A ticket that has a case keeps it; what is missing in it goes over.",
           "Если обращение уже есть, оно остаётся; недостающее в нём дополняется."),
        "TICKET",
        examples=(Example("pmomnidesk create_case 17", _w("carry an older ticket over", "перенести старый запрос")),),
    ),
    "update_status": Help(
        _w("bring the status of a ticket's case up to date", "привести в порядок статус обращения запроса"),
        _w("And the ticket's own, where Omnidesk decides. What was changed later on either side wins.",
           "И самого запроса, если решает Омнидеск."),
        "TICKET",
        examples=(Example("pmomnidesk update_status 17", _w("after a change by hand", "после правки вручную")),),
    ),
    "add_message": Help(
        _w("send a ticket message", "отправить сообщение запроса"),
        _w("After those before it that have not gone over: their order is never changed.",
           "Вместе с предыдущими, которые ещё не ушли: порядок никогда не меняется."),
        "MESSAGE",
        examples=(Example("pmomnidesk add_message 240", _w("send message 240", "отправить сообщение 240")),),
    ),
    "sync_user": Help(
        _w("bring a client's name and fields up to date", "обновить имя и поля клиента"),
        _w("His user-level custom fields, too. A client without a case has nothing to bring up to date yet.",
           "Вместе с кастомными полями пользователя. У клиента без обращений обновлять пока нечего."),
        "USER",
        examples=(Example("pmomnidesk sync_user 5", _w("after a rename", "после смены имени")),),
    ),
    "set_rating": Help(
        _w("send the client's rating of a staff message", "отправить оценку ответа сотрудника"),
        _w("The rating is the one that came with the client's event, or it is read from BILLmanager; else it is given:"
           " good, bad or one to five stars.",
           "Берётся оценка из события клиента или из BILLmanager; если её там нет, укажите её: good (хорошо), bad"
           " (плохо) или от одной до пяти звёзд."),
        "MESSAGE",
        options=(Option("--rating", _w("the rating, if BILLmanager's is not read", "оценка, если её не прочитать"),
                        "text", shown="good|bad|1..5"),),
        examples=(Example("pmomnidesk set_rating 241 --rating good", _w("the client liked it", "ответ понравился")),
                  Example("pmomnidesk set_rating 241 --rating 5", _w("five stars", "пять звёзд"))),
    ),
    "sync_ticket": Help(
        _w("reconcile one ticket both ways", "сверить один запрос в обе стороны"),
        _w("Reads both sides in full, says what it did and why.",
           "Читает обе стороны целиком, говорит, что сделано и почему."),
        "TICKET",
        options=(Option("--dry-run", _w("print the plan and why, change nothing",
                                        "показать план и причины, ничего не меняя")),),
        examples=(
            Example("pmomnidesk sync_ticket 17 --dry-run", _w("what would be done?", "что будет сделано?")),
            Example("pmomnidesk sync_ticket 17", _w("do it", "сделать это")),
        ),
    ),
    "sync": Help(
        _w("do everything that is due, then return", "выполнить всё, чему пришло время, и закончить"),
        _w("Takes in what the hooks noted, asks Omnidesk what has changed, looks through BILLmanager, and"
           " reconciles each ticket that is due. The timer runs it every minute.",
           "Принимает сигналы, спрашивает Омнидеск об изменениях, просматривает BILLmanager и сверяет каждый запрос,"
           " чему пришло время. Таймер запускает это раз в минуту."),
        options=(
            Option("--no-wait", _w("leave the work to a worker that is already running",
                                   "оставить работу уже запущенному обработчику")),
            Option("--linger", _w("wait so many seconds for the next event", "сколько секунд ждать следующего события"),
                   "seconds", shown="SECONDS"),
            Option("--allow-mass-change", _w("let through what the guard held back",
                                             "пропустить удержанное защитой от массовых изменений")),
        ),
        examples=(
            Example("pmomnidesk sync", _w("now, without waiting for the timer", "сейчас, не дожидаясь таймера")),
            Example("pmomnidesk sync --allow-mass-change", _w("after status said: held back", "когда status сообщил:"
                                                              " удержано")),
        ),
    ),
    "worker": Help(
        _w("the same, and stay", "то же самое и остаться работать"),
        _w("For a systemd unit of your own, where a timer every minute is not quick enough.",
           "Для собственного юнита systemd, когда таймера раз в минуту мало."),
        examples=(Example("pmomnidesk worker", _w("until SIGTERM", "до SIGTERM")),),
    ),
    "import": Help(
        _w("carry tickets of the past over, oldest first", "перенести запросы прошлых лет, начиная со старейших"),
        _w("With their dates, authors, files, statuses and ratings. What happens today always goes first, and the"
           " account's limit is never exceeded. Stopped at any point, the same command goes on from there.",
           "С датами, авторами, файлами, статусами и оценками. Сегодняшнее всегда идёт вперёд, лимит аккаунта не"
           " превышается. Остановить можно в любой момент: та же команда продолжит с этого места."),
        options=(
            *_PAST,
            Option("--dry-run", _w("say how many calls and how long, change nothing",
                                   "сказать, сколько вызовов и времени, ничего не меняя")),
        ),
        examples=(
            Example("pmomnidesk import --dry-run", _w("what would it take?", "сколько это займёт?")),
            Example("pmomnidesk import --since 2025-01-31 --open-only", _w("a part of them", "часть из них")),
        ),
    ),
    "adopt": Help(
        _w("take over the cases an installation has already", "принять обращения, которые у запросов уже есть"),
        _w("For a panel that had the original module: its tables, renamed, say which case is a ticket's; for the others"
           " the clients' cases are looked through. Nothing doubles, and neither product is written to. Without --yes"
           " it only reports what matches, and why.",
           "Для панели, где был исходный модуль: его переименованные таблицы говорят, чьё обращение; для остальных"
           " запросов просматриваются обращения клиентов. Ничто не удваивается, ни один из продуктов не меняется. Без"
           " --yes только сообщает, что совпало и почему."),
        options=(
            *_PAST,
            Option("--tables", _w("what is behind the names of the original's tables (_original)",
                                  "что добавлено к именам таблиц исходного модуля (_original)"), "text",
                   shown="SUFFIX"),
            Option("--columns", _w("which of their columns is which: ticket=NAME,case=NAME",
                                   "какой их столбец чем является: ticket=ИМЯ,case=ИМЯ"), "text", shown="LIST"),
            Option("--channel", _w("take cases of this channel, too: cch101",
                                   "принимать обращения и этого канала: cch101"), "text", shown="KEY"),
            Option("--yes", _w("really do it", "действительно выполнить")),
        ),
        examples=(
            Example("pmomnidesk adopt", _w("what matches, and why?", "что совпадает и почему?")),
            Example("pmomnidesk adopt --yes", _w("take it over", "принять")),
            Example("pmomnidesk adopt --tables _old --columns case=remote_id",
                    _w("other names of tables and columns", "другие имена таблиц и столбцов")),
        ),
    ),
    "status": Help(
        _w("what is due, what failed and why", "что ждёт, что не удалось и почему"),
        _w("A summary, then the tickets with work or failures, worst first, each with the reason and what to do.",
           "Сводка, затем запросы с работой или ошибками, худшие первыми, с причиной и указанием, что сделать."),
        options=(
            Option("--prometheus", _w("figures in Prometheus' text format", "показатели в формате Prometheus")),
            Option("--output", _w("write them to this file, in one step", "записать их в этот файл за один шаг"),
                   "text", shown="FILE"),
        ),
        examples=(
            Example("pmomnidesk status", _w("what is going on?", "что происходит?")),
            Example("pmomnidesk status --json", _w("for a script", "для скрипта")),
            Example("pmomnidesk status --prometheus --output /tmp/omnidesk.prom",
                    _w("for node_exporter's textfile collector", "для textfile-коллектора node_exporter")),
        ),
    ),
    "show": Help(
        _w("a ticket and its case side by side, and what would be done next",
           "запрос и обращение рядом, и что будет сделано дальше"),
        _w("Who wrote when, which message is which on the other side, statuses, the last error and its cure, and the"
           " plan as it stands. Reads both sides and writes nothing. While Omnidesk cannot be asked it shows what is"
           " known.",
           "Кто и когда писал, какое сообщение чему соответствует, статусы, последняя ошибка и её исправление, текущий"
           " план. Читает обе стороны и ничего не записывает. Пока Омнидеск недоступен, показывает то, что известно."),
        "TICKET",
        options=(_FULL,),
        examples=(
            Example("pmomnidesk show 17", _w("begin here when a client complains", "начните с этого, если клиент"
                                             " жалуется")),
            Example("pmomnidesk show 17 --full", _w("with whole texts", "с текстами целиком")),
        ),
    ),
    "retry": Help(
        _w("try again now what failed (one ticket, or all)", "повторить сейчас неудавшееся (один запрос или все)"),
        _w("Also what was set aside. It makes them due; the worker or the next sync does them.",
           "И отложенное тоже. Команда ставит их на исполнение; выполнит обработчик или следующий sync."),
        "TICKET", required=False,
        examples=(
            Example("pmomnidesk retry 17", _w("this ticket", "этот запрос")),
            Example("pmomnidesk retry", _w("all that failed", "всё, что не удалось")),
        ),
    ),
    "log": Help(
        _w("a ticket's lines out of all logs", "строки о запросе из всех журналов"),
        _w("From var/pmomnidesk.log, var/omnidesk_webhook.log and var/billmgr.log, rotated ones too, in order of time."
           " Messages in the panel's lines are cut short.",
           "Из var/pmomnidesk.log, var/omnidesk_webhook.log и var/billmgr.log, включая ротированные, по времени. Тексты"
           " сообщений в строках панели обрезаются."),
        "TICKET",
        options=(
            Option("--since", _w("only lines since then: 2h, 30m, 3d, 2026-11-22, «2026-11-22 14:00», 14:00",
                                 "только строки с этого времени: 2h, 30m, 3d, 2026-11-22, «2026-11-22 14:00», 14:00"),
                   "since", shown="TIME", name="after"),
            Option("--full", _w("the panel's lines uncut", "строки панели целиком")),
        ),
        examples=(
            Example("pmomnidesk log 17", _w("its whole story", "вся его история")),
            Example("pmomnidesk log 17 --since 2h", _w("the last two hours", "за последние два часа")),
        ),
    ),
    "probe": Help(
        _w("settle on this host what is not known of the panel and the account, read-only",
           "выяснить на этом сервере, что неизвестно о панели и аккаунте, только чтение"),
        _w("The module was written from public documentation. This looks at what it assumes (docs/unverified.md) and"
           " prints a report without personal data and secrets, made to be sent to the maintainers. What differs is"
           " named with the setting or file that mends it. At most 15 calls of the account's limit are used.",
           "Модуль написан по открытой документации. Команда проверяет его предположения (docs/unverified.md) и"
           " печатает отчёт без персональных данных и секретов, который можно отправить разработчикам. Для отличий"
           " названа настройка или файл. Используется не более 15 вызовов API."),
        options=(
            Option("--no-omnidesk", _w("leave the account alone: no API calls",
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
    "completion": Help(
        _w("print the script that completes commands in a shell", "скрипт дополнения команд для оболочки"),
        _w("The installation puts it where the shell looks; this is for other places.",
           "Установка кладёт его туда, где оболочка ищет; команда — для других мест."),
        "SHELL",
        examples=(Example("pmomnidesk completion bash", _w("source its output", "подключите её вывод")),),
        person_only=True,
    ),
    "drop_tables": Help(
        _w("remove the module's tables (asks for --yes)", "удалить таблицы модуля (требует --yes)"),
        _w("It forgets which ticket is which case; that cannot be found out again.",
           "Связи запросов с обращениями теряются, восстановить их нельзя."),
        options=(Option("--yes", _w("really do it", "действительно удалить")),),
        examples=(Example("pmomnidesk drop_tables", _w("says what would be lost", "скажет, что пропадёт")),),
    ),
}  # fmt: skip

ABOUT = _w(
    "Keeps BILLmanager's tickets and Omnidesk's cases equal: messages, files, notes, statuses and ratings.",
    "Держит запросы BILLmanager и обращения Омнидеска одинаковыми: сообщения, файлы, заметки, статусы, оценки.",
)
STEPS = (
    Example("pmomnidesk check_connection", _w("1. is everything set up? what is wrong, and how to mend it",
                                              "1. всё ли настроено? что не так и как исправить")),
    Example("pmomnidesk status", _w("2. what waits, what failed and why", "2. что ждёт, что не удалось и почему")),
    Example("pmomnidesk show 17", _w("3. one ticket on both sides, and what is next",
                                     "3. один запрос с обеих сторон и что дальше")),
    Example("pmomnidesk log 17", _w("4. what happened to it", "4. что с ним происходило")),
    Example("pmomnidesk retry 17", _w("5. again, when the reason is gone", "5. ещё раз, когда причина устранена")),
)  # fmt: skip
GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (_w("Look", "Посмотреть"), ("check_connection", "status", "show", "log", "probe")),
    (_w("One ticket, message or client", "Один запрос, сообщение или клиент"),
     ("sync_ticket", "create_case", "update_status", "add_message", "set_rating", "sync_user", "retry")),
    (_w("Everything that is due", "Всё, чему пришло время"), ("sync", "worker", "import", "adopt")),
    (_w("Other", "Прочее"), ("features", "completion", "drop_tables")),
)  # fmt: skip
EXIT_CODES: tuple[tuple[int, Words], ...] = (
    (0, _w("done", "сделано")),
    (1, _w("failed: somebody has to mend something; the reason and the cure are on stderr",
           "не удалось: нужно что-то исправить; причина и что делать — в stderr")),
    (2, _w("wrong usage: no such command, option or number", "неверный вызов: нет такой команды, опции или номера")),
    (3, _w("not now: Omnidesk, the panel or the database is away or busy; try again later",
           "не сейчас: Омнидеск, панель или база недоступны или заняты; повторите позже")),
    (130, _w("interrupted", "прервано")),
)  # fmt: skip
PLACES: tuple[tuple[str, Words], ...] = (
    ("etc/omnidesk/omnidesk.conf", _w("settings", "настройки")),
    ("var/pmomnidesk.log", _w("everything that travels", "всё, что передаётся")),
    ("var/omnidesk_webhook.log", _w("the webhook", "вебхук")),
    ("var/billmgr.log", _w("the panel's own, with the event handler's lines",
                           "журнал панели, там же строки обработчика событий")),
)  # fmt: skip
VARIABLES: tuple[tuple[str, Words], ...] = (
    ("MGR5_ROOT", _w("the panel's root, where it is not the folder above the executable's own",
                     "каталог панели, если он не на уровень выше каталога программы")),
    ("LC_ALL, LC_MESSAGES, LANG", _w("the language: Russian for ru…, else English",
                                     "язык: русский для ru…, иначе английский")),
    ("NO_COLOR", _w("set to anything: no colours; there are none in a pipe or a file anyway",
                    "если задана — без цветов; в конвейере и файле их нет и так")),
    ("COLUMNS", _w("the width where the output is no terminal", "ширина, если вывод не на терминал")),
)  # fmt: skip
MANUAL = _w(
    "man pmomnidesk; the README and docs/ of the sources",
    "man pmomnidesk; README.ru.md и docs/ в исходниках",
)
LABELS: dict[str, Words] = {
    "usage": _w("Usage", "Использование"),
    "command": _w("COMMAND", "КОМАНДА"),
    "options": _w("Options", "Опции"),
    "option": _w("[OPTIONS]", "[ОПЦИИ]"),
    "begin": _w("Begin here (17 is a ticket)", "Начните с этого (17 — запрос)"),
    "examples": _w("Examples", "Примеры"),
    "codes": _w("Exit codes", "Коды завершения"),
    "files": _w("Files below the panel's root (/usr/local/mgr5)", "Файлы в каталоге панели (/usr/local/mgr5)"),
    "manual": _w("Manual", "Документация"),
    "each": _w("pmomnidesk COMMAND --help says more of each command.",
               "Подробнее о каждой команде: pmomnidesk КОМАНДА --help."),
    "error": _w("Error", "Ошибка"),
    "try": _w("Try", "Справка"),
}  # fmt: skip
USAGE_ERRORS: dict[str, Words] = {
    "command": _w("there is no command {value}", "нет команды {value}"),
    "option": _w("there is no option {value}", "нет опции {value}"),
    "missing": _w("{value} is missing", "не указано: {value}"),
    "value": _w("{value} does not fit: {what}", "не подходит: {value} ({what})"),
    "extra": _w("too much was given: {value}", "лишнее: {value}"),
    "needs": _w("{value} needs a value", "опции {value} нужно значение"),
    "perhaps": _w("perhaps {value}", "может быть, {value}"),
    "since": _w("like 2h, 3d, 2026-11-22, 14:00", "например 2h, 3d, 2026-11-22, 14:00"),
    "text": _w("a text is wanted", "нужен текст"),
    "number": _w("a number from 1 on is wanted", "нужно число от 1"),
    "float": _w("a number is wanted", "нужно число"),
    "choice": _w("one of {value}", "одно из: {value}"),
    "other": _w("{value}", "{value}"),
}


def options_of(name: str) -> tuple[Option, ...]:
    """A command's options, with those that all have."""
    own = HELPS[name].options
    json = () if name in ("worker", "completion") else (JSON,)
    return (*own, *json, LANG)


def usage(name: str, language: str) -> str:
    """``pmomnidesk retry [TICKET] [OPTIONS]``."""
    one = HELPS[name]
    argument = one.argument if one.required else f"[{one.argument}]"
    parts: list[Any] = [PROGRAM, name, argument if one.argument else "", LABELS["option"].of(language)]
    return " ".join(part for part in parts if part)
