"""What each check of ``probe`` and ``probe --trial`` is about, and what to change when the answer is another.

Keys are those of findings, which docs/unverified.md names. One without a cure is no assumption there, but a fact that
helps to read the rest.
"""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

_QUERIES = ("the queries in lib/omnidesk/billmanager/reader.py", "запросы в lib/omnidesk/billmanager/reader.py")
_CATALOGUE = ("the statements in etc/omnidesk/custom_fields_values.json", "запросы в"
              " etc/omnidesk/custom_fields_values.json")  # fmt: skip
_CLIENT = ("lib/omnidesk/helpdesk/client.py", "lib/omnidesk/helpdesk/client.py")
_OBJECTS = ("lib/omnidesk/helpdesk/models.py", "lib/omnidesk/helpdesk/models.py")
_PLUGIN = ("etc/xml/billmgr_mod_omnidesk.xml", "etc/xml/billmgr_mod_omnidesk.xml")
_PANEL = ("lib/omnidesk/billmanager/panel.py", "lib/omnidesk/billmanager/panel.py")
_UPLOAD = ("lib/omnidesk/billmanager/upload.py", "lib/omnidesk/billmanager/upload.py")
_MEANING = ("lib/omnidesk/helpdesk/error_answers.py", "lib/omnidesk/helpdesk/error_answers.py")

PROBE = {
    # This host
    "host.versions": Text("versions of this host", "версии на этом сервере"),
    "host.packages": Text("the panel's packages", "пакеты панели"),
    "host.modes": Text("modes of the panel's executables", "права на программы панели", "scripts/panel/panel_files.py",
                       "scripts/panel/panel_files.py"),
    "host.debug_conf": Text("records of etc/debug.conf", "записи etc/debug.conf", "lib/omnidesk/core/log_line.py",
                            "lib/omnidesk/core/log_line.py"),
    "host.original": Text("files of another OmniDesk module", "файлы другого модуля OmniDesk"),
    "host.webhooks": Text("webhooks of the channel in the log", "вебхуки канала в журнале",
                          "lib/omnidesk/hooks/webhook_body.py", "lib/omnidesk/hooks/webhook_body.py"),
    "host.rule_webhooks": Text("webhooks of rules in the log", "вебхуки правил в журнале",
                               "lib/omnidesk/hooks/webhook_body.py", "lib/omnidesk/hooks/webhook_body.py"),
    "host.webhook_tests": Text("test calls of the webhook in the log", "тестовые вызовы вебхука в журнале",
                               "lib/omnidesk/hooks/webhook.py", "lib/omnidesk/hooks/webhook.py"),
    # The database
    "tables.server": Text("database server", "сервер базы данных", "lib/omnidesk/custom_fields/sql_run.py",
                          "lib/omnidesk/custom_fields/sql_run.py"),
    "tables.columns": Text("columns of the ticket tables", "столбцы таблиц запросов", *_QUERIES),
    "tables.indexes": Text("indexes on the ticket's number", "индексы по номеру запроса", *_QUERIES),
    "tables.status": Text("values of ticket.status", "значения ticket.status", "ARCHIVED in"
                          " lib/omnidesk/billmanager/models.py", "ARCHIVED в lib/omnidesk/billmanager/models.py"),
    "tables.rating": Text("column with ratings", "столбец оценок", "the setting RatingColumn",
                          "настройка RatingColumn"),
    "tables.attachments": Text("columns of ticket_message_attach", "столбцы ticket_message_attach", *_QUERIES),
    "tables.people": Text("levels of users", "уровни пользователей", "lib/omnidesk/billmanager/models.py",
                          "lib/omnidesk/billmanager/models.py"),
    "tables.charset": Text("character sets of texts", "кодировки текстов",
                           "Reader.four_bytes in lib/omnidesk/billmanager/reader.py",
                           "Reader.four_bytes в lib/omnidesk/billmanager/reader.py"),
    "tables.time_zone": Text("time zone of date_post", "часовой пояс date_post", *_QUERIES),
    "tables.types": Text("types and foreign keys", "типы и внешние ключи", "sandbox/billmanager/schema.py",
                         "sandbox/billmanager/schema.py"),
    "tables.services": Text("tables of services", "таблицы услуг", *_CATALOGUE),
    "tables.money": Text("tables of money and countries", "таблицы денег и стран", *_CATALOGUE),
    "tables.original": Text("tables of another OmniDesk module", "таблицы другого модуля OmniDesk", "back them up and"
                            " rename them, or pmomnidesk adopt", "сохраните и переименуйте их"
                            " или выполните pmomnidesk adopt"),
    # The panel
    "panel.parameters": Text("names of the panel's parameters", "имена параметров панели"),
    "panel.functions": Text("functions in the panel's list", "функции в списке панели", *_PANEL),
    "panel.whoami": Text("answer of whoami", "ответ whoami", "sandbox/billmanager/functions/admin.py",
                         "sandbox/billmanager/functions/admin.py"),
    "panel.answers": Text("shape of answers", "вид ответов", "sandbox/billmanager/answer.py",
                          "sandbox/billmanager/answer.py"),
    "panel.su": Text("su= of an unknown user", "su= неизвестного пользователя", *_PANEL),
    "panel.errors": Text("exit code beside an <error>", "код завершения при <error>", *_PANEL),
    "panel.environment": Text("values from the environment (mgrctl -e)", "значения из окружения (mgrctl -e)",
                              "lib/omnidesk/billmanager/mgrctl.py", "lib/omnidesk/billmanager/mgrctl.py"),
    "panel.upload": Text("fields for files in forms", "поля для файлов в формах", "lib/omnidesk/billmanager/upload.py",
                         "lib/omnidesk/billmanager/upload.py"),
    "panel.forms": Text("the module's functions in the panel", "функции модуля в панели", *_PLUGIN),
    "panel.title": Text("title changed by a handler", "заголовок, изменённый обработчиком",
                        "lib/omnidesk/panel_ui/document.py", "lib/omnidesk/panel_ui/document.py"),
    "panel.registered": Text("event handler in the panel's log", "обработчик событий в журнале панели", *_PLUGIN),
    "panel.description": Text("plugin description in the panel's log", "описание плагина в журнале панели", *_PLUGIN),
    "panel.called": Text("functions called, by the panel's log", "вызванные функции по журналу панели", *_PLUGIN),
    # Omnidesk
    "desk.headers": Text("headers about the limit", "заголовки о лимите", "lib/omnidesk/helpdesk/client.py (_learn)",
                         "lib/omnidesk/helpdesk/client.py (_learn)"),
    "desk.clock": Text("clocks and offsets", "часы и смещения"),
    "desk.staff": Text("fields of employees", "поля сотрудников"),
    "desk.channels": Text("custom channels", "кастомные каналы"),
    "desk.webhook_address": Text("webhook's address in the channel", "адрес вебхука в канале",
                                 "lib/omnidesk/health/check_connection.py", "lib/omnidesk/health/check_connection.py"),
    "desk.fields": Text("kinds of custom fields", "виды кастомных полей"),
    "desk.order": Text("order of cases", "порядок обращений", *_CLIENT),
    "desk.empty_list": Text("shape of empty lists", "вид пустых списков", *_OBJECTS),
    "desk.bad_parameters": Text("wrong parameters", "неверные параметры", "sandbox/omnidesk/endpoint.py",
                                "sandbox/omnidesk/endpoint.py"),
    "desk.not_found": Text("what does not exist", "чего нет", *_CLIENT),
    "desk.case": Text("fields of a case", "поля обращения", *_OBJECTS),
    "desk.custom_values": Text("a case's custom fields", "кастомные поля обращения", *_OBJECTS),
    "desk.messages": Text("fields and kinds of messages", "поля и виды сообщений", *_OBJECTS),
    "desk.merged": Text("merged cases", "объединённые обращения", "lib/omnidesk/sync/merged_cases.py",
                        "lib/omnidesk/sync/merged_cases.py"),
    "desk.kinds": Text("types of messages", "типы сообщений", "Message.is_system in lib/omnidesk/helpdesk/models.py",
                       "Message.is_system в lib/omnidesk/helpdesk/models.py"),
    "desk.quotes": Text("originals quoted in replies", "цитаты исходных писем в ответах",
                        "OMNIDESK_ORIGINAL in lib/omnidesk/content/html_reader.py",
                        "OMNIDESK_ORIGINAL в lib/omnidesk/content/html_reader.py"),
    "desk.rating_block": Text("requests to rate in replies", "просьбы об оценке в ответах",
                              "_RATING in lib/omnidesk/content/cuts.py", "_RATING в lib/omnidesk/content/cuts.py"),
    "desk.filters": Text("filters", "фильтры", "sandbox/omnidesk/caselist.py", "sandbox/omnidesk/caselist.py"),
}  # fmt: skip
# In the order of the steps
TRIAL = {
    "trial.ticket": Text("create a ticket as the client", "создать запрос от имени клиента", *_PANEL),
    "trial.environment": Text("how texts reach the panel", "как тексты попадают в панель",
                              "lib/omnidesk/billmanager/mgrctl.py", "lib/omnidesk/billmanager/mgrctl.py"),
    "trial.case": Text("create a case and read it", "создать обращение и прочитать его", *_CLIENT),
    "trial.take": Text("take the ticket as the employee", "взять запрос от имени сотрудника", *_PANEL),
    "trial.page": Text("open the page in which the employee answers", "открыть страницу ответа сотрудника",
                       "lib/omnidesk/hooks/panel_event.py", "lib/omnidesk/hooks/panel_event.py"),
    "trial.private": Text("open the module's form with a test key, look into the panel's log",
                          "открыть форму модуля с тестовым ключом и заглянуть в журнал панели",
                          "the log's level in etc/debug.conf", "уровень журнала в etc/debug.conf"),
    "trial.answer": Text("answer in the ticket", "ответить в запросе", *_PANEL),
    "trial.correction": Text("change the answer in the ticket", "изменить ответ в запросе", *_PANEL),
    "trial.messages": Text("write in the case as staff and as the client", "написать в обращение от имени сотрудника"
                           " и клиента", *_CLIENT),
    "trial.note": Text("write a note in the ticket", "добавить заметку в запрос", *_PANEL),
    "trial.case_note": Text("write a note in the case", "добавить заметку в обращение", *_CLIENT),
    "trial.edits": Text("change and delete messages in the case", "изменить и удалить сообщения в обращении",
                        "lib/omnidesk/sync/edits.py", "lib/omnidesk/sync/edits.py"),
    "trial.note_file": Text("send a file with a note", "отправить файл с заметкой", *_UPLOAD),
    "trial.upload": Text("send a file to the ticket", "отправить файл в запрос", *_UPLOAD),
    "trial.file_name": Text("send a file with a long name", "отправить файл с длинным именем", *_UPLOAD),
    "trial.case_upload": Text("send a file to the case", "отправить файл в обращение", *_CLIENT),
    "trial.rating": Text("rate the answer in the ticket good and bad", "поставить ответу в запросе хорошую и плохую"
                         " оценки",
                         "the setting RatingColumn", "настройка RatingColumn"),
    "trial.case_rating": Text("rate the answer in the case", "оценить ответ в обращении", "the account's ratings",
                              "оценки в настройках аккаунта"),
    "trial.status": Text("set the case to waiting and to closed", "перевести обращение в ожидание и закрыть его",
                         "the account's required fields", "обязательные поля аккаунта"),
    "trial.history": Text("read the case's history", "прочитать историю обращения",
                          "_ended_by_staff in lib/omnidesk/sync/status_merge.py",
                          "_ended_by_staff в lib/omnidesk/sync/status_merge.py"),
    "trial.ending": Text("end an assignment in both ways", "завершить назначение двумя способами", *_PANEL),
    "trial.reopen": Text("hand the ended ticket to the employee", "передать завершённый запрос сотруднику", *_PANEL),
    "trial.archive": Text("archive the ticket as the client", "отправить запрос в архив от имени клиента",
                          "ARCHIVED in lib/omnidesk/billmanager/models.py",
                          "ARCHIVED в lib/omnidesk/billmanager/models.py"),
    "trial.lines": Text("see whom the panel's own lines are taken for", "проверить, чьими считаются строки панели",
                        "lib/omnidesk/billmanager/authors.py", "lib/omnidesk/billmanager/authors.py"),
    "trial.archived": Text("write in the archived ticket as the client", "написать в архивный запрос от имени клиента",
                           *_PANEL),
    "trial.events": Text("see which events have come", "проверить, какие события пришли",
                         "etc/xml/billmgr_mod_omnidesk.xml", "etc/xml/billmgr_mod_omnidesk.xml"),
    "trial.spam": Text("mark the case as spam, unblock the client", "отметить обращение как спам, разблокировать"
                       " клиента", "lib/omnidesk/sync/spam.py", "lib/omnidesk/sync/spam.py"),
    "trial.trash": Text("move the case to the trash", "переместить обращение в корзину", *_CLIENT),
    "trial.deleted": Text("delete the case and ask for it", "удалить обращение и запросить его", *_MEANING),
    "trial.removal": Text("delete the ticket", "удалить запрос", "archived tickets of trials stay",
                          "архивные запросы испытаний остаются"),
}  # fmt: skip
register(PROBE, "about")
register(TRIAL, "about")
