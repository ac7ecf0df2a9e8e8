"""What the probe looks at. Keys are those that rows of docs/unverified.md name (a test compares)."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.phrase import Text


@dataclass(frozen=True)
class Row:
    """One question. ``cure``: which setting or file fixes it when the answer is not the assumed one.

    ``listed``: docs/unverified.md has it as an assumption; else it is a fact that helps to read the rest.
    """

    about: Text
    cure: Text
    listed: bool


def _row(en: str, ru: str, cure_en: str = "", cure_ru: str = "", *, listed: bool = True) -> Row:
    return Row(Text(en, ru), Text(cure_en, cure_ru), listed)


_QUERIES = ("the queries in lib/omnidesk/billmanager/reader.py", "запросы в lib/omnidesk/billmanager/reader.py")
_CATALOGUE = ("the statements in etc/omnidesk/custom_fields_values.json", "запросы в"
              " etc/omnidesk/custom_fields_values.json")  # fmt: skip
_CLIENT = ("lib/omnidesk/helpdesk/client.py", "lib/omnidesk/helpdesk/client.py")
_OBJECTS = ("lib/omnidesk/helpdesk/models.py", "lib/omnidesk/helpdesk/models.py")
_PLUGIN = ("etc/xml/billmgr_mod_omnidesk.xml", "etc/xml/billmgr_mod_omnidesk.xml")
_PANEL = ("lib/omnidesk/billmanager/panel.py", "lib/omnidesk/billmanager/panel.py")

ROWS: dict[str, Row] = {
    # This host
    "host.versions": _row("versions of this host", "версии на этом сервере", listed=False),
    "host.packages": _row("the panel's packages", "пакеты панели", listed=False),
    "host.modes": _row("modes of the panel's executables", "права на программы панели", "scripts/panel/panel_files.py",
                       "scripts/panel/panel_files.py"),
    "host.debug_conf": _row("records of etc/debug.conf", "записи etc/debug.conf", "lib/omnidesk/core/log_line.py",
                            "lib/omnidesk/core/log_line.py"),
    "host.original": _row("files of another OmniDesk module", "файлы другого модуля OmniDesk", listed=False),
    "host.webhooks": _row("webhooks of the channel in the log", "вебхуки канала в журнале",
                          "lib/omnidesk/hooks/webhook_body.py", "lib/omnidesk/hooks/webhook_body.py"),
    "host.rule_webhooks": _row("webhooks of rules in the log", "вебхуки правил в журнале",
                               "lib/omnidesk/hooks/webhook_body.py", "lib/omnidesk/hooks/webhook_body.py"),
    "host.webhook_tests": _row("test calls of the webhook in the log", "тестовые вызовы вебхука в журнале",
                               "lib/omnidesk/hooks/webhook.py", "lib/omnidesk/hooks/webhook.py"),
    # The database
    "tables.server": _row("database server", "сервер базы данных", "lib/omnidesk/custom_fields/sql_run.py",
                          "lib/omnidesk/custom_fields/sql_run.py"),
    "tables.columns": _row("columns of the ticket tables", "столбцы таблиц запросов", *_QUERIES),
    "tables.indexes": _row("indexes on the ticket's number", "индексы по номеру запроса", *_QUERIES),
    "tables.status": _row("values of ticket.status", "значения ticket.status", "ARCHIVED in"
                          " lib/omnidesk/billmanager/models.py", "ARCHIVED в lib/omnidesk/billmanager/models.py"),
    "tables.rating": _row("column with ratings", "столбец оценок", "the setting RatingColumn",
                          "настройка RatingColumn"),
    "tables.attachments": _row("columns of ticket_message_attach", "столбцы ticket_message_attach", *_QUERIES),
    "tables.people": _row("levels of users", "уровни пользователей", "lib/omnidesk/billmanager/models.py",
                          "lib/omnidesk/billmanager/models.py"),
    "tables.charset": _row("character sets of texts", "кодировки текстов",
                           "Reader.four_bytes in lib/omnidesk/billmanager/reader.py",
                           "Reader.four_bytes в lib/omnidesk/billmanager/reader.py"),
    "tables.time_zone": _row("time zone of date_post", "часовой пояс date_post", *_QUERIES),
    "tables.types": _row("types and foreign keys", "типы и внешние ключи", "sandbox/billmanager/schema.py",
                         "sandbox/billmanager/schema.py"),
    "tables.services": _row("tables of services", "таблицы услуг", *_CATALOGUE),
    "tables.money": _row("tables of money and countries", "таблицы денег и стран", *_CATALOGUE),
    "tables.original": _row("tables of another OmniDesk module", "таблицы другого модуля OmniDesk", "back them up and"
                            " rename them, or pmomnidesk adopt", "сохраните и переименуйте их"),
    # The panel
    "panel.parameters": _row("names of the panel's parameters", "имена параметров панели", listed=False),
    "panel.functions": _row("functions in the panel's list", "функции в списке панели", *_PANEL),
    "panel.whoami": _row("answer of whoami", "ответ whoami", "sandbox/billmanager/functions/admin.py",
                         "sandbox/billmanager/functions/admin.py"),
    "panel.answers": _row("shape of answers", "вид ответов", "sandbox/billmanager/answer.py",
                          "sandbox/billmanager/answer.py"),
    "panel.su": _row("su= of an unknown user", "su= неизвестного пользователя", *_PANEL),
    "panel.errors": _row("exit code beside an <error>", "код завершения при <error>", *_PANEL),
    "panel.environment": _row("values from the environment (mgrctl -e)", "значения из окружения (mgrctl -e)",
                              "lib/omnidesk/billmanager/mgrctl.py", "lib/omnidesk/billmanager/mgrctl.py"),
    "panel.upload": _row("fields for files in forms", "поля для файлов в формах", "lib/omnidesk/billmanager/upload.py",
                         "lib/omnidesk/billmanager/upload.py"),
    "panel.forms": _row("the module's functions in the panel", "функции модуля в панели", *_PLUGIN),
    "panel.title": _row("title changed by a handler", "заголовок, изменённый обработчиком",
                        "lib/omnidesk/panel_ui/document.py", "lib/omnidesk/panel_ui/document.py"),
    "panel.registered": _row("event handler in the panel's log", "обработчик событий в журнале панели", *_PLUGIN),
    "panel.description": _row("plugin description in the panel's log", "описание плагина в журнале панели", *_PLUGIN),
    "panel.called": _row("functions called, by the panel's log", "вызванные функции по журналу панели", *_PLUGIN),
    # Omnidesk
    "desk.headers": _row("headers about the limit", "заголовки о лимите", "lib/omnidesk/helpdesk/client.py (_learn)",
                         "lib/omnidesk/helpdesk/client.py (_learn)"),
    "desk.clock": _row("clocks and offsets", "часы и смещения", listed=False),
    "desk.staff": _row("fields of employees", "поля сотрудников", listed=False),
    "desk.channels": _row("custom channels", "кастомные каналы", listed=False),
    "desk.webhook_address": _row("webhook's address in the channel", "адрес вебхука в канале",
                                 "lib/omnidesk/health/check_connection.py", "lib/omnidesk/health/check_connection.py"),
    "desk.fields": _row("kinds of custom fields", "виды кастомных полей", listed=False),
    "desk.order": _row("order of cases", "порядок обращений", *_CLIENT),
    "desk.empty_list": _row("shape of empty lists", "вид пустых списков", *_OBJECTS),
    "desk.bad_parameters": _row("wrong parameters", "неверные параметры", "sandbox/omnidesk/endpoint.py",
                                "sandbox/omnidesk/endpoint.py"),
    "desk.not_found": _row("what does not exist", "чего нет", *_CLIENT),
    "desk.case": _row("fields of a case", "поля обращения", *_OBJECTS),
    "desk.custom_values": _row("a case's custom fields", "кастомные поля обращения", *_OBJECTS),
    "desk.messages": _row("fields and kinds of messages", "поля и виды сообщений", *_OBJECTS),
    "desk.merged": _row("merged cases", "объединённые обращения", "lib/omnidesk/sync/merged_cases.py",
                        "lib/omnidesk/sync/merged_cases.py"),
    "desk.kinds": _row("types of messages", "типы сообщений", "Message.is_system in lib/omnidesk/helpdesk/models.py",
                       "Message.is_system в lib/omnidesk/helpdesk/models.py"),
    "desk.quotes": _row("originals quoted in replies", "цитаты исходных писем в ответах",
                        "OMNIDESK_ORIGINAL in lib/omnidesk/content/html_reader.py",
                        "OMNIDESK_ORIGINAL в lib/omnidesk/content/html_reader.py"),
    "desk.rating_block": _row("requests to rate in replies", "просьбы об оценке в ответах",
                              "_RATING in lib/omnidesk/content/cuts.py", "_RATING в lib/omnidesk/content/cuts.py"),
    "desk.filters": _row("filters", "фильтры", "sandbox/omnidesk/caselist.py", "sandbox/omnidesk/caselist.py"),
}  # fmt: skip
