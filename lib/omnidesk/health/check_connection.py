"""``check_connection``: everything that must be right for the synchronisation, each finding with its fix."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, urlsplit

from omnidesk.billmanager import samples
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured
from omnidesk.core.paths import private_folder
from omnidesk.core.settings import Secret, Settings
from omnidesk.custom_fields import catalogue
from omnidesk.custom_fields.catalogue import Entity
from omnidesk.health import check_account, check_employees, timer
from omnidesk.store import schema
from omnidesk.wording.answer import Answer
from omnidesk.wording.findings import Finding, of_failure, ok
from omnidesk.worker.scan import baseline

log = logging.getLogger("check")
MARKS = {"ok": "✓", "info": "·", "warning": "!", "error": "✗"}


def check(context: Context) -> list[Finding]:
    """All findings; a part that cannot be looked at because an earlier one failed is left out."""
    context.gate.unblock()  # the administrator may have fixed the cause
    found: list[Finding] = [*_files(context)]
    database = _part(found, "database", _database, context)
    panel = _part(found, "panel", _panel, context)
    if database:
        employees = _part(found, "employee", check_employees.speakers, context)
        if panel and employees:
            _part(found, "rights", check_employees.rights, context)
        if _part(found, "omnidesk", _account, context):
            if panel:
                _part(found, "staff", check_employees.counterparts, context)
            _part(found, "account", check_account.hints, context)
            _part(found, "fields", _fields, context)
    return found


def try_out(context: Context) -> list[Finding]:
    """Whether settings that are not saved yet would work: people, account, rights, channel and its webhook."""
    found: list[Finding] = []
    if _part(found, "employee", check_employees.speakers, context):
        _part(found, "rights", check_employees.rights, context)
    if _part(found, "omnidesk", _account, context):
        _part(found, "rights", _rights, context)
    return found


def _part(found: list[Finding], topic: str, look: Callable[[Context], Iterator[Finding]], context: Context) -> bool:
    try:
        for finding in look(context):
            found.append(finding)
    except Failure as failure:
        found.append(of_failure(topic, failure))
        return False
    return True


def answer(findings: list[Finding], language: str) -> Answer:
    """The findings as a command's answer; failed when there is an error among them."""
    result = Answer()
    for one in findings:
        text, cure = one.text(language)
        result.say(f"{MARKS[one.level]} {one.topic}: {text}" + (f"\n    → {cure}" if cure else ""))
        result.element("finding", f"{text} {cure}".strip(), level=one.level, topic=one.topic)
    errors = sum(one.level == "error" for one in findings)
    if errors:
        result.failed = Misconfigured("check_failed", value=str(errors))
    return result


def _files(context: Context) -> Iterator[Finding]:
    paths = context.paths
    mode = os.stat(paths.settings).st_mode & 0o777
    if mode & 0o077:
        yield Finding(
            "warning", "settings", f"{paths.settings} can be read by others (mode {mode:o}).",
            f"{paths.settings} могут читать другие (права {mode:o}).", f"chmod 600 {paths.settings}",
            f"chmod 600 {paths.settings}",
        )  # fmt: skip
    else:
        yield ok("settings", "The settings are complete.", "Настройки заполнены.")
    if not context.settings.sync:
        yield Finding(
            "info", "sync", "Synchronisation is switched off.", "Синхронизация выключена.",
            "Switch it on in the settings (Sync on) when everything is ready.",
            "Включите её в настройках (Sync on), когда всё будет готово.", "Sync",
        )  # fmt: skip
    try:
        for folder in (paths.etc, paths.spool, paths.downloads):
            private_folder(folder)
        probe = os.path.join(paths.var, ".check")
        with open(probe, "w", encoding="utf-8") as file:
            file.write("x")
        os.unlink(probe)
    except OSError as error:
        yield of_failure("disk", Failure("disk", error.filename or paths.var, error.strerror or type(error).__name__))
    yield from timer.look(paths)


def _ratings(context: Context) -> Finding:
    """From where ratings are known: the events always bring them."""
    column, setting = context.rating_column, context.settings.rating_column
    if column.name:
        means = ", ".join(f"{text} = {rating}" for text, rating in column.means().items())
        shown = f" ({means})" if means else ""
        return ok(
            "rating", f"Ratings come with events, and are read from ticket_message.{column.name}{shown}.",
            f"Оценки приходят с событиями и читаются из ticket_message.{column.name}{shown}.",
        )  # fmt: skip
    if setting and setting.lower() != "off":
        return Finding(
            "error", "rating", f"ticket_message has no column {setting}. Ratings come with events only.",
            f"В ticket_message нет столбца {setting}. Оценки приходят только с событиями.",
            "Correct the setting RatingColumn.", "Исправьте настройку RatingColumn.", "RatingColumn",
        )  # fmt: skip
    if column.rejected:
        names = ", ".join(column.rejected)
        return Finding(
            "info", "rating", f"Ratings come with events only. The values of {names} do not look like ratings.",
            f"Оценки приходят только с событиями. Значения в {names} не похожи на оценки клиентов.",
            "If clients' ratings are there, name the column in RatingColumn.",
            "Если оценки клиентов там, укажите столбец в RatingColumn.",
        )  # fmt: skip
    return ok("rating", "Ratings come with events; no column with ratings is read.",
              "Оценки приходят с событиями; столбец с оценками не читается.")  # fmt: skip


def _database(context: Context) -> Iterator[Finding]:
    foreign = schema.foreign_tables(context.db)
    if foreign:
        raise Misconfigured("foreign_tables", ", ".join(sorted(foreign)))
    context.prepare()
    baseline(context)
    yield ok("database", f"Connected to {context.address.name}; the module's tables are up to date.",
             f"Подключение к {context.address.name} есть; таблицы модуля в порядке.")  # fmt: skip
    if not context.reader.four_bytes:
        yield Finding("info", "database", "Texts are stored in 3-byte utf8: emoji are written as their names.",
                      "Тексты хранятся в 3-байтовой utf8: эмодзи записываются названиями.")  # fmt: skip
    yield _ratings(context)
    if context.departments == {-1}:
        yield Finding(
            "error", "departments", "None of the departments named in Departments exists.",
            "Ни один из отделов, указанных в Departments, не существует.",
            "Fix the setting: names or numbers, separated by commas.",
            "Исправьте настройку: имена или номера через запятую.", "Departments",
        )  # fmt: skip


def _panel(context: Context) -> Iterator[Finding]:
    context.panel.who()
    yield ok("panel", "The panel answers.", "Панель отвечает.")


def _account(context: Context) -> Iterator[Finding]:
    context.account.refresh()
    settings = context.settings
    yield ok(
        "omnidesk", f"{settings.url} accepts the key and the employee.", f"{settings.url} принимает ключ и сотрудника."
    )
    if context.account.staff_by_email(settings.email) is None:
        yield of_failure("staff", Failure("no_staff", settings.email))
    channel = next((one for one in context.account.channels() if one.key == settings.channel), None)
    if channel is None or not channel.active:
        names = ", ".join(f"{one.key} ({one.title})" for one in context.account.channels() if one.active) or "—"
        yield Finding(
            "error", "channel", f"The account has no active custom channel {settings.channel}; it has: {names}.",
            f"В аккаунте нет активного кастомного канала {settings.channel}; есть: {names}.",
            "Set OmnideskChannel to one of them, or add a channel in Omnidesk.",
            "Укажите один из них в OmnideskChannel или добавьте канал в Омнидеске.", "OmnideskChannel",
        )  # fmt: skip
        return
    yield ok("channel", f"{channel.key} is «{channel.title}».", f"{channel.key} — «{channel.title}».")
    if channel.type.lower() in ("sync", "chat", "live_chat"):
        yield Finding(
            "warning", "channel", "The channel is a chat channel.", "Это канал-чат.",
            "Create an asynchronous channel: tickets are not chats.",
            "Создайте асинхронный канал: запросы — не чаты.", "OmnideskChannel",
        )  # fmt: skip
    yield from _webhook(context, channel.webhook_url)


def _webhook(context: Context, url: str) -> Iterator[Finding]:
    """Whether the channel calls our webhook: the address and the bare secret; the secret is never shown."""
    settings = context.settings
    new, old = secret_in_use(url, settings.secret), secret_in_use(url, settings.secret_old)
    wrong = _wrong_webhook(settings, url, new or old)
    if wrong is not None:
        where = settings.public_url or "https://PANEL"
        yield Finding(
            "error", "webhook", f"The channel's webhook is wrong: {wrong[0]}.",
            f"Вебхук канала настроен неверно: {wrong[1]}.",
            f"In Omnidesk's channel set {where}/mancgi/omnidesk_webhook?SECRET with OmnideskSecret for SECRET.",
            f"В канале Омнидеска укажите {where.replace('PANEL', 'ПАНЕЛЬ')}/mancgi/omnidesk_webhook?КЛЮЧ,"
            " где КЛЮЧ — OmnideskSecret.", "OmnideskSecret",
        )  # fmt: skip
    elif new:
        yield ok("webhook", "The channel's webhook points to this module and has the right secret.",
                 "Вебхук канала указывает на этот модуль, ключ верный.")  # fmt: skip
    else:
        yield Finding(
            "warning", "webhook", "The channel's webhook still has the old secret, which is accepted for now.",
            "В вебхуке канала ещё старый ключ; пока он тоже принимается.",
            "Set the new one in the channel's webhook address.", "Впишите новый ключ в адрес вебхука канала.",
            "OmnideskSecret",
        )  # fmt: skip


def secret_in_use(url: str, secret: Secret) -> bool:
    """Whether a webhook's address carries this secret, as its bare query."""
    return bool(secret) and hmac.compare_digest(_split(url).query.encode(), secret.reveal().encode())


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # Omnidesk takes anything for an address
        return urlsplit("")


def _wrong_webhook(settings: Settings, url: str, known: bool) -> tuple[str, str] | None:
    """What is wrong with a webhook's address, in both languages. The host counts when ours is known."""
    parts = _split(url)
    if not parts.path.rstrip("/").endswith("/mancgi/omnidesk_webhook"):
        return "it points elsewhere or is empty", "он указывает на другой адрес или пуст"
    if settings.public_url and _place(f"{parts.scheme}://{parts.netloc}") != _place(settings.public_url):
        return f"it points to {parts.scheme}://{parts.hostname}", f"он указывает на {parts.scheme}://{parts.hostname}"
    if not known:
        return "the secret differs", "ключ не совпадает"
    return None


def _place(address: str) -> str:
    """Scheme, host and port, in one way of writing."""
    return address.lower().removesuffix(":443" if address.lower().startswith("https:") else ":80")


def _rights(context: Context) -> Iterator[Finding]:
    """Omnidesk says nothing of rights; that the channel's cases may be read is what can be seen without writing."""
    context.client.changed_cases(context.settings.channel, context.clock())
    yield ok("rights", "The employee may read the channel's cases.", "Сотруднику видны обращения канала.")


def _samples(context: Context) -> dict[Entity, int]:
    """The newest ticket and client: what their values look like is checked too."""
    newest: dict[Entity, int] = {"case": samples.newest_ticket(context.db), "user": samples.newest_client(context.db)}
    return {entity: id for entity, id in newest.items() if id}


def _fields(context: Context) -> Iterator[Finding]:
    links = context.field_links.current()
    if context.field_links.problem is not None:
        yield of_failure("fields", context.field_links.problem)
    known = catalogue.load(context.paths.catalogue).values
    problems = context.fields.check(context.account.fields(), _samples(context))
    linked = {link.value for link in links}
    for one in problems:
        if one.severity == "warning" and one.key in known and one.key not in linked:
            continue  # an entry of the catalogue that nobody uses
        yield Finding(one.severity, f"field {one.key}", one.problem_en, one.problem_ru, one.cure_en, one.cure_ru)
    if links and not any(one.severity == "error" for one in problems):
        yield ok("fields", f"{len(links)} custom fields are filled.", f"Заполняется кастомных полей: {len(links)}.")
