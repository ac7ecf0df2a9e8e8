"""What a trial settles, step by step, and what each step does. Keys stand in the report and in docs/unverified.md."""

from __future__ import annotations

from omnidesk.core.phrase import Text
from omnidesk.probe.rows import Row


def _row(en: str, ru: str, cure_en: str, cure_ru: str) -> Row:
    return Row(Text(en, ru), Text(cure_en, cure_ru), True)


_PANEL = ("lib/omnidesk/billmanager/panel.py", "lib/omnidesk/billmanager/panel.py")
_UPLOAD = ("lib/omnidesk/billmanager/upload.py", "lib/omnidesk/billmanager/upload.py")
_CLIENT = ("lib/omnidesk/helpdesk/client.py", "lib/omnidesk/helpdesk/client.py")
_MEANING = ("lib/omnidesk/helpdesk/error_answers.py", "lib/omnidesk/helpdesk/error_answers.py")

ROWS: dict[str, Row] = {
    "trial.ticket": _row("create a ticket as the client", "создать запрос от имени клиента", *_PANEL),
    "trial.environment": _row("how texts reach the panel", "как тексты попадают в панель",
                              "lib/omnidesk/billmanager/mgrctl.py", "lib/omnidesk/billmanager/mgrctl.py"),
    "trial.case": _row("create a case and read it", "создать обращение и прочитать его", *_CLIENT),
    "trial.take": _row("take the ticket as the employee", "взять запрос от имени сотрудника", *_PANEL),
    "trial.page": _row("open the page in which the employee answers", "открыть страницу ответа сотрудника",
                       "lib/omnidesk/hooks/panel_event.py", "lib/omnidesk/hooks/panel_event.py"),
    "trial.private": _row("open the module's form with a test key, look into the panel's log",
                          "открыть форму модуля с тестовым ключом и заглянуть в журнал панели",
                          "the log's level in etc/debug.conf", "уровень журнала в etc/debug.conf"),
    "trial.answer": _row("answer in the ticket", "ответить в запросе", *_PANEL),
    "trial.correction": _row("change the answer in the ticket", "изменить ответ в запросе", *_PANEL),
    "trial.messages": _row("write in the case as staff and as the client", "написать в обращение от имени сотрудника"
                           " и клиента", *_CLIENT),
    "trial.note": _row("write a note in the ticket", "добавить заметку в запрос", *_PANEL),
    "trial.case_note": _row("write a note in the case", "добавить заметку в обращение", *_CLIENT),
    "trial.edits": _row("change and delete messages in the case", "изменить и удалить сообщения в обращении",
                        "lib/omnidesk/sync/edits.py", "lib/omnidesk/sync/edits.py"),
    "trial.note_file": _row("send a file with a note", "отправить файл с заметкой", *_UPLOAD),
    "trial.upload": _row("send a file to the ticket", "отправить файл в запрос", *_UPLOAD),
    "trial.file_name": _row("send a file with a long name", "отправить файл с длинным именем", *_UPLOAD),
    "trial.case_upload": _row("send a file to the case", "отправить файл в обращение", *_CLIENT),
    "trial.rating": _row("rate the answer in the ticket good and bad", "поставить ответу в запросе хорошую и плохую"
                         " оценки",
                         "the setting RatingColumn", "настройка RatingColumn"),
    "trial.case_rating": _row("rate the answer in the case", "оценить ответ в обращении", "the account's ratings",
                              "оценки в настройках аккаунта"),
    "trial.status": _row("set the case to waiting and to closed", "перевести обращение в ожидание и закрыть его",
                         "the account's required fields", "обязательные поля аккаунта"),
    "trial.history": _row("read the case's history", "прочитать историю обращения",
                          "_ended_by_staff in lib/omnidesk/sync/status_merge.py",
                          "_ended_by_staff в lib/omnidesk/sync/status_merge.py"),
    "trial.ending": _row("end an assignment in both ways", "завершить назначение двумя способами", *_PANEL),
    "trial.reopen": _row("hand the ended ticket to the employee", "передать завершённый запрос сотруднику", *_PANEL),
    "trial.archive": _row("archive the ticket as the client", "отправить запрос в архив от имени клиента",
                          "ARCHIVED in lib/omnidesk/billmanager/models.py",
                          "ARCHIVED в lib/omnidesk/billmanager/models.py"),
    "trial.lines": _row("see whom the panel's own lines are taken for", "проверить, чьими считаются строки панели",
                        "lib/omnidesk/billmanager/authors.py", "lib/omnidesk/billmanager/authors.py"),
    "trial.archived": _row("write in the archived ticket as the client", "написать в архивный запрос от имени клиента",
                           *_PANEL),
    "trial.events": _row("see which events have come", "проверить, какие события пришли",
                         "etc/xml/billmgr_mod_omnidesk.xml", "etc/xml/billmgr_mod_omnidesk.xml"),
    "trial.spam": _row("mark the case as spam, unblock the client", "отметить обращение как спам, разблокировать"
                       " клиента", "lib/omnidesk/sync/spam.py", "lib/omnidesk/sync/spam.py"),
    "trial.trash": _row("move the case to the trash", "переместить обращение в корзину", *_CLIENT),
    "trial.deleted": _row("delete the case and ask for it", "удалить обращение и запросить его", *_MEANING),
    "trial.removal": _row("delete the ticket", "удалить запрос", "archived tickets of trials stay",
                          "архивные запросы испытаний остаются"),
}  # fmt: skip
